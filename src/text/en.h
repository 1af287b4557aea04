/* SPDX-License-Identifier: MIT */
/*
 * English, and the pattern for the other languages. A list for catalogue.c:
 *
 *   EVENT(kind, text)            a line of the log
 *   REMEDY(kind, text)           what a person can do about it; only where there is something
 *   FAULT(name, brief, full)     what went wrong here: in a few words, and explained
 *   MEANING(name, brief, full)   likewise, what a server's refusal means
 *   ENDING(name, brief, full)    how a mail ended: for the log window's column, and for the pane below
 *   DETAIL(name, text)           a line of that pane; it is left out when a value outside of brackets is empty
 *   WORD(name, text)             small words that stand in for a value
 *   UI(name, text)               icon, menu, windows, notifications: see TEXT_UIS in text.h
 *
 * FAULTs and MEANINGs come behind a colon or a code: they begin small and end without a full stop.
 *
 * {name} is replaced by a value; the order is the translator's. A part in [brackets] is left out when a value
 * in it is empty. No other character means anything. Values are never read for braces or brackets.
 *
 *   {time}                 "12:03:11"
 *   {program} {pid}        who sends, or who holds the port; {program} may say "unknown program"
 *   {sender} {recipient}   addresses; {sender} may say "<>"
 *   {result}               one of the words TEMPORARY and PERMANENT
 *   {host} {address}       the other mail server; empty when it did not come to that
 *   {tls} {encryption}     "TLSv1.3 AES-256-GCM-SHA384", or the words NO_TLS, NO_ENCRYPTION; empty when there was no connection
 *   {seconds}              "3.42"
 *   {code}                 "550 5.1.1"
 *   {words}                what the other server said, word for word; empty when the fault was found here
 *   {answer}               both: "550 5.1.1 User unknown"; empty likewise
 *   {explanation}          one of the FAULTs; empty when {words} is not
 *   {meaning}              one of the FAULTs or MEANINGs; empty when only the server's words tell
 *   {brief}                the same in a few words; where only the server's words tell, the first of those
 *   {gist}                 what {words} mean, in a few; empty when only they tell, or when there are none of a server
 *   {remedy}               what can be done about a refusal; empty when nothing is known of it
 *   {more}                 what the system or a library says about it; English, may be empty
 *   {detail}               see EVENT_KINDS in core/event.h
 *   {machine}              the address in {detail} without its port
 */

/* clang-format off */

EVENT(STARTED, "Traypost {detail} has started")
EVENT(LISTENING, "Waiting for mail on {detail}")
EVENT(LISTEN_FAILED, "Cannot wait for mail on {detail}[: {words}]")
EVENT(PORT_TAKEN, "Cannot wait for mail on {detail}: the port is taken by {program}[ (process {pid})]")
EVENT(DNS_FOUND, "Name server {detail} answers ({seconds} s)")
EVENT(DNS_FALLBACK, "None of the system's name servers answers; using {detail}")
EVENT(NO_INTERNET, "No internet connection: no name server answers[ ({detail})]")
EVENT(NETWORK_BACK, "The internet connection is back; name server {detail} answers")
EVENT(DELIVERED,
      "{program}: {sender} -> {recipient}: delivered[ to {host}][ ({address})][, {tls}], {seconds} s"
      "[: \"{code} {words}\"]")
EVENT(ALREADY_DELIVERED, "{program}: {sender} -> {recipient}: sent again, but it had been delivered already; not delivered twice")
EVENT(FAILED,
      "{program}: {sender} -> {recipient}: {result}[, {host}][ ({address})][, {tls}], {seconds} s"
      "[: \"{code} {words}\"][ – {gist}][: {code} {explanation}][ ({more})]")
EVENT(LATE_DELIVERED,
      "{program}: {sender} -> {recipient}: delivered after all, though the sending program had been told to try again"
      "[, {host}][ ({address})][, {tls}], {seconds} s[: \"{code} {words}\"]")
EVENT(LATE_FAILED,
      "{program}: {sender} -> {recipient}: {result}; the sending program had already been told to try again"
      "[, {host}][ ({address})][, {tls}], {seconds} s[: \"{code} {words}\"][ – {gist}][: {code} {explanation}][ ({more})]")
EVENT(LATE_WILLING,
      "{program}: {sender} -> {recipient}: not delivered yet, but the recipient's server would take it now: the next try should succeed"
      "[, {host}][ ({address})][, {tls}], {seconds} s[: \"{code} {words}\"]")
