/* SPDX-License-Identifier: MIT */
/*
 * English, and the pattern for the other languages: what a refusal means in a few words, which begin small and have no
 * full stop; what it means in a sentence; and in another one what can be done. No placeholders. "The server" is the
 * recipient's; "this computer" is where Traypost runs.
 */

/* clang-format off */

TRANSLATION(PORT_25_BLOCKED, "port 25 is blocked",
    "The internet connection of this computer does not let mail out (port 25 is blocked).",
    "Ask the internet provider to open port 25, or send through the mail provider's own server.")
TRANSLATION(HOME_ADDRESS, "the server takes no mail from home connections",
    "The server takes no mail directly from connections like this one (home, mobile or changing addresses).",
    "Send through the mail provider's own server; nothing is wrong with the mail.")
TRANSLATION(IPV6_POLICY, "the server does not take this mail over IPv6",
    "The server does not take this mail over IPv6 from this computer.",
    "Send over IPv4, or have the internet provider set a name (PTR record) for the IPv6 address.")
TRANSLATION(NO_PTR, "this computer's address has no name (PTR)",
    "The internet address of this computer has no proper name in the DNS (PTR record), and the server insists on one.",
    "Ask the internet provider to set the PTR record, and let that name lead back to the same address.")
TRANSLATION(BAD_HELO, "the server does not accept this computer's name",
    "The server does not accept the name by which this computer introduces itself.",
    "Set the option hostname to the full name that the public address of this computer has in the DNS.")
TRANSLATION(BLOCK_LIST, "this computer's address is on a block list",
    "The internet address of this computer is on a block list that the server uses.",
    "See why on the page of the list named in the reply and ask there to be removed, or send through the mail provider's own server.")
TRANSLATION(BLOCK_LIST_BROKEN, "the server misreads a block list",
    "The server asked a block list in a way which that list does not answer, and took this for a listing.",
    "The mistake is there and not here: tell the server's administrator in some other way.")
TRANSLATION(MICROSOFT_BLOCK, "blocked by Microsoft",
    "Microsoft has blocked the internet address of this computer, or the network it belongs to.",
    "Ask Microsoft to lift the block (sender.office.com, or the Outlook.com sender support), or send through the mail provider's own server.")
TRANSLATION(MICROSOFT_TRAFFIC, "Microsoft takes no mail from this address",
    "Microsoft takes no mail from this internet address, or from this part of the network.",
    "Send through the mail provider's own server; an administrator can ask Microsoft's support.")
TRANSLATION(TELEKOM, "T-Online does not know this computer",
    "T-Online takes mail only from addresses that it knows, and it does not know this computer, or thinks badly of it.",
    "Write to the postmaster address in the reply and ask to be let in, or send through the mail provider's own server.")
TRANSLATION(REPUTATION, "this computer's address has no good name",
    "The server has a bad opinion, or none yet, of the internet address of this computer.",
    "Find out whether some program here or a neighbour on the network sends spam; until that is settled, send through the mail provider's own server.")
TRANSLATION(THROTTLED, "too much mail from here",
    "The server finds that too much mail, or too much unwanted mail, comes from here.",
    "Send less and more slowly, and try again in some hours.")
TRANSLATION(TOO_MANY_CONNECTIONS, "the server has too many connections",
    "The server has too many connections just now.",
    "Try again in a few minutes.")

TRANSLATION(SPF, "the sender's domain does not allow it (SPF)",
    "The sender's domain does not allow this computer to send its mail (SPF).",
    "Send through the server of the sender's own mail provider, or add this computer's address to the domain's SPF record.")
TRANSLATION(DKIM, "no valid DKIM signature",
    "The server wants a valid DKIM signature of the sender's domain, and this mail has none.",
    "Send through the server of the sender's own mail provider, which signs the mail.")
TRANSLATION(DMARC, "not proved to be the sender's domain (DMARC)",
    "The sender's domain asks all servers to refuse mail that is not proved to be its own (DMARC).",
    "Send through the server of the sender's own mail provider; addresses of Gmail, Yahoo and the like cannot be used from here.")
TRANSLATION(UNAUTHENTICATED, "no proof of the sender's domain (SPF, DKIM)",
    "The server wants proof, by SPF or DKIM, that the mail really comes from the sender's domain.",
    "Send through the server of the sender's own mail provider, or add this computer's address to the domain's SPF record.")
TRANSLATION(MICROSOFT_AUTHENTICATION, "the sender's domain lacks SPF, DKIM or DMARC",
    "Microsoft finds that the sender's domain lacks valid SPF, DKIM and DMARC.",
    "The domain's administrator has to set up all three, or the mail has to go through the sender's own mail provider.")
TRANSLATION(DIRECT_SEND, "Direct Send is not allowed there",
    "The organisation uses Microsoft 365, and does not take mail that bears its own domain as sender from outside (Direct Send).",
    "Its administrator has to allow this computer's address by a connector, or mail has to be sent after a login.")
TRANSLATION(SPOOFING, "the sender address is taken for forged",
    "The server takes the sender address for forged.",
    "Use a sender address that may send from here, or ask the administrator there to allow it.")
TRANSLATION(SENDER_DOMAIN, "the sender's domain is not found",
    "The server cannot find the domain of the sender address, or a mail server for it.",
    "Correct the sender address in the program that sends; it must be one that can be answered.")
