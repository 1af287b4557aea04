/* SPDX-License-Identifier: MIT */
/*
 * Refusals as real servers word them, each with what it means and where the wording is from; refusals that say too little
 * to be recognised. Replies go the whole way: wire, reply reader, outcome, rule.
 */

#include "../../src/core/refusal_rules.h"
#include "feed.h"
#include "smtp/reply.h"

/* clang-format off */

struct row {
    const char *reply; /* as on the wire, lines ended by \n alone */
    enum refusal expected;
    const char *why;
};

static const struct row refusals[] = {
/* ---- Google ---- */
{"550-5.7.1 [2a02:8109:8940:9de0::e76c] Our system has detected that this message does\n550-5.7.1 not meet IPv6 sending guidelines regarding PTR records and\n550-5.7.1 authentication. Please review\n550-5.7.1  https://support.google.com/mail/?p=IPv6AuthError for more information\n550 5.7.1 . b10si351447edj.250 - gsmtp", REFUSAL_IPV6_POLICY, "Gmail over IPv6: the name PTR in it must not make it the rule for PTR"},
{"550-5.7.25 [192.0.2.7] The IP address sending this message does not have a PTR record setup, or the\n550-5.7.25 corresponding forward DNS entry does not point to the sending IP. As a policy, Gmail does not accept messages\n550 5.7.25 from IPs with missing PTR records. s12si10692358edy.381 - gsmtp", REFUSAL_NO_PTR, "Gmail"},
{"550-5.7.1 [47.98.50.1] The IP you're using to send mail is not authorized to\n550-5.7.1 send email directly to our servers. Please use the SMTP relay at your\n550-5.7.1 service provider instead. Learn more at\n550 5.7.1  https://support.google.com/mail/?p=NotAuthorizedError q26si1.261 - gsmtp", REFUSAL_HOME_ADDRESS, "Gmail to a dialup line, broken where Gmail breaks it"},
{"550-5.7.26 This mail has been blocked because the sender is unauthenticated.\n550-5.7.26 Gmail requires all senders to authenticate with either SPF or DKIM.\n550 5.7.26 Authentication results: DKIM = did not pass SPF [example.com] with ip: [192.0.2.7] = did not pass - gsmtp", REFUSAL_UNAUTHENTICATED, "Gmail since 2024"},
{"550-5.7.26 Unauthenticated email from gmail.com is not accepted due to domain's\n550-5.7.26 DMARC policy. Please contact the administrator of gmail.com domain if this\n550 5.7.26 was a legitimate mail. - gsmtp", REFUSAL_DMARC, "Gmail, a From of gmail.com from elsewhere"},
{"550-5.7.26 The MAIL FROM domain [example.com] has an SPF record with a hard fail\n550 5.7.26 policy (-all) but it fails to pass SPF checks with the ip: [192.0.2.7]. - gsmtp", REFUSAL_SPF, "Gmail: one code, three meanings; the words decide"},
{"550-5.7.1 This message does not have authentication information or fails to pass\n550 5.7.1 authentication checks. To best protect our users from spam, the message has been blocked. - gsmtp", REFUSAL_UNAUTHENTICATED, "Gmail before 5.7.26; \"spam\" in it is not the reason"},
{"421-4.7.26 This mail has been rate limited because it is unauthenticated. Gmail requires\n421 4.7.26 all senders to authenticate with either SPF or DKIM. - gsmtp", REFUSAL_UNAUTHENTICATED, "rate limited, but this is why"},
{"421 4.7.32 This mail has been rate limited because there is no DMARC alignment", REFUSAL_DMARC, "Gmail"},
{"550 5.7.30 This mail has been blocked because DKIM does not pass. Gmail requires all large senders to authenticate with DKIM.", REFUSAL_DKIM, "Gmail"},
{"421-4.7.28 [192.0.2.7 15] Our system has detected an unusual rate of unsolicited mail\n421-4.7.28 originating from your IP address. To protect our users from spam, mail sent\n421 4.7.28 from your IP address has been temporarily rate limited. - gsmtp", REFUSAL_THROTTLED, "Gmail"},
{"550-5.7.1 [193.95.241.239      12] Our system has detected that this message is\n550-5.7.1 likely unsolicited mail. To reduce the amount of spam sent to Gmail,\n550 5.7.1 this message has been blocked. r11si2166wmb.87 - gsmtp", REFUSAL_SPAM, "Gmail"},
{"550-5.7.1 [192.0.2.7] Our system has detected that this message is likely suspicious due to the very\n550 5.7.1 low reputation of the sending domain. To best protect our users from spam, the message has been blocked.", REFUSAL_SENDER_DOMAIN_LISTED, "Gmail: the domain"},
{"421-4.7.0 This message is suspicious due to the very low reputation of the sending IP\n421 4.7.0 address. To protect our users from spam, mail sent from your IP address has been temporarily rate limited.", REFUSAL_REPUTATION, "Gmail: the reason, not what follows from it"},
{"550-5.7.1 [192.0.2.7] Our system has detected that this message is likely suspicious due to the very\n550 5.7.1 low reputation of the sending IP address. To best protect our users from spam, the message has been blocked.", REFUSAL_REPUTATION, "Gmail: the address"},
{"421 4.7.0 [192.0.2.7] Our system has detected that this message is suspicious due to the nature of the content and/or the links within. To best protect our users from spam, the message has been blocked.", REFUSAL_SPAM, "Gmail: content or links, which of them it does not know itself"},
{"550-5.1.1 The email account that you tried to reach does not exist. Please try\n550-5.1.1 double-checking the recipient's email address for typos or\n550 5.1.1 unnecessary spaces. Learn more at https://support.google.com/mail/?p=NoSuchUser - gsmtp", REFUSAL_NO_SUCH_USER, "Gmail"},
{"550-5.2.1 The email account that you tried to reach is disabled. Learn more at\n550 5.2.1  https://support.google.com/mail/?p=DisabledUser - gsmtp", REFUSAL_MAILBOX_DISABLED, "Gmail"},
{"452-4.2.2 The email account that you tried to reach is over quota. Please direct\n452 4.2.2 the recipient to https://support.google.com/mail/?p=OverQuotaTemp - gsmtp", REFUSAL_MAILBOX_FULL, "Gmail"},
{"452 4.2.2 The recipient's inbox is out of storage space. Please direct the recipient to https://support.google.com/mail/?p=OverQuotaTemp - gsmtp", REFUSAL_MAILBOX_FULL, "Gmail, newer"},
{"450-4.2.1 The user you are trying to contact is receiving mail at a rate that\n450 4.2.1 prevents additional messages from being delivered. Please resend your message at a later time. - gsmtp", REFUSAL_RECIPIENT_BUSY, "Gmail"},
{"552-5.3.4 Your message exceeded Google's message size limits. To view our message size guidelines, go to\n552 5.3.4  https://support.google.com/mail/?p=MaxSizeError - gsmtp", REFUSAL_TOO_BIG, "Gmail"},
{"552-5.7.0 This message was blocked because its content presents a potential\n552 5.7.0 security issue. Please visit https://support.google.com/mail/?p=BlockedMessage - gsmtp", REFUSAL_ATTACHMENT, "Gmail"},
{"552 5.3.4 The number of attachments (600) exceeds Google's limit of 500 attachments. - gsmtp", REFUSAL_ATTACHMENT, "not too big: too many"},
{"552 5.3.4 Your message exceeded Google's message header size limits. - gsmtp", REFUSAL_BAD_FORM, "not the mail is too big but its header"},
{"550-5.7.1 [192.0.2.7      14] Messages missing a valid address in From: header, or\n550 5.7.1 having no From: header, are not accepted. - gsmtp", REFUSAL_BAD_FROM, "Gmail"},
{"550-5.7.1 [192.0.2.7      11] Our system has detected that this message is not RFC 5322 compliant. To reduce\n550 5.7.1 the amount of spam sent to Gmail, this message has been blocked. - gsmtp", REFUSAL_BAD_FORM, "Gmail"},
{"421 4.7.0 TLS required for RCPT domain, closing connection. - gsmtp", REFUSAL_TLS_REQUIRED, "Gmail"},
{"554 5.4.6 Message exceeded 50 hops, this may indicate a mail loop. - gsmtp", REFUSAL_LOOP, "Gmail"},
{"553 5.1.2 The recipient address <example@example.com> is not a valid RFC-5321 address. - gsmtp", REFUSAL_RECIPIENT_SYNTAX, "Gmail"},
{"451 4.3.0 Mail server temporarily rejected message. - gsmtp", REFUSAL_TRY_LATER, "Gmail"},
{"421 4.7.29 Your email has been rate limited because you're not using a TLS connection. Gmail requires all bulk email senders to use TLS/SSL for SMTP connections.", REFUSAL_TLS_REQUIRED, "Gmail: rate limited, but this is why"},
{"421 4.7.27 Your email has been rate limited because SPF authentication didn't pass for this message.", REFUSAL_SPF, "Gmail, the same"},
{"451 4.7.24 The SPF record of the sending domain has one or more suspicious entries. To protect our users from spam, mail sent from your IP address has been temporarily rate limited.", REFUSAL_SPF, "Gmail, the same"},
{"550 5.7.1 The user or domain that you are sending to (or from) has a policy that prohibited the mail that you sent.", REFUSAL_POLICY, "Google Workspace"},
{"421 4.7.0 IP not in whitelist for RCPT domain, closing connection. - gsmtp", REFUSAL_POLICY, "Google Workspace"},

/* ---- Microsoft ---- */
{"550 5.7.1 Unfortunately, messages from [11.22.33.44] weren't sent. Please contact your Internet service provider since part of their network is on our block list (S3140). You can also refer your provider to http://mail.live.com/mail/troubleshooting.aspx#errors. [DM6NAM12FT056.eop-nam12.prod.protection.outlook.com]", REFUSAL_MICROSOFT_BLOCK, "Outlook.com"},
{"550 SC-001 (BAY004-MC4F49) Unfortunately, messages from 192.0.2.7 weren't sent. Please contact your Internet service provider since part of their network is on our block list.", REFUSAL_MICROSOFT_BLOCK, "Hotmail of old"},
{"550 5.7.606 Access denied, banned sending IP [185.234.72.45]. To request removal from this list please visit https://sender.office.com/ and follow the directions. For more information please go to http://go.microsoft.com/fwlink/?LinkID=526655 AS(1430)", REFUSAL_MICROSOFT_BLOCK, "Exchange Online"},
{"550 5.7.511 Access denied, banned sender[192.0.2.7]. To request removal from this list please forward this message to delist@messaging.microsoft.com.", REFUSAL_MICROSOFT_BLOCK, "Exchange Online"},
{"550 5.7.708 Service unavailable. Access denied, traffic not accepted from this IP. For more information please go to http://go.microsoft.com/fwlink/?LinkId=526653.", REFUSAL_MICROSOFT_TRAFFIC, "Exchange Online"},
{"550 5.7.515 Access denied, sending domain example.com does not meet the required authentication level.", REFUSAL_MICROSOFT_AUTHENTICATION, "Outlook.com since May 2025"},
{"550 5.7.515 Access denied, sending domain [example.com] doesn't meet the required authentication level. Spf=Pass, Dkim=Fail, DMARC=Pass", REFUSAL_MICROSOFT_AUTHENTICATION, "with its findings"},
{"550 5.7.509 Access denied, sending domain example.com does not pass DMARC verification and has a DMARC policy of reject.", REFUSAL_DMARC, "Exchange Online"},
{"550 5.7.68 TenantInboundAttribution; Direct Send not allowed for this organization from unauthorized sources", REFUSAL_DIRECT_SEND, "Exchange Online, devices that send as the tenant's own domain"},
{"550 5.7.64 TenantAttribution; Relay Access Denied SMTP", REFUSAL_RELAY_DENIED, "Exchange Online"},
{"550 5.7.25 Access denied, the sending IPv6 address [2001:db8::7] must have a reverse DNS record", REFUSAL_IPV6_POLICY, "Exchange Online: the code of PTR, but IPv4 would help"},
{"550 5.7.510 Access denied, contoso.com does not accept email over IPv6", REFUSAL_IPV6_POLICY, "Exchange Online"},
{"450 4.7.26 Service does not accept messages sent over IPv6 [2001:db8::7] unless they pass either SPF or DKIM validation (message not signed)", REFUSAL_IPV6_POLICY, "Exchange Online: SPF or DKIM would do, and so would IPv4"},
{"550 5.4.1 [trinik.lemon@dhs.ga.gov]: Recipient address rejected: Access denied [CY1GCC01FT007.eop-gcc01.prod.protection.outlook.com]", REFUSAL_NO_SUCH_USER, "Exchange Online's way of saying it (directory based edge blocking)"},
{"550 5.4.1 All recipient addresses rejected : Access denied [BN1NAM02FT011.eop-nam02.prod.protection.outlook.com]", REFUSAL_NO_SUCH_USER, "the same for several"},
{"550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient not found by SMTP address lookup", REFUSAL_NO_SUCH_USER, "Exchange"},
{"550 5.7.133 RESOLVER.RST.SenderNotAuthenticatedForGroup; authentication required; Delivery restriction check failed because the sender was not authenticated when sending to this group", REFUSAL_INSIDERS_ONLY, "Exchange: a group for insiders, not a server that wants a login"},
{"550 5.7.1 RESOLVER.RST.AuthRequired; authentication required", REFUSAL_INSIDERS_ONLY, "Exchange"},
{"550 5.7.513 Service unavailable, Client host [192.0.2.7] blocked by contoso.com using Customer Block list (AS16012607)", REFUSAL_SENDER_BLOCKED, "Exchange Online: blocked by the recipient, not on a public list"},
{"554 5.2.121 The sender has exceeded the limit for the number of messages they can send to this recipient per hour.", REFUSAL_THROTTLED, "Exchange Online"},
{"554 5.2.122 The recipient has exceeded their limit for the number of messages they can receive per hour.", REFUSAL_RECIPIENT_BUSY, "Exchange Online"},
{"451 4.7.650 The mail server [192.0.2.7] has been temporarily rate limited due to IP reputation. For e-mail delivery information, see https://postmaster.live.com (S843)", REFUSAL_THROTTLED, "Outlook.com"},
{"451 4.7.500 Server busy. Please try again later from [192.0.2.7]. (AS77712344)", REFUSAL_TRY_LATER, "Exchange Online"},
{"450 4.7.3 Organization queue quota exceeded. [outlook.com]", REFUSAL_TRY_LATER, "a quota, but no mailbox"},
{"550 5.7.1 Service unavailable, MailFrom domain is listed in Spamhaus. To request removal from this list see https://www.spamhaus.org/query/lookup/ (S8002)", REFUSAL_SENDER_DOMAIN_LISTED, "Outlook.com: the domain, not the address"},
{"550 5.7.1 Service unavailable, Helo domain is listed in Spamhaus. To request removal from this list see https://www.spamhaus.org/query/lookup/ (S8001)", REFUSAL_SENDER_DOMAIN_LISTED, "Outlook.com"},
{"550 5.7.1 Service unavailable, Client host [192.0.2.7] blocked using Spamhaus. To request removal from this list see https://www.spamhaus.org/query/ip/192.0.2.7 (AS16012611)", REFUSAL_BLOCK_LIST, "Outlook.com: the address"},
{"501 5.1.3 Invalid address [outlook.com]", REFUSAL_RECIPIENT_SYNTAX, "Exchange Online"},
{"421 4.3.2 The maximum number of concurrent connections per resource forest has exceeded a limit, closing transmission channel.", REFUSAL_TOO_MANY_CONNECTIONS, "Exchange Online"},
{"452 4.3.1 Insufficient system resources (TSTE)", REFUSAL_TRY_LATER, "Exchange under pressure: no word of the disk"},
{"550 5.6.11 SMTPSEND.BareLinefeedsAreIllegal; message contains bare linefeeds, which cannot be sent via DATA", REFUSAL_BAD_FORM, "Exchange"},
{"552 5.3.4 Message size exceeds fixed maximum message size", REFUSAL_TOO_BIG, "Exchange, RFC 1870's words"},
{"530 5.7.57 Client not authenticated to send mail. Error: 535 5.7.3 Authentication unsuccessful", REFUSAL_LOGIN_REQUIRED, "Exchange Online's submission server"},
{"550 5.7.508 Access denied, [2001:db8::7] has exceeded permitted limits within 2001:db8::/64 range", REFUSAL_THROTTLED, "Exchange Online"},

/* ---- Yahoo, AOL, Apple, T-Online, GMX and WEB.DE, Orange, Free, Comcast, Mimecast, mail.ru, Yandex ---- */
{"421 4.7.0 [TSS04] Messages from 192.0.2.7 temporarily deferred due to unexpected volume or user complaints - 4.16.55.1; see https://postmaster.yahooinc.com/error-codes", REFUSAL_THROTTLED, "Yahoo"},
{"553 5.7.1 [BL21] Connections will not be accepted from 192.0.2.7, because the ip is in Spamhaus's list; see http://postmaster.yahoo.com/550-bl23.html", REFUSAL_BLOCK_LIST, "Yahoo"},
{"554 5.7.9 Message not accepted for policy reasons. See https://postmaster.yahooinc.com/error-codes", REFUSAL_POLICY, "Yahoo"},
{"554 delivery error: dd This user doesn't have a example.com account (example@example.com) [-9] - example.yahoo.com", REFUSAL_NO_SUCH_USER, "Yahoo"},
{"554 delivery error: dd Sorry, your message to example@example.com cannot be delivered. This mailbox is disabled (554.30). - example.yahoo.com", REFUSAL_MAILBOX_DISABLED, "Yahoo"},
{"554 Message not allowed - Headers are not RFC compliant[291]", REFUSAL_BAD_FORM, "Yahoo"},
{"553 5.7.2 [TSS09] All messages from 192.0.2.7 will be permanently deferred; Retrying will NOT succeed. See https://postmaster.yahooinc.com/error-codes", REFUSAL_REPUTATION, "Yahoo"},
{"421 4.7.0 [GL01] Message from (192.0.2.7) temporarily deferred - 4.16.50. Please refer to http://postmaster.yahoo.com/errors/postmaster-21.html", REFUSAL_GREYLISTED, "Yahoo"},
{"421 4.7.1 Messages to example@icloud.com deferred due to excessive volume. Try again later - https://support.apple.com/en-us/HT204137", REFUSAL_THROTTLED, "iCloud"},
{"552 5.2.2 <example@icloud.com>: user is overquota", REFUSAL_MAILBOX_FULL, "iCloud"},
{"550 5.7.1 [CS01] Message rejected due to local policy. Please visit https://support.apple.com/en-us/HT204137", REFUSAL_POLICY, "iCloud"},
{"554 IP=192.0.2.7 - A problem occurred. (Ask your postmaster for help or to contact tosa@rx.t-online.de to clarify.) (BL)", REFUSAL_TELEKOM, "T-Online"},
{"554 IP=192.0.2.7 - None/bad reputation. Ask your postmaster for help or to contact <postmaster@rx.t-online.de> for reset. (NOWL)", REFUSAL_TELEKOM, "T-Online"},
{"554 IP=192.0.2.7 - Dialup/transient IP not allowed. Use a mailgateway or contact toda@rx.t-online.de if obsolete. (DIAL)", REFUSAL_HOME_ADDRESS, "T-Online"},
{"550 <example@example.com>: Bad DNS PTR resource record", REFUSAL_NO_PTR, "GMX, WEB.DE"},
{"550 <example@example.com>: IP address is block listed", REFUSAL_BLOCK_LIST, "GMX"},
{"554-gmx.net (mxgmx015) Nemesis ESMTP Service not available\n554-No SMTP service\n554-IP address is black listed.\n554 For explanation visit https://www.gmx.net/mail/senderguidelines", REFUSAL_BLOCK_LIST, "GMX's greeting"},
{"554-web.de (mxweb012) Nemesis ESMTP Service not available\n554-No SMTP service\n554 invalid DNS PTR resource record, IP=192.0.2.7", REFUSAL_NO_PTR, "WEB.DE's greeting"},
{"450-Requested mail action not taken: mailbox unavailable\n450 Mail send limit exceeded.", REFUSAL_THROTTLED, "GMX, IONOS: the mailbox is not the reason"},
{"550 <example@example.com>: Invalid DNS MX or A/AAAA resource record", REFUSAL_SENDER_DOMAIN, "GMX, of the sender's domain"},
{"550 <example@example.com>: Reject due to SPF policy. The originating IP of the message is not permitted by the domain owner", REFUSAL_SPF, "GMX"},
{"550 <example@example.com>: Requested mail action aborted: exceeded storage allocation, Quota exceeded", REFUSAL_MAILBOX_FULL, "GMX"},
{"550 Requested action not taken: mailbox unavailable Reject due to policy restrictions.", REFUSAL_POLICY, "GMX: the mailbox is not the reason"},
{"550 Requested action not taken: mailbox unavailable", REFUSAL_MAILBOX_UNAVAILABLE, "RFC 5321's words, which leave it open why"},
{"550 inconsistent or no DNS PTR record for 2001:db8::7 (see RFC 1912 2.1)", REFUSAL_NO_PTR, "freenet"},
{"421 mwinf5c63 ME Trop de connexions, veuillez verifier votre configuration. Too many connections, slow down. OFR005_104 [104]", REFUSAL_THROTTLED, "Orange asks to slow down"},
{"552 5.1.1 Boite du destinataire pleine. Recipient overquota. OFR_417 [417]", REFUSAL_MAILBOX_FULL, "Orange: 5.1.1, and yet not an unknown user"},
{"550 5.1.1 Adresse d au moins un destinataire invalide. Invalid recipient. OFR_416 [416]", REFUSAL_NO_SUCH_USER, "Orange"},
{"550 mwinf5c14 ME Adresse IP source bloquee pour incident de spam. Client host blocked for spamming issues. OFR006_102 Ref http://csi.cloudmark.com/reset-request/?ip=192.0.2.7 [102]", REFUSAL_BLOCK_LIST, "Orange"},
{"554 5.2.2 <example@free.fr>: Recipient address rejected: Quota exceeded (mailbox for user is full)", REFUSAL_MAILBOX_FULL, "Free"},
{"421 Refused. Your reverse DNS entry does not resolve to an IP.", REFUSAL_NO_PTR, "Free's greeting"},
{"550 5.5.0 Le compte du destinataire est bloque. The recipient account is blocked. LPN007_426", REFUSAL_MAILBOX_DISABLED, "La Poste"},
{"554 resimta-po-13v.sys.comcast.net comcast 192.0.2.7 Comcast requires that all mail servers must have a PTR record with a valid Reverse DNS entry.", REFUSAL_NO_PTR, "Comcast"},
{"554 imta01.example.comcast.net comcast 192.0.2.7 Comcast block for spam. Please see http://postmaster.comcast.net/smtp-error-codes.php#BL000000", REFUSAL_BLOCK_LIST, "Comcast"},
{"452 4.1.1 <example@comcast.net> too many recent messages; Try again later", REFUSAL_RECIPIENT_BUSY, "Comcast: 4.1.1, and yet not an unknown user"},
{"550 Rejected by header based Anti-Spoofing policy: email@example.com - https://community.mimecast.com/docs/DOC-1369#550 [x]", REFUSAL_SPOOFING, "Mimecast"},
{"550 Envelope blocked - User Entry - https://community.mimecast.com/docs/DOC-1369#550 [x]", REFUSAL_SENDER_BLOCKED, "Mimecast"},
{"550 csi.mimecast.org Poor Reputation Sender. - https://community.mimecast.com/docs/DOC-1369#550 [x]", REFUSAL_REPUTATION, "Mimecast"},
{"550 Administrative prohibition - envelope blocked - https://community.mimecast.com/docs/DOC-1369#550 [x]", REFUSAL_POLICY, "Mimecast"},
{"550 zen.mimecast.org Listed by PBL, see https://check.spamhaus.org/query/ip/192.0.2.7", REFUSAL_HOME_ADDRESS, "Mimecast in Spamhaus' words of today: no list to be removed from"},
{"554 5.7.0 Blocked - see https://support.proofpoint.com/dnsbl-lookup.cgi?ip=192.0.2.7", REFUSAL_BLOCK_LIST, "Proofpoint, iCloud"},
{"550 Denied by policy", REFUSAL_POLICY, "FortiMail"},
{"550 High probability of spam", REFUSAL_SPAM, "SpamExperts"},
{"550 A URL in this email (example.com) is listed on https://spamrl.com/. Please resolve and retry", REFUSAL_SPAM_LINK, "SpamExperts: the link, not this computer"},
{"553 Message filtered. Refer to the Troubleshooting page at http://www.symanteccloud.com/troubleshooting for more information. (#5.7.1)", REFUSAL_SPAM, "Symantec.cloud"},
{"550 Ip frequency limited [V2VkIEFwciAgMyAxNjozNjo1OSBKU1QgMjAxOQo= Blocked IP 192.0.2.7]. http://service.mail.qq.com/cgi-bin/help?subtype=1&&id=20022", REFUSAL_THROTTLED, "QQ"},
{"550 Mailbox is frozen. See http://mail.i.ua/err/3/", REFUSAL_MAILBOX_DISABLED, "i.ua"},
{"550 5.1.0 192.0.2.7 is not allowed to send from <example.net> per it's SPF Record. Please inspect your SPF settings, and try again. IB508", REFUSAL_SPF, "GoDaddy"},
{"550 Message was not accepted -- invalid mailbox. Local mailbox example@mail.ru is unavailable: account is disabled", REFUSAL_MAILBOX_DISABLED, "mail.ru"},
{"550 spam message rejected. Please visit http://help.mail.ru/notspam-support/id?c=7y4y or report details to abuse@corp.mail.ru.", REFUSAL_SPAM, "mail.ru"},
{"554 5.7.1 [1] Message rejected under suspicion of SPAM; https://ya.cc/1IrBc", REFUSAL_SPAM, "Yandex"},
{"451 4.7.1 Sorry, the service is currently unavailable. Please come back later.", REFUSAL_TRY_LATER, "Yandex, which means greylisting and does not say so"},
{"421 4.4.2 mail.yandex.net Error: timeout exceeded", REFUSAL_TOO_SLOW, "Yandex, Postfix"},
{"554-esa1.example.com\n554 Your access to this mail system has been rejected due to the sending MTA's poor reputation.", REFUSAL_REPUTATION, "Cisco's greeting"},
{"550 #5.7.1 Your access to submit messages to this e-mail system has been rejected.", REFUSAL_REPUTATION, "Cisco's other words for it"},
{"550 #5.1.0 Address rejected.", REFUSAL_NO_SUCH_USER, "Cisco's way of saying it"},

/* ---- Czech and Polish providers, as their help pages quote them ---- */
{"550 5.1.1 Account not found", REFUSAL_NO_SUCH_USER, "Interia"},
{"550 5.2.1 Mailbox not available", REFUSAL_MAILBOX_UNAVAILABLE, "Interia: mistyped, full or suspended, it does not say"},
{"550 5.7.1 Recipient doesn't want your mail", REFUSAL_SENDER_BLOCKED, "Interia"},
{"550 5.7.0 [SPF] mail.example.com (192.0.2.7) is not allowed to send mail from example.com", REFUSAL_SPF, "Interia, C4"},
{"552 5.1.1 5.2.2 sorry, final recipient mailbox is full (chkuser)", REFUSAL_MAILBOX_FULL, "Forpsi"},
{"550 5.1.1 <jan@example.cz> sender is blacklisted", REFUSAL_SENDER_BLOCKED, "Forpsi: 5.1.1, and yet not an unknown user"},
{"552 5.2.0 0biL1i00V1cmcpM01biL4w spam detected", REFUSAL_SPAM, "Forpsi"},
{"550 5.1.0 0bcW1i00G0jifNx01bcmHa blocked by SPF", REFUSAL_SPF, "Forpsi"},
{"550 5.1.1 Sorry, no mailbox here by that name.", REFUSAL_NO_SUCH_USER, "C4, qmail"},
{"500 No such user", REFUSAL_NO_SUCH_USER, "kei.pl quotes it with 500"},

/* ---- Postfix, Exim, sendmail, qmail and what is built on them ---- */
{"450 4.2.0 <mirabellug@aful.org>: Recipient address rejected: Greylisted, see http://postgrey.schweikert.ch/help/aful.org.html", REFUSAL_GREYLISTED, "postgrey"},
{"451 4.7.1 <email@example.com>: Recipient address rejected: Greylisted for 5 minutes", REFUSAL_GREYLISTED, "rspamd, policyd"},
{"421 4.7.1 Service unavailable; Client host [1.2.3.4] blocked using grey.rbl - Rechazo temporal, intentelo mas tarde por favor...Greylisting in action, please try again later", REFUSAL_GREYLISTED, "a list in form only"},
{"550 5.1.1 <email@example.com>: Recipient address rejected: User unknown in local recipient table", REFUSAL_NO_SUCH_USER, "Postfix"},
{"550 5.1.1 <spam@example.com>: Recipient address rejected: User unknown in virtual mailbox table", REFUSAL_NO_SUCH_USER, "a mailbox of that name does not make it spam"},
{"550 5.1.1 <dmarc-policy@example.com>: Recipient address rejected: User unknown", REFUSAL_NO_SUCH_USER, "nor DMARC"},
{"450 4.1.1 <email@example.com>: Recipient address rejected: unverified address: Address verification in progress", REFUSAL_ADDRESS_CHECK, "Postfix"},
{"450 4.7.25 Client host rejected: cannot find your hostname, [192.0.2.7]", REFUSAL_NO_PTR, "Postfix"},
{"450 4.7.1 Client host rejected: cannot find your reverse hostname, [192.0.2.7]", REFUSAL_NO_PTR, "Postfix before 4.7.25"},
{"504 5.5.2 <laptop>: Helo command rejected: need fully-qualified hostname", REFUSAL_BAD_HELO, "Postfix"},
{"554 5.7.1 [C14] Missing reverse DNS for 192.0.2.7", REFUSAL_NO_PTR, "an Exim"},
{"550 5.7.1 Access denied. IP name lookup failed [192.0.2.7]", REFUSAL_NO_PTR, "sendmail"},
{"550 SPF: 192.0.2.7 is not allowed to send mail from example.com", REFUSAL_SPF, "an Exim"},
{"554 5.7.1 Service unavailable; Client host [192.0.2.7] blocked using zen.spamhaus.org; Listed by PBL, see https://check.spamhaus.org/query/ip/192.0.2.7", REFUSAL_HOME_ADDRESS, "Postfix with Spamhaus' words of today"},
{"554 5.7.1 Service unavailable; Client host [192.0.2.7] blocked using zen.spamhaus.org; Listed by CSS, see https://check.spamhaus.org/query/ip/192.0.2.7", REFUSAL_BLOCK_LIST, "the same, but a listing"},
{"450 4.7.1 Error: too much mail from 192.0.2.7", REFUSAL_THROTTLED, "Postfix"},
{"450 4.3.2 Service currently unavailable", REFUSAL_TRY_LATER, "postscreen: the first time it takes no mail from anybody"},
{"550 <email@example.com>... User not exist", REFUSAL_NO_SUCH_USER, "McAfee"},
{"525 5.7.13 Disabled recipient address", REFUSAL_MAILBOX_DISABLED, "sendmail"},
{"550 5.6.9 improper use of 8-bit data in message header", REFUSAL_BAD_FORM, "sendmail"},
{"552 5.6.0 Headers too large (32768 max)", REFUSAL_BAD_FORM, "sendmail: not the mail is too big but its header"},
{"554 5.7.0 Reject, id=20025-09 - SPAM", REFUSAL_SPAM, "amavisd"},
{"554 5.7.0 Reject, id=20025-09 - INFECTED: Eicar-Test-Signature", REFUSAL_VIRUS, "amavisd"},
{"554 5.7.0 Reject, id=20025-09 - BANNED: .exe,.exe-ms,setup.exe", REFUSAL_ATTACHMENT, "amavisd"},
{"550 5.7.1 Message content rejected, UBE, id=20025-09", REFUSAL_SPAM, "amavisd of old: unsolicited bulk e-mail"},
{"550 Access denied - Invalid HELO name (See RFC2821 4.1.1.1)", REFUSAL_BAD_HELO, "cPanel's Exim"},
{"554 5.7.1 Service unavailable; Client host [192.0.2.7] blocked using zen.spamhaus.org; https://www.spamhaus.org/query/ip/192.0.2.7", REFUSAL_BLOCK_LIST, "Postfix and Spamhaus"},
{"554 5.7.1 Service unavailable; Client host [192.0.2.7] blocked using b.barracudacentral.org; http://www.barracudanetworks.com/reputation/?pr=1&ip=192.0.2.7", REFUSAL_BLOCK_LIST, "Postfix and Barracuda"},
{"554 5.7.1 Service unavailable; Client host [192.0.2.7] blocked using pbl.spamhaus.org; https://www.spamhaus.org/query/ip/192.0.2.7", REFUSAL_HOME_ADDRESS, "the policy block list is about the kind of line"},
{"554 5.7.1 Service unavailable; Sender address [user@gmail.com] blocked using dbl.spamhaus.org; Error: open resolver; https://check.spamhaus.org/returnc/pub/13.66.150.136/", REFUSAL_BLOCK_LIST_BROKEN, "no listing at all"},
{"554 5.7.1 Service unavailable; Client host [mail.example.com] blocked using multi.uribl.com; 127.0.0.1 -> Query Refused. See http://uribl.com/refused.shtml for more information [Your DNS IP: 1.2.3.4]", REFUSAL_BLOCK_LIST_BROKEN, "no listing at all"},
{"554 5.7.1 Service unavailable; Sender address [user@example.com] blocked using dbl.spamhaus.org; https://www.spamhaus.org/query/domain/example.com", REFUSAL_SENDER_DOMAIN_LISTED, "Postfix, the sender's domain"},
{"550 5.2.1 Mailbox unavailable. Your IP address 11.22.33.44 is blacklisted using SPAMHAUS-XBL. Details: https://www.spamhaus.org/query/ip/11.22.33.44.", REFUSAL_BLOCK_LIST, "the mailbox is not the reason"},
{"550 5.7.0 Your server IP address is in the SpamHaus SBL-XBL database, bye", REFUSAL_BLOCK_LIST, "a list in free words"},
{"550 5.7.1 11.22.33.44 has been blocked by zen.spamhaus.org", REFUSAL_BLOCK_LIST, "the list's name is enough"},
{"554 Blocked - see https://ipcheck.proofpoint.com/?ip=1.2.3.4", REFUSAL_BLOCK_LIST, "Proofpoint"},
{"550-JunkMail rejected - mail.example.com [192.0.2.7]:24706 is in an RBL:\n550 Blocked - see https://www.spamcop.net/bl.shtml?192.0.2.7", REFUSAL_BLOCK_LIST, "cPanel"},
{"450 4.1.8 <info@example.invalid>: Sender address rejected: Domain not found", REFUSAL_SENDER_DOMAIN, "Postfix"},
{"550 5.7.27 <noreply@example.com>: Sender address rejected: Domain example.com does not accept mail (nullMX)", REFUSAL_SENDER_DOMAIN, "Postfix: 5.7.27 is Google's for SPF, RFC 7505's for this"},
{"550 Sender verify failed", REFUSAL_SENDER_NOT_VERIFIED, "Exim"},
{"550-Verification failed for <x@example.com>\n550-Called:   192.0.2.25\n550-Sent:     RCPT TO:<x@example.com>\n550-Response: 550 5.1.1 User unknown\n550 Sender verify failed", REFUSAL_SENDER_NOT_VERIFIED, "Exim: the user who is unknown is the sender"},
{"550 Unrouteable address", REFUSAL_MAILBOX_UNAVAILABLE, "Exim"},
{"554 5.7.1 <email@example.org>: Relay access denied", REFUSAL_RELAY_DENIED, "Postfix"},
{"550 relay not permitted", REFUSAL_RELAY_DENIED, "Exim"},
{"553 sorry, that domain isn't in my list of allowed rcpthosts (#5.7.1)", REFUSAL_NONE, "qmail: means relaying, and says it in no words that others use"},
{"530 5.7.0 Must issue a STARTTLS command first", REFUSAL_TLS_REQUIRED, "Postfix with mandatory TLS"},
{"530 5.7.0 Authentication required", REFUSAL_LOGIN_REQUIRED, "a submission server"},
{"421 4.7.0 mx.example.com Error: too many connections from 192.0.2.7", REFUSAL_TOO_MANY_CONNECTIONS, "Postfix's anvil"},
{"450 4.7.1 Error: too many recipients from 192.0.2.7", REFUSAL_TOO_MANY_RECIPIENTS, "Postfix"},
{"452 4.5.3 Error: too many recipients", REFUSAL_TOO_MANY_RECIPIENTS, "Postfix"},
{"452 4.3.1 Insufficient system storage", REFUSAL_SERVER_FULL, "Postfix"},
{"554 5.4.0 Error: too many hops", REFUSAL_LOOP, "Postfix"},
{"451 4.3.0 <a@example.com>: Temporary lookup failure", REFUSAL_TRY_LATER, "Postfix"},
{"552 5.3.4 Error: message file too big", REFUSAL_TOO_BIG, "Postfix, by its code"},
{"550 5.7.1 <x@example.com>: Recipient address rejected: Message rejected due to: SPF fail - not authorized. Please see http://www.openspf.net/Why", REFUSAL_SPF, "pypolicyd-spf"},
{"550 5.7.23 Message rejected", REFUSAL_SPF, "RFC 7372, by its code"},
{"550 5.7.20 No valid signature", REFUSAL_DKIM, "RFC 7372, by its code"},
{"550 5.7.25 Go away", REFUSAL_NO_PTR, "RFC 7372, by its code"},
{"550 5.7.26 Go away", REFUSAL_UNAUTHENTICATED, "RFC 7372, by its code"},
{"550 5.1.1 Bad", REFUSAL_NO_SUCH_USER, "RFC 3463, by its code"},
{"553 5.1.3 Bad", REFUSAL_RECIPIENT_SYNTAX, "RFC 3463, by its code"},
{"551 5.1.6 Bad", REFUSAL_RECIPIENT_MOVED, "RFC 3463, by its code"},
{"551 User not local; please try <jan@example.org>", REFUSAL_RECIPIENT_MOVED, "RFC 5321"},
{"550 5.1.8 Bad", REFUSAL_SENDER_DOMAIN, "RFC 3463, by its code"},
{"550 5.2.1 Bad", REFUSAL_MAILBOX_UNAVAILABLE, "RFC 3463, by its code"},
{"452 4.2.2 Bad", REFUSAL_MAILBOX_FULL, "RFC 3463, by its code"},
{"552 5.2.3 Bad", REFUSAL_TOO_BIG, "RFC 3463, by its code"},
{"452 4.3.1 Bad", REFUSAL_SERVER_FULL, "RFC 3463, by its code"},
{"554 5.4.6 Bad", REFUSAL_LOOP, "RFC 3463, by its code"},
{"452 4.5.3 Bad", REFUSAL_TOO_MANY_RECIPIENTS, "RFC 3463, by its code"},
{"550 5.7.10 Bad", REFUSAL_TLS_REQUIRED, "RFC 7504's registry, by its code"},
{"550 rejected due to spam URL in content", REFUSAL_SPAM_LINK, "Comcast and others"},
{"552 5.7.1 virus [Win.Test.EICAR_HDB-1] detected by Zoho Mail", REFUSAL_VIRUS, "Zoho"},
{"550 virus detected", REFUSAL_VIRUS, "many"},
{"554 Outbound port 25 is not available on this connection, use your provider's server", REFUSAL_PORT_25_BLOCKED, "a provider that answers in the server's place"},
};