EVENT(TLS_GONE, "{host}[ ({address})] took mail encrypted before, and now gets it in plain text[: {explanation}][ ({more})]")
EVENT(POLICY_FAILED, "{detail} has rules for those who bring it mail (MTA-STS), but they could not be fetched[ ({more})]")
EVENT(STRANGER, "Refused: {detail} wanted to send mail, but is neither this machine nor an allowed one")
EVENT(HTTP_REFUSED, "Refused: {program}[ (process {pid})] at {detail} does not speak SMTP but HTTP or TLS")
EVENT(SESSION_LIMIT, "Too many connections at one time ({detail}): more are turned away for now")
EVENT(STOPPED, "Stopped: no mail is accepted")
EVENT(INTERNAL, "Something inside failed[: {words}][: {explanation}][ ({more})]")
EVENT(CRASHED, "Traypost has stopped working because of an internal error[ ({detail})]; no mail is lost")

FAULT(NO_INTERNET, "no internet connection", "there is no internet connection")
FAULT(DNS_FAILED, "the recipient's server could not be found", "the name servers could not say which server takes this domain's mail")
FAULT(DNS_NO_DOMAIN, "no such domain", "there is no such domain; look for a typing error behind the @")
FAULT(DNS_NULL_MX, "this domain takes no mail", "this domain says that it takes no mail at all")
FAULT(DNS_NO_ADDRESS, "the domain's mail server has no address", "this domain names a mail server that has no address")
FAULT(CONNECT_FAILED, "no mail server can be reached", "no mail server of this domain can be reached; if it is so with every domain, the internet provider probably blocks port 25")
FAULT(CONNECTION_LOST, "the server closed the connection", "the mail server closed the connection")
FAULT(TIMED_OUT, "the server did not answer in time", "the mail server did not answer in time")
FAULT(TLS_FAILED, "the connection could not be encrypted", "the connection to the mail server could not be encrypted")
FAULT(POLICY_TLS, "the server could not prove who it is", "this domain takes mail only encrypted and by a server that proves its name (MTA-STS), and this one did not")
FAULT(POLICY_HOST, "the server is not on the domain's list", "the mail server that DNS names is not on the list of this domain's servers (MTA-STS): either somebody tampers with DNS, or the domain has forgotten to update its list")
FAULT(LOST_AFTER_DOT, "the connection broke; a copy may have arrived", "the connection broke while the answer was awaited; a copy may have arrived")
FAULT(PROTOCOL, "the server's answer made no sense", "the mail server's answer made no sense")
FAULT(LOOP, "the mail would come back here", "mail for this domain would come back to this machine")
FAULT(TOO_MANY_HOPS, "the mail is going round in circles", "this mail has been through more than 50 servers: it is going round in circles")
FAULT(TOO_BIG, "the mail is larger than max-size allows", "the mail is larger than the option max-size allows")
FAULT(TOO_BIG_THERE, "the mail is too large for the server", "the mail is larger than the recipient's server takes")
FAULT(OUT_OF_PATIENCE, "the server is slow to answer", "the recipient's server is slow; its answer is still awaited")
FAULT(STOPPING, "Traypost was being stopped", "Traypost was being stopped")
FAULT(BUSY, "too many mails to this server", "too many mails are on their way to this server just now")
FAULT(NO_MEMORY, "this computer is short of memory", "this computer is short of memory")
FAULT(NUL_IN_CONTENT, "the mail contains NUL bytes", "the mail contains NUL bytes, which no mail may have")
FAULT(NO_EIGHT_BIT, "the server takes no 8-bit content", "the mail has 8-bit content, which the recipient's server does not take")
FAULT(NO_UTF8, "the server takes no accented letters in addresses", "an address has letters with accents, which the recipient's server does not take")
FAULT(NO_UTF8_HEADER, "the server takes no accented letters in headers", "the subject or another header has letters with accents, which the recipient's server does not take")
FAULT(NO_IDNA, "no such domain can exist", "no domain can have this name: please check how the part after the @ is written")
FAULT(NO_MAILBOX, "the address has no domain", "the address has no @ and no domain behind it, so nobody knows where its mail should go")
FAULT(ABANDONED, "the sending program went away", "the sending program went away before the end of the mail")

