/* SPDX-License-Identifier: MIT */
/* Po polsku. Co oznaczają poszczególne zapisy, mówi en.h. */

/* clang-format off */

EVENT(STARTED, "Traypost {detail} został uruchomiony")
EVENT(LISTENING, "Przyjmuje pocztę pod adresem {detail}")
EVENT(LISTEN_FAILED, "Nie można przyjmować poczty pod adresem {detail}[: {words}]")
EVENT(PORT_TAKEN, "Nie można przyjmować poczty pod adresem {detail}, port zajmuje {program}[ (proces {pid})]")
EVENT(DNS_FOUND, "Serwer DNS {detail} odpowiada ({seconds} s)")
EVENT(DNS_FALLBACK, "Żaden z serwerów DNS systemu nie odpowiada, zostanie użyty {detail}")
EVENT(NO_INTERNET, "Brak połączenia z internetem: żaden serwer DNS nie odpowiada[ ({detail})]")
EVENT(NETWORK_BACK, "Połączenie z internetem wróciło, serwer DNS {detail} odpowiada")
EVENT(DELIVERED,
      "{program}: {sender} -> {recipient}: doręczono[, {host}][ ({address})][, {tls}], {seconds} s"
      "[: „{code} {words}”]")
EVENT(FAILED,
      "{program}: {sender} -> {recipient}: {result}[, {host}][ ({address})][, {tls}], {seconds} s"
      "[: „{code} {words}”][: {code} {explanation}][ ({more})]")
EVENT(LATE_DELIVERED,
      "{program}: {sender} -> {recipient}: jednak doręczono, choć program wysyłający otrzymał już odpowiedź, by spróbował ponownie"
      "[, {host}][ ({address})][, {tls}], {seconds} s[: „{code} {words}”]")
EVENT(LATE_FAILED,
      "{program}: {sender} -> {recipient}: {result}; program wysyłający już wcześniej otrzymał odpowiedź, by spróbował ponownie"
      "[, {host}][ ({address})][, {tls}], {seconds} s[: „{code} {words}”][: {code} {explanation}][ ({more})]")
EVENT(LATE_WILLING,
      "{program}: {sender} -> {recipient}: na razie nie doręczono, ale serwer odbiorcy przyjąłby już wiadomość: następna próba powinna się udać"
      "[, {host}][ ({address})][, {tls}], {seconds} s[: „{code} {words}”]")
EVENT(STRANGER, "Odmowa: {detail} chce wysyłać pocztę, a nie jest to ani ten komputer, ani żaden z dozwolonych")
EVENT(HTTP_REFUSED, "Odmowa: {program}[ (proces {pid})] z adresu {detail} nie używa SMTP, lecz HTTP albo TLS")
EVENT(SESSION_LIMIT, "Zbyt wielu klientów naraz ({detail}), kolejni są na razie odprawiani")
EVENT(STOPPED, "Zatrzymano: poczta nie jest przyjmowana")
EVENT(INTERNAL, "Błąd wewnętrzny[: {words}][: {explanation}][ ({more})]")

FAULT(NO_INTERNET, "brak połączenia z internetem")
FAULT(DNS_FAILED, "nie udało się ustalić w serwerach DNS, który serwer przyjmuje pocztę tej domeny")
FAULT(DNS_NO_DOMAIN, "nie ma takiej domeny; czy po znaku @ nie ma literówki?")
FAULT(DNS_NULL_MX, "ta domena ogłasza, że nie przyjmuje żadnej poczty")
FAULT(DNS_NO_ADDRESS, "serwer pocztowy wskazany przez tę domenę nie ma adresu")
FAULT(CONNECT_FAILED, "nie można połączyć się z żadnym serwerem pocztowym tej domeny; jeśli tak jest z każdą domeną, dostawca internetu prawdopodobnie blokuje port 25")
FAULT(CONNECTION_LOST, "serwer pocztowy zamknął połączenie")
FAULT(TIMED_OUT, "serwer pocztowy nie odpowiedział na czas")
FAULT(LOST_AFTER_DOT, "połączenie zerwało się w oczekiwaniu na odpowiedź; wiadomość mogła dotrzeć")
FAULT(PROTOCOL, "odpowiedź serwera pocztowego jest niezrozumiała")
FAULT(LOOP, "poczta do tej domeny wróciłaby na ten komputer")
FAULT(TOO_MANY_HOPS, "wiadomość przeszła już przez ponad 50 serwerów: krąży w kółko")
FAULT(TOO_BIG, "wiadomość jest większa, niż pozwala opcja max-size")
FAULT(TOO_BIG_THERE, "wiadomość jest większa, niż przyjmuje serwer odbiorcy")
FAULT(OUT_OF_PATIENCE, "serwer odbiorcy działa powoli, jego odpowiedź jest jeszcze oczekiwana")
FAULT(STOPPING, "Traypost był właśnie zatrzymywany")
FAULT(BUSY, "do tego serwera zmierza teraz zbyt wiele wiadomości")
FAULT(NO_MEMORY, "komputerowi brakuje pamięci")
FAULT(NUL_IN_CONTENT, "wiadomość zawiera bajty zerowe, których w poczcie być nie może")
FAULT(NO_EIGHT_BIT, "wiadomość ma treść ośmiobitową, której serwer odbiorcy nie przyjmuje")
FAULT(NO_UTF8, "adres zawiera litery ze znakami diakrytycznymi, których serwer odbiorcy nie przyjmuje")
FAULT(NO_IDNA, "domenę ze znakami diakrytycznymi trzeba zapisać w postaci xn--")
FAULT(ABANDONED, "program wysyłający rozłączył się przed końcem wiadomości")

WORD(UNKNOWN_PROGRAM, "nieznany program")
WORD(EMPTY_SENDER, "<>")
WORD(NO_TLS, "bez TLS")
WORD(TEMPORARY, "tym razem nie doręczono, późniejsza próba może się udać")
WORD(PERMANENT, "nie doręczono")
WORD(DECIMAL_POINT, ",")