/* Too little is said, or something else. */
static const struct row silences[] = {
{"550 5.7.1 Access denied", REFUSAL_NONE, "a hundred reasons"},
{"554 5.7.1 <x@example.com>: Recipient address rejected: Access denied", REFUSAL_NONE, "Postfix's access map; with 5.4.1 it would be Microsoft"},
{"550 5.7.1 Service refused", REFUSAL_NONE, "no reason"},
{"550 Blocked", REFUSAL_NONE, "no reason"},
{"554 Transaction failed", REFUSAL_NONE, "RFC 5321's words for anything"},
{"554 5.7.1 Rejected to protect our users from spam and viruses", REFUSAL_NONE, "a purpose is no reason"},
{"550 5.7.1 Rejected (spf=pass dkim=pass dmarc=pass)", REFUSAL_NONE, "findings are no reason, and these are good ones"},
{"451 4.7.1 the virus scanner is not available", REFUSAL_NONE, "their scanner's trouble: no virus"},
{"550 5.7.1 Your computer may be infected, see our help pages", REFUSAL_NONE, "not the mail"},
{"550 <rbl@marble.example>: rejected", REFUSAL_NONE, "names that sound like reasons"},
{"421 4.4.2 closing connection due to inactivity", REFUSAL_NONE, "the connection, not the mailbox"},
{"422 License Expired", REFUSAL_NONE, "the server's licence, not the account"},
{"550 your domain is blacklisted", REFUSAL_NONE, "a domain; this computer's address may be fine"},
{"450 4.7.1 Recipient address rejected: come back in a while", REFUSAL_NONE, "perhaps greylisting, but it does not say so"},
{"550 5.7.1 This domain does not exist in our system", REFUSAL_NONE, "not the user"},
{"550 5.7.0 Greylisting is not used here", REFUSAL_NONE, "greylisting is for a time: 4xx only"},
{"500 5.5.1 Error: command not recognized", REFUSAL_NONE, "a quarrel between programs"},
{"550", REFUSAL_NONE, "nothing said at all"},
{"250 2.0.0 Ok: queued as 12345; mailbox is full of joy", REFUSAL_NONE, "accepted"},
};

