/* SPDX-License-Identifier: MIT */
/* Česky. Co který zápis znamená, říká en.h. */

/* clang-format off */

EVENT(STARTED, "Traypost {detail} se spustil")
EVENT(LISTENING, "Přijímá poštu na {detail}")
EVENT(LISTEN_FAILED, "Na {detail} nelze přijímat poštu[: {words}]")
EVENT(PORT_TAKEN, "Na {detail} nelze přijímat poštu, port už používá {program}[ (proces {pid})]")
EVENT(DNS_FOUND, "DNS server {detail} odpovídá ({seconds} s)")
EVENT(DNS_FALLBACK, "Žádný z DNS serverů systému neodpovídá, použije se {detail}")
EVENT(NO_INTERNET, "Není připojení k internetu: žádný DNS server neodpovídá[ ({detail})]")
EVENT(NETWORK_BACK, "Připojení k internetu je zpět, DNS server {detail} odpovídá")
EVENT(DELIVERED,
      "{program}: {sender} -> {recipient}: doručeno[, {host}][ ({address})][, {tls}], {seconds} s"
      "[: „{code} {words}“]")
EVENT(FAILED,
      "{program}: {sender} -> {recipient}: {result}[, {host}][ ({address})][, {tls}], {seconds} s"
      "[: „{code} {words}“][: {code} {explanation}][ ({more})]")
EVENT(LATE_DELIVERED,
      "{program}: {sender} -> {recipient}: nakonec doručeno, ačkoli odesílající program už dostal odpověď, ať to zkusí znovu"
      "[, {host}][ ({address})][, {tls}], {seconds} s[: „{code} {words}“]")
EVENT(LATE_FAILED,
      "{program}: {sender} -> {recipient}: {result}; odesílající program už předtím dostal odpověď, ať to zkusí znovu"
      "[, {host}][ ({address})][, {tls}], {seconds} s[: „{code} {words}“][: {code} {explanation}][ ({more})]")
EVENT(LATE_WILLING,
      "{program}: {sender} -> {recipient}: zatím nedoručeno, ale server příjemce by zprávu už přijal: příští pokus by měl vyjít"
      "[, {host}][ ({address})][, {tls}], {seconds} s[: „{code} {words}“]")
EVENT(STRANGER, "Odmítnuto: {detail} chce posílat poštu, ale není to tento počítač ani žádný z povolených")
EVENT(HTTP_REFUSED, "Odmítnuto: {program}[ (proces {pid})] na {detail} nemluví SMTP, ale HTTP nebo TLS")
EVENT(SESSION_LIMIT, "Příliš mnoho klientů najednou ({detail}), další jsou zatím odmítáni")
EVENT(STOPPED, "Zastaveno: pošta se nepřijímá")
EVENT(INTERNAL, "Vnitřní chyba[: {words}][: {explanation}][ ({more})]")

FAULT(NO_INTERNET, "není připojení k internetu")
FAULT(DNS_FAILED, "od DNS serverů se nepodařilo zjistit, který server přijímá poštu této domény")
FAULT(DNS_NO_DOMAIN, "taková doména neexistuje; není za zavináčem překlep?")
FAULT(DNS_NULL_MX, "tato doména o sobě říká, že žádnou poštu nepřijímá")
FAULT(DNS_NO_ADDRESS, "poštovní server, který tato doména uvádí, nemá adresu")
FAULT(CONNECT_FAILED, "k žádnému poštovnímu serveru této domény se nelze připojit; děje-li se to u všech domén, poskytovatel internetu nejspíš blokuje port 25")
FAULT(CONNECTION_LOST, "poštovní server ukončil spojení")
FAULT(TIMED_OUT, "poštovní server včas neodpověděl")
FAULT(LOST_AFTER_DOT, "spojení se přerušilo při čekání na odpověď; zpráva možná dorazila")
FAULT(PROTOCOL, "odpověď poštovního serveru nedává smysl")
FAULT(LOOP, "pošta pro tuto doménu by se vrátila na tento počítač")
FAULT(TOO_MANY_HOPS, "zpráva prošla už více než 50 servery: obíhá dokola")
FAULT(TOO_BIG, "zpráva je větší, než dovoluje volba max-size")
FAULT(TOO_BIG_THERE, "zpráva je větší, než server příjemce přijímá")
FAULT(OUT_OF_PATIENCE, "server příjemce je pomalý, na jeho odpověď se ještě čeká")
FAULT(STOPPING, "Traypost se právě zastavoval")
FAULT(BUSY, "k tomuto serveru právě míří příliš mnoho zpráv")
FAULT(NO_MEMORY, "počítači dochází paměť")
FAULT(NUL_IN_CONTENT, "zpráva obsahuje nulové bajty, které v poště být nesmějí")
FAULT(NO_EIGHT_BIT, "zpráva má osmibitový obsah, který server příjemce nepřijímá")
FAULT(NO_UTF8, "adresa obsahuje písmena s diakritikou, která server příjemce nepřijímá")
FAULT(NO_IDNA, "doménu s diakritikou je třeba napsat v podobě xn--")
FAULT(ABANDONED, "odesílající program odešel před koncem zprávy")

WORD(UNKNOWN_PROGRAM, "neznámý program")
WORD(EMPTY_SENDER, "<>")
WORD(NO_TLS, "bez TLS")
WORD(TEMPORARY, "tentokrát nedoručeno, později se to může podařit")
WORD(PERMANENT, "nedoručeno")
WORD(DECIMAL_POINT, ",")