TRANSLATION(SENDER_DOMAIN_LISTED, "the sender's domain has a bad name",
    "A domain this mail shows as the sender's is on a block list, or has a bad name with the server.",
    "The domain's owner can ask the list named in the reply to remove it.")
TRANSLATION(SENDER_NOT_VERIFIED, "the sender address was not confirmed",
    "The server asked the sender's own mail server, which did not confirm the sender address.",
    "Correct the sender address in the program that sends; it must be able to receive mail.")
TRANSLATION(SENDER_BLOCKED, "the recipient blocks this sender",
    "The recipient, or the recipient's organisation, has blocked this sender.",
    "Ask the recipient in some other way to allow the sender address.")

TRANSLATION(NO_SUCH_USER, "no such mailbox",
    "There is no such mailbox.",
    "Check the address for typing errors, and ask the recipient whether it is still in use.")
TRANSLATION(MAILBOX_UNAVAILABLE, "no mail is taken for this address",
    "The server takes no mail for this address, and does not say why.",
    "Check the address for typing errors, or reach the recipient in some other way.")
TRANSLATION(MAILBOX_DISABLED, "the mailbox is closed",
    "The mailbox is closed or no longer used.",
    "Reach the recipient in some other way and ask for the present address.")
TRANSLATION(MAILBOX_FULL, "the mailbox is full",
    "The recipient's mailbox is full.",
    "Tell the recipient in some other way to make room, then send again.")
TRANSLATION(RECIPIENT_BUSY, "the recipient gets too much mail just now",
    "The recipient is getting more mail just now than the server allows.",
    "Try again in an hour.")
TRANSLATION(RECIPIENT_MOVED, "the recipient has another address now",
    "The recipient has another address now.",
    "Send to the new address if the reply names one, or ask the recipient for it.")
TRANSLATION(RECIPIENT_SYNTAX, "the address is not written correctly",
    "The server says that the recipient's address is not written correctly.",
    "Look for blanks, commas or other mistakes in the address.")
TRANSLATION(INSIDERS_ONLY, "only certain senders may write there",
    "This address takes mail only from certain senders, for example from within its organisation.",
    "Ask somebody there to pass the mail on or to allow the sender.")
TRANSLATION(TOO_MANY_RECIPIENTS, "too many recipients",
    "The mail has more recipients than the server takes at one time.",
    "Send it to fewer people at a time.")
TRANSLATION(RELAY_DENIED, "the server is not in charge of this domain",
    "The server says that it is not in charge of mail for this domain.",
    "Check what follows the @; if it is right, the recipient's domain is set up wrongly, and its administrator should know.")
TRANSLATION(LOGIN_REQUIRED, "the server wants a login",
    "The server takes mail only after a login.",
    "The recipient's domain names a server that is not meant for mail from outside; its administrator should know.")
TRANSLATION(TLS_REQUIRED, "the server wants encryption",
    "The server takes mail only over an encrypted connection.",
    "See in the log whether encryption failed; security software that looks into the connection may be in the way.")

TRANSLATION(TOO_BIG, "the mail is too large",
    "The mail is larger than the server takes.",
    "Send smaller attachments, or a link in their place.")
TRANSLATION(ATTACHMENT, "an attachment is not allowed",
    "The server does not take an attachment of this mail.",
    "Send it in another form, or as a link; programs and archives with programs are seldom allowed.")
TRANSLATION(VIRUS, "a virus, the server says",
    "The server says that the mail contains a virus.",
    "Do not send it again; check this computer and the attachments with a virus scanner.")
TRANSLATION(SPAM, "taken for spam",
    "The server takes the mail for spam.",
    "Send it with another wording and fewer links, or ask the recipient in some other way to expect it.")
TRANSLATION(SPAM_LINK, "a link is known for spam",
    "A link in the mail leads to a site that is known for spam.",
    "Take the links out and send again.")
TRANSLATION(BAD_FROM, "the From line is not accepted",
    "The mail has no From line, or one that the server does not accept.",
    "Correct the sender's name and address in the program that sends.")
TRANSLATION(BAD_FORM, "the mail is not made as it should be",
    "The mail is not made as the standards for mail demand.",
    "The program that made the mail has to be corrected or updated.")
TRANSLATION(LOOP, "the mail is going in circles",
    "The mail is going in circles between servers.",
    "Look for a forwarding that leads back to itself; the administrator of the recipient's domain can find it.")
TRANSLATION(POLICY, "against a rule of the server",
    "A rule of the recipient's server forbids this mail; which one, it does not say.",
    "Ask the recipient's administrator, and quote the server's words.")

TRANSLATION(GREYLISTED, "turned away for some minutes (greylisting)",
    "The server turns first-time senders away for some minutes (greylisting).",
    "Send the same mail again in five to fifteen minutes.")
TRANSLATION(ADDRESS_CHECK, "the address is being checked",
    "The server is still finding out whether this address exists.",
    "Send again in a few minutes.")
TRANSLATION(SERVER_FULL, "the server has no room left",
    "The recipient's server has no room left.",
    "Try again later; if that lasts, tell the recipient in some other way.")
TRANSLATION(TOO_SLOW, "the server did not want to wait",
    "The server did not want to wait any longer for the rest of the mail.",
    "Try again; if it happens often, the internet connection is slow or disturbed.")
TRANSLATION(TRY_LATER, "the server asks to try later",
    "The recipient's server is busy or in trouble, and asks for another try.",
    "Send again later.")