/* clang-format on */

/* The reply's way through the program. */
static struct outcome outcome_of(const char *reply)
{
    struct smtp_reply_reader reader;
    struct outcome outcome;
    struct buf wire;
    struct span rest = span_of(reply), input, text;

    buf_init(&wire, 10000);
    while (rest.length > 0) {
        buf_append_span(&wire, span_cut(&rest, '\n'));
        buf_append_text(&wire, "\r\n");
    }
    smtp_reply_reader_init(&reader);
    input = buf_span(&wire);
    for (;;) {
        enum smtp_reply_status status = smtp_reply_next(&reader, &input, &text);

        if (status == SMTP_REPLY_DONE)
            break;
        HOLDS(status == SMTP_REPLY_LINE, "%s is a reply", reply);
    }
    outcome = outcome_from_reply(reader.reply.code, reader.reply.subject, reader.reply.detail,
                                 span_of(reader.reply.words));
    smtp_reply_reader_clear(&reader);
    buf_clear(&wire);
    return outcome;
}

static void check(const struct row *row)
{
    struct outcome outcome = outcome_of(row->reply);
    enum refusal got = refusal_of(&outcome);

    HOLDS(got == row->expected, "%s, not %s (rule %zu): %s\n    %s", refusal_name(row->expected),
          refusal_name(got), refusal_rule_for(&outcome), row->reply, row->why);
}

