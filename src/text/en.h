/* SPDX-License-Identifier: MIT */
/*
 * English, and the pattern for the other languages. A list of EVENT, FAULT and WORD for catalogue.c.
 *
 * {name} is replaced by a value; the order is the translator's. A part in [brackets] is left out when a value
 * in it is empty. No other character means anything. Values are never read for braces or brackets.
 *
 *   {program} {pid}        who sends, or who holds the port; {program} may say "unknown program"
 *   {sender} {recipient}   addresses; {sender} may say "<>"
 *   {result}               one of the words TEMPORARY and PERMANENT
 *   {host} {address}       the other mail server; empty when it did not come to that
 *   {tls}                  "TLSv1.3", or the word NO_TLS; empty when there was no connection
 *   {seconds}              "3.42"
 *   {code}                 "550 5.1.1"
 *   {words}                what the other server said, word for word; empty when the fault was found here
 *   {explanation}          one of the FAULTs; empty when {words} is not
 *   {more}                 what the system or a library says about it; English, may be empty
 *   {detail}               see EVENT_KINDS in core/event.h
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
EVENT(FAILED,
      "{program}: {sender} -> {recipient}: {result}[, {host}][ ({address})][, {tls}], {seconds} s"
      "[: \"{code} {words}\"][: {code} {explanation}][ ({more})]")
EVENT(LATE_DELIVERED,
      "{program}: {sender} -> {recipient}: delivered after all, though the sending program had been told to try again"
      "[, {host}][ ({address})][, {tls}], {seconds} s[: \"{code} {words}\"]")
EVENT(LATE_FAILED,
      "{program}: {sender} -> {recipient}: {result}; the answer came after the sending program had been told to try again"
      "[, {host}][ ({address})][, {tls}], {seconds} s[: \"{code} {words}\"][: {code} {explanation}][ ({more})]")
EVENT(LATE_WILLING,
      "{program}: {sender} -> {recipient}: not delivered yet, but the recipient's server would take it now: the next try should succeed"
      "[, {host}][ ({address})][, {tls}], {seconds} s[: \"{code} {words}\"]")
EVENT(STRANGER, "Refused: {detail} wanted to send mail, but is neither this machine nor an allowed one")
EVENT(HTTP_REFUSED, "Refused: {program}[ (process {pid})] at {detail} does not speak SMTP but HTTP or TLS")
EVENT(SESSION_LIMIT, "Too many clients at one time ({detail}): more are turned away for now")
EVENT(STOPPED, "Stopped: no mail is accepted")
EVENT(INTERNAL, "Something inside failed[: {words}][: {explanation}][ ({more})]")

FAULT(NO_INTERNET, "there is no internet connection")
FAULT(DNS_FAILED, "the name servers could not say which server takes this domain's mail")
FAULT(DNS_NO_DOMAIN, "there is no such domain; look for a typing error behind the @")
FAULT(DNS_NULL_MX, "this domain says that it takes no mail at all")
FAULT(DNS_NO_ADDRESS, "this domain names a mail server that has no address")
FAULT(CONNECT_FAILED, "no mail server of this domain can be reached; if it is so with every domain, the internet provider probably blocks port 25")
FAULT(CONNECTION_LOST, "the mail server closed the connection")
FAULT(TIMED_OUT, "the mail server did not answer in time")
FAULT(LOST_AFTER_DOT, "the connection broke while the answer was awaited; a copy may have arrived")
FAULT(PROTOCOL, "the mail server's answer made no sense")
FAULT(LOOP, "mail for this domain would come back to this machine")
FAULT(TOO_MANY_HOPS, "this mail has been through more than 50 servers: it is going round in circles")
FAULT(TOO_BIG, "the mail is larger than the option max-size allows")
FAULT(TOO_BIG_THERE, "the mail is larger than the recipient's server takes")
FAULT(OUT_OF_PATIENCE, "the recipient's server is slow; its answer is still awaited")
FAULT(STOPPING, "Traypost was being stopped")
FAULT(BUSY, "too many mails are on their way to this server just now")
FAULT(NO_MEMORY, "this computer is short of memory")
FAULT(NUL_IN_CONTENT, "the mail contains NUL bytes, which no mail may have")
FAULT(NO_EIGHT_BIT, "the mail has 8-bit content, which the recipient's server does not take")
FAULT(NO_UTF8, "an address has letters with accents, which the recipient's server does not take")
FAULT(NO_IDNA, "a domain with accented letters must be written in its xn-- form")
FAULT(ABANDONED, "the sending program went away before the end of the mail")

WORD(UNKNOWN_PROGRAM, "unknown program")
WORD(EMPTY_SENDER, "<>")
WORD(NO_TLS, "no TLS")
WORD(TEMPORARY, "not delivered this time, a later try may succeed")
WORD(PERMANENT, "not delivered")
WORD(DECIMAL_POINT, ".")