REMEDY(LISTEN_FAILED, "What to do: close the program that uses this port, or restart the computer; then choose Reset from the menu of the Traypost icon")
REMEDY(PORT_TAKEN, "What to do: close that program or stop its service; then choose Reset from the menu of the Traypost icon")
REMEDY(NO_INTERNET, "What to do: check the network cable or Wi-Fi. Traypost notices by itself when the connection is back; until then the sending programs keep their mail")
REMEDY(TLS_GONE, "What to do: nothing, if it is this server alone. If it is so with many servers, something on the way takes the encryption out: an antivirus program, a firewall or the internet provider")
REMEDY(STRANGER, "What to do: nothing, if you do not know this device. If it is yours and is to send mail, add the line allow = {machine} to the file traypost.ini beside the program, then exit Traypost and start it again")
REMEDY(HTTP_REFUSED, "What to do: nothing, if all mail goes out. Otherwise set that program to send without encryption (no SSL, no TLS) to localhost, port 25")
REMEDY(SESSION_LIMIT, "What to do: wait until the programs have sent their mail. If this comes often, allow more with the option max-sessions in the file traypost.ini")
REMEDY(INTERNAL, "What to do: choose Reset from the menu of the Traypost icon; if it comes again, restart the computer")
REMEDY(CRASHED, "What to do: choose Start from the menu of the Traypost icon. Mail that was not delivered is still in the program that was sending it; send it again from there")

MEANING(NO_MAILBOX, "no such mailbox", "the recipient's server knows no such mailbox; look for a typing error before the @")
MEANING(NOT_HERE, "the server does not know this domain", "the recipient's server takes no mail for this domain; look for a typing error behind the @")
MEANING(BAD_ADDRESS, "not a valid address", "the recipient's server says that this is no valid address; look for a typing error")
MEANING(MOVED, "the recipient has moved", "the recipient has another address now")
MEANING(BAD_SENDER, "sender's address not accepted", "the recipient's server does not accept the sender's address; check it in the settings of the sending program")
MEANING(MAILBOX_OFF, "the mailbox is switched off", "the mailbox exists, but takes no mail: it is switched off or not in use any more")
MEANING(MAILBOX_FULL, "the mailbox is full", "the recipient's mailbox is full; only the recipient can make room in it")
MEANING(TOO_BIG, "the mail is too large", "the mail is larger than the recipient's server takes; send it without attachments, or in parts")
MEANING(SERVER_TROUBLE, "the server takes no mail just now", "the recipient's server takes no mail at the moment; try again later")
MEANING(TOO_MUCH, "the server is busy", "the recipient's server does not want so much mail at a time; try again later")
MEANING(TOO_MANY_RECIPIENTS, "too many recipients", "the recipient's server takes no mail for so many recipients; send it to fewer at a time")
MEANING(NEEDS_TLS, "the server wants encryption", "the recipient's server takes mail over encrypted connections only, and this one was not")
MEANING(UNPROVEN, "the sender could not be verified", "the recipient's server cannot see that this mail really comes from the sender's domain (SPF, DKIM); the owner of the domain has to allow this connection")
MEANING(NO_REVERSE_NAME, "your internet address has no name", "your internet address has no name of its own, and the recipient's server wants one; only your internet provider can set it")
MEANING(LATER, "the server asks for patience", "the recipient's server asks to send the mail again after some minutes; many servers do so with senders that are new to them")
MEANING(RULES, "against the server's rules", "the recipient's server refuses this mail by its own rules; many refuse all mail that comes straight from a home connection")

ENDING(DELIVERED, "Delivered[ to {host}]", "Result: delivered")
ENDING(ALREADY_DELIVERED, "Delivered before, not sent twice", "Result: had been delivered already when the sending program sent it again; not delivered twice")
ENDING(REFUSED, "Refused: {brief}", "Result: not delivered, the recipient's server refused it")
ENDING(PERMANENT, "Not delivered: {brief}", "Result: not delivered")
ENDING(TEMPORARY, "Try again later: {brief}", "Result: not delivered this time, a later try may succeed")
ENDING(LATE_DELIVERED, "Delivered late[ to {host}]", "Result: delivered after all, though the sending program had been told to try again")
ENDING(LATE_WILLING, "Send again: the server would take it now", "Result: not delivered yet, but the recipient's server would take it now: the next try should succeed")
ENDING(LATE_PERMANENT, "Not delivered in the end: {brief}", "Result: not delivered; the sending program had already been told to try again")
ENDING(LATE_TEMPORARY, "Try again later: {brief}", "Result: not delivered this time, a later try may succeed; the sending program had already been told to try again")