static void refusals_are_recognised(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(refusals); i++)
        check(&refusals[i]);
}

static void what_a_reply_does_not_say_is_not_claimed(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(silences); i++)
        check(&silences[i]);
}

static void every_rule_has_a_reply_that_it_is_there_for(void **state)
{
    (void)state;
    bool *used = calloc(refusal_rule_count, sizeof *used);

    assert_non_null(used);
    for (size_t i = 0; i < COUNT(refusals); i++) {
        struct outcome outcome = outcome_of(refusals[i].reply);
        size_t rule = refusal_rule_for(&outcome);

        if (rule < refusal_rule_count)
            used[rule] = true;
    }
    for (size_t i = 0; i < refusal_rule_count; i++)
        HOLDS(used[i], "rule %zu (%s: %s) is never reached", i, refusal_name(refusal_rules[i].is),
              refusal_rules[i].phrases ? refusal_rules[i].phrases : "by its code");
    free(used);
}

/* The contract's "about the IP, PTR or sending guidelines": over IPv4 it might go. */
static void some_refusals_are_of_the_connecting_address(void **state)
{
    (void)state;
    static const struct {
        const char *reply;
        bool expected;
        const char *why;
    } rows[] = {
        {"550-5.7.1 [2001:db8::7] Our system has detected that this message does\n550-5.7.1 not meet IPv6 sending guidelines regarding PTR records and\n550 5.7.1 authentication. - gsmtp",
         true, "Gmail's guidelines"},
        {"421-4.7.0 [2001:db8::7] Our system has detected that this message does\n421-4.7.0 not meet IPv6 sending guidelines regarding PTR records and\n421 4.7.0 authentication. - gsmtp",
         true, "the same for now"},
        {"550-5.7.25 [2001:db8::7] The IP address sending this message does not have a PTR record setup\n550 5.7.25 - gsmtp",
         true, "PTR"},
        {"550 5.7.25 Access denied, the sending IPv6 address [2001:db8::7] must have a reverse DNS record",
         true, "Microsoft's PTR"},
        {"550 5.7.510 Access denied, contoso.com does not accept email over IPv6", true, "no IPv6 at all"},
        {"450 4.7.26 Service does not accept messages sent over IPv6 [2001:db8::7] unless they pass either SPF or DKIM validation",
         true, "a rule for IPv6 only"},
        {"550 5.7.606 Access denied, banned sending IP [2001:db8::7].", true, "Microsoft's list"},
        {"554 5.7.1 Service unavailable; Client host [2001:db8::7] blocked using zen.spamhaus.org", true,
         "a list"},
        {"550-5.7.1 [2001:db8::7] The IP you're using to send mail is not authorized to\n550 5.7.1 send email directly to our servers.",
         true, "a home line"},
        {"550-5.7.26 Gmail requires all senders to authenticate with either SPF or DKIM.\n550 5.7.26 - gsmtp",
         false, "the sender's domain"},
        {"550-5.7.26 The MAIL FROM domain [example.com] has an SPF record with a hard fail\n550 5.7.26 policy",
         false, "the sender's domain"},
        {"550 5.7.1 Access denied", false, "of what it does not say"},
        {"550 5.1.1 <spamhaus@example.com>: user unknown", false, "the recipient"},
        {"421 4.7.28 [2001:db8::7] Our system has detected an unusual rate of unsolicited mail", false,
         "how much, not from where"},
        {"250 2.0.0 Ok", false, "taken"},
    };

    for (size_t i = 0; i < COUNT(rows); i++) {
        struct outcome outcome = outcome_of(rows[i].reply);

        HOLDS(refusal_is_of_address(refusal_of(&outcome)) == rows[i].expected, "%s (%s): %s", rows[i].why,
              refusal_name(refusal_of(&outcome)), rows[i].reply);
    }
}

static void every_meaning_has_a_rule(void **state)
{
    (void)state;
    for (int t = REFUSAL_NONE + 1; t < REFUSAL_COUNT; t++) {
        bool found = false;

        for (size_t i = 0; i < refusal_rule_count; i++)
            found = found || refusal_rules[i].is == (enum refusal)t;
        HOLDS(found, "%s", refusal_name((enum refusal)t));
    }
}

/* What is looked for is compared with lower case. */
static void phrases_are_written_in_lower_case(void **state)
{
    (void)state;
    for (size_t i = 0; i < refusal_rule_count; i++) {
        const char *phrases = refusal_rules[i].phrases ? refusal_rules[i].phrases : "x";

        for (const char *c = phrases; *c; c++)
            HOLDS(*c == ascii_lower(*c) && ascii_is_print(*c), "%s", phrases);
        HOLDS(!strstr(phrases, "||") && phrases[0] != '|' && phrases[strlen(phrases) - 1] != '|',
              "no empty phrase: %s", phrases);
    }
}

static void the_rest_of_the_words_does_not_matter(void **state)
{
    (void)state;
    struct outcome o = outcome_from_reply(550, 1, 1, SPAN("USER UNKNOWN"));
    char longest[2000];

    assert_int_equal(refusal_of(&o), REFUSAL_NO_SUCH_USER);
    memset(longest, 'x', sizeof longest);
    o = outcome_from_reply(550, -1, 0, span_make(longest, sizeof longest));
    assert_int_equal(refusal_of(&o), REFUSAL_NONE);
    memcpy(longest + 300, "user \t unknown", 14);
    o = outcome_from_reply(550, -1, 0, span_make(longest, sizeof longest));
    assert_int_equal(refusal_of(&o), REFUSAL_NONE); /* set_words() made the tab a "?" */
    memcpy(longest + 300, "user    unknown", 15);
    o = outcome_from_reply(550, -1, 0, span_make(longest, sizeof longest));
    assert_int_equal(refusal_of(&o), REFUSAL_NO_SUCH_USER);
}

static void our_own_faults_are_explained_elsewhere(void **state)
{
    (void)state;
    static const enum outcome_fault faults[] = {
#define X(name, code, subject, detail, words) OUTCOME_FAULT_##name,
        OUTCOME_FAULTS(X)
#undef X
    };
    struct outcome nothing = {.kind = OUTCOME_NONE};

    for (size_t i = 0; i < COUNT(faults); i++) {
        struct outcome o = outcome_from_fault(faults[i], "user unknown");

        HOLDS(refusal_of(&o) == REFUSAL_NONE, "%s", outcome_fault_name(faults[i]));
    }
    assert_int_equal(refusal_of(&nothing), REFUSAL_NONE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(refusals_are_recognised),
        cmocka_unit_test(what_a_reply_does_not_say_is_not_claimed),
        cmocka_unit_test(every_rule_has_a_reply_that_it_is_there_for),
        cmocka_unit_test(some_refusals_are_of_the_connecting_address),
        cmocka_unit_test(every_meaning_has_a_rule),
        cmocka_unit_test(phrases_are_written_in_lower_case),
        cmocka_unit_test(the_rest_of_the_words_does_not_matter),
        cmocka_unit_test(our_own_faults_are_explained_elsewhere),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