DETAIL(TIME, "Time: {time}")
DETAIL(PROGRAM, "Program: {program}[ (process {pid})]")
DETAIL(FROM, "From: {sender}")
DETAIL(TO, "To: {recipient}")
DETAIL(SERVER, "Server: {host}[ ({address})]")
DETAIL(TLS, "Encryption: {encryption}")
DETAIL(TOOK, "Took: {seconds} s")
DETAIL(ANSWER, "The server said: \"{answer}\"")
DETAIL(MEANING, "What it means: {meaning}[ ({more})]")
DETAIL(REMEDY, "What to do: {remedy}")

WORD(UNKNOWN_PROGRAM, "unknown program")
WORD(EMPTY_SENDER, "<>")
WORD(NO_TLS, "no TLS")
WORD(NO_ENCRYPTION, "none")
WORD(TEMPORARY, "not delivered this time, a later try may succeed")
WORD(PERMANENT, "not delivered")
WORD(SERVER_SAID, "the recipient's server said: \"{answer}\"")
WORD(DECIMAL_POINT, ".")

UI(TOOLTIP, "Traypost: {state}\nToday: {delivered} delivered, {failed} not")
UI(STATE_STARTING, "starting…")
UI(STATE_ENDING, "finishing, mail is on its way")
UI(STATE_CRASHED, "has stopped working, takes no mail")
UI(STATE_STOPPED, "stopped, takes no mail")
UI(STATE_NO_INTERNET, "no internet connection")
UI(STATE_NO_PORT, "the mail port cannot be used")
UI(STATE_TROUBLE, "ready, but something went wrong")
UI(STATE_READY, "ready")
UI(MENU_RESET, "&Reset")
UI(MENU_STOP, "&Stop")
UI(MENU_START, "&Start")
UI(MENU_LOG, "Show &log")
UI(MENU_AUTOSTART, "Start with &Windows")
UI(MENU_ABOUT, "&About")
UI(MENU_EXIT, "E&xit")
UI(AUTOSTART_REFUSED, "This setting could not be changed. Windows says: {words}")
UI(LOG_TITLE, "Traypost – Log")
UI(LOG_TIME, "Time")
UI(LOG_PROGRAM, "Program")
UI(LOG_FROM, "From")
UI(LOG_TO, "To")
UI(LOG_RESULT, "Result")
UI(LOG_COPY, "&Copy")
UI(LOG_SELECT_ALL, "Select &all")
UI(NOTICE_TITLE_MAIL, "Mail not delivered")
UI(NOTICE_MAIL, "To {recipient}: {reason}")
UI(NOTICE_TITLE_MANY, "Problems with mail: {count}")
UI(NOTICE_MORE, "More in the log: {count}")
UI(NOTICE_TITLE_OTHER, "Traypost needs your attention")
UI(EXIT_TITLE, "Exit Traypost")
UI(EXIT_QUESTION, "Mail is still on its way ({count})")
UI(EXIT_EXPLANATION, "No mail is lost if you exit now: the sending program is told to try again later.")
UI(EXIT_WAIT, "Exit &after sending")
UI(EXIT_NOW, "Exit &now")
UI(EXIT_STAY, "&Do not exit")
UI(SHUTDOWN_REASON, "Mail is being sent. Please wait a moment.")
UI(ABOUT_TITLE, "About Traypost")
UI(ABOUT_HEADING, "Traypost {version}")
UI(ABOUT_SENTENCE, "Hands the mail of programs on this computer straight to the recipients' mail servers. When it says \"delivered\", those servers have taken the mail.")
UI(ABOUT_NAME_SERVER, "Name server (DNS): {server}")
UI(ABOUT_LISTENING, "Takes mail at: {addresses}")
UI(ABOUT_NONE, "none")
UI(ABOUT_LICENCE, "Free software under the MIT licence.")
UI(ABOUT_LIBRARIES, "Contains: {libraries}")
UI(ABOUT_WEB, "Traypost on the web")
UI(ABOUT_CLOSE, "Close")
UI(REPORT_FAILED_SUBJECT, "Mail not delivered to everybody")
UI(REPORT_FAILED, "Your mail could not be delivered to these recipients.")
UI(REPORT_OTHERS_HAVE_IT, "All others have it: please do not send it to them again.")
UI(REPORT_FAILED_LINE, "{recipient}: {reason}[\nThe server {host} said: \"{words}\"][\nWhat to do: {remedy}]")
UI(REPORT_RELAYED_SUBJECT, "Mail handed on")
UI(REPORT_RELAYED, "You asked to be told when your mail arrives. The servers of these recipients have taken it, but send no reports of their own.")
UI(REPORT_RELAYED_LINE, "{recipient}: taken by {host}")
UI(CANNOT_START, "Traypost cannot start: {words}")
