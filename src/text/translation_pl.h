/* SPDX-License-Identifier: MIT */
/* Po polsku. Co ma tu być, mówi translation_en.h. „Serwer” to zawsze serwer odbiorcy. */

/* clang-format off */

TRANSLATION(PORT_25_BLOCKED, "port 25 jest zablokowany",
    "Połączenie internetowe tego komputera nie wypuszcza poczty (port 25 jest zablokowany).",
    "Poproś dostawcę internetu o otwarcie portu 25 albo wysyłaj przez serwer swojego dostawcy poczty.")
TRANSLATION(HOME_ADDRESS, "serwer nie przyjmuje poczty z łączy domowych",
    "Serwer nie przyjmuje poczty bezpośrednio z łączy takich jak to (domowe, mobilne lub zmienne adresy).",
    "Wysyłaj przez serwer swojego dostawcy poczty; z samą wiadomością wszystko jest w porządku.")
TRANSLATION(IPV6_POLICY, "serwer nie przyjmuje tej wiadomości przez IPv6",
    "Serwer nie przyjmie tej wiadomości z tego komputera przez IPv6.",
    "Wysyłaj przez IPv4 albo poproś dostawcę internetu o nadanie adresowi IPv6 nazwy (rekord PTR).")
TRANSLATION(NO_PTR, "adres tego komputera nie ma nazwy (PTR)",
    "Adres internetowy tego komputera nie ma w DNS właściwej nazwy (rekordu PTR), a serwer jej wymaga.",
    "Poproś dostawcę internetu o ustawienie rekordu PTR; jego nazwa musi prowadzić z powrotem do tego samego adresu.")
TRANSLATION(BAD_HELO, "serwer nie przyjmuje nazwy tego komputera",
    "Serwer nie przyjmuje nazwy, którą przedstawia się ten komputer.",
    "Ustaw opcję hostname na pełną nazwę, jaką publiczny adres tego komputera ma w DNS.")
TRANSLATION(BLOCK_LIST, "adres tego komputera jest na liście blokad",
    "Adres internetowy tego komputera jest na liście blokad, z której korzysta serwer.",
    "Sprawdź powód na stronie listy podanej w odpowiedzi i poproś tam o usunięcie albo wysyłaj przez serwer swojego dostawcy poczty.")
TRANSLATION(BLOCK_LIST_BROKEN, "serwer źle odczytuje listę blokad",
    "Serwer zapytał listę blokad w sposób, na który ta lista nie odpowiada, i uznał to za wpis na liście.",
    "Błąd jest po tamtej stronie: powiadom administratora serwera inną drogą.")
TRANSLATION(MICROSOFT_BLOCK, "zablokowane przez Microsoft",
    "Microsoft zablokował adres internetowy tego komputera albo sieć, do której on należy.",
    "Poproś Microsoft o zdjęcie blokady (sender.office.com albo pomoc dla nadawców Outlook.com) albo wysyłaj przez serwer swojego dostawcy poczty.")
TRANSLATION(MICROSOFT_TRAFFIC, "Microsoft nie przyjmuje poczty z tego adresu",
    "Microsoft nie przyjmuje poczty z tego adresu internetowego albo z tej części sieci.",
    "Wysyłaj przez serwer swojego dostawcy poczty; administrator może zwrócić się do pomocy Microsoftu.")
TRANSLATION(TELEKOM, "T-Online nie zna tego komputera",
    "T-Online przyjmuje pocztę tylko ze znanych sobie adresów, a tego komputera nie zna albo ma o nim złe zdanie.",
    "Napisz na adres administratora podany w odpowiedzi z prośbą o dopuszczenie albo wysyłaj przez serwer swojego dostawcy poczty.")
TRANSLATION(REPUTATION, "adres tego komputera nie ma dobrej opinii",
    "Serwer ma o adresie internetowym tego komputera złe zdanie albo jeszcze żadnego.",
    "Sprawdź, czy jakiś program tutaj lub sąsiad w sieci nie rozsyła spamu; do tego czasu wysyłaj przez serwer swojego dostawcy poczty.")
TRANSLATION(THROTTLED, "za dużo poczty stąd",
    "Zdaniem serwera przychodzi stąd za dużo poczty albo za dużo poczty niechcianej.",
    "Wysyłaj mniej i wolniej, a ponów próbę za kilka godzin.")
TRANSLATION(TOO_MANY_CONNECTIONS, "serwer ma za dużo połączeń",
    "Serwer ma w tej chwili za dużo połączeń.",
    "Spróbuj ponownie za kilka minut.")

TRANSLATION(SPF, "domena nadawcy na to nie pozwala (SPF)",
    "Domena nadawcy nie pozwala temu komputerowi wysyłać swojej poczty (SPF).",
    "Wysyłaj przez serwer dostawcy adresu nadawcy albo dodaj adres tego komputera do rekordu SPF tej domeny.")
TRANSLATION(DKIM, "brak ważnego podpisu DKIM",
    "Serwer wymaga ważnego podpisu DKIM domeny nadawcy, a ta wiadomość go nie ma.",
    "Wysyłaj przez serwer dostawcy adresu nadawcy, który podpisuje wiadomości.")
TRANSLATION(DMARC, "nie dowiedziono domeny nadawcy (DMARC)",
    "Domena nadawcy prosi wszystkie serwery o odrzucanie poczty, co do której nie dowiedziono, że jest jej własna (DMARC).",
    "Wysyłaj przez serwer dostawcy adresu nadawcy; adresów Gmaila, Yahoo i podobnych nie można stąd używać.")
TRANSLATION(UNAUTHENTICATED, "brak dowodu domeny nadawcy (SPF, DKIM)",
    "Serwer chce dowodu (SPF lub DKIM), że wiadomość naprawdę pochodzi z domeny nadawcy.",
    "Wysyłaj przez serwer dostawcy adresu nadawcy albo dodaj adres tego komputera do rekordu SPF tej domeny.")
TRANSLATION(MICROSOFT_AUTHENTICATION, "domenie nadawcy brak SPF, DKIM lub DMARC",
    "Zdaniem Microsoftu domena nadawcy nie ma ważnych SPF, DKIM i DMARC.",
    "Administrator domeny musi ustawić wszystkie trzy albo wiadomość musi iść przez dostawcę adresu nadawcy.")
TRANSLATION(DIRECT_SEND, "Direct Send nie jest tam dozwolony",
    "Organizacja korzysta z Microsoft 365 i nie przyjmuje z zewnątrz poczty, której nadawca jest w jej własnej domenie (Direct Send).",
    "Jej administrator musi dopuścić adres tego komputera przez łącznik albo trzeba wysyłać po zalogowaniu.")
TRANSLATION(SPOOFING, "adres nadawcy uznano za podrobiony",
    "Serwer uważa adres nadawcy za podrobiony.",
    "Użyj adresu nadawcy, z którego wolno stąd wysyłać, albo poproś administratora serwera o dopuszczenie go.")
TRANSLATION(SENDER_DOMAIN, "nie znaleziono domeny nadawcy",
    "Serwer nie może znaleźć domeny z adresu nadawcy albo jej serwera pocztowego.",
    "Popraw adres nadawcy w programie, który wysyła; musi dać się na niego odpowiedzieć.")
TRANSLATION(SENDER_DOMAIN_LISTED, "domena nadawcy ma złą opinię",
    "Domena, którą wiadomość podaje jako domenę nadawcy, jest na liście blokad albo ma u serwera złą opinię.",
    "Właściciel domeny może poprosić o usunięcie jej z listy podanej w odpowiedzi.")
TRANSLATION(SENDER_NOT_VERIFIED, "adres nadawcy nie został potwierdzony",
    "Serwer zapytał serwer pocztowy nadawcy, a ten nie potwierdził adresu nadawcy.",
    "Popraw adres nadawcy w programie, który wysyła; musi on móc odbierać pocztę.")
TRANSLATION(SENDER_BLOCKED, "odbiorca blokuje tego nadawcę",
    "Odbiorca lub jego organizacja blokuje tego nadawcę.",
    "Poproś odbiorcę inną drogą, by dopuścił adres nadawcy.")

TRANSLATION(NO_SUCH_USER, "nie ma takiej skrzynki",
    "Nie ma takiej skrzynki.",
    "Sprawdź, czy w adresie nie ma literówki, i zapytaj odbiorcę, czy jeszcze go używa.")
TRANSLATION(MAILBOX_UNAVAILABLE, "poczta dla tego adresu nie jest przyjmowana",
    "Serwer nie przyjmuje poczty dla tego adresu i nie mówi dlaczego.",
    "Sprawdź, czy w adresie nie ma literówki, albo skontaktuj się z odbiorcą inaczej.")
TRANSLATION(MAILBOX_DISABLED, "skrzynka jest zamknięta",
    "Skrzynka jest zamknięta albo już nieużywana.",
    "Skontaktuj się z odbiorcą inaczej i zapytaj o obecny adres.")
TRANSLATION(MAILBOX_FULL, "skrzynka jest pełna",
    "Skrzynka odbiorcy jest pełna.",
    "Powiedz odbiorcy inną drogą, by zrobił w niej miejsce, i wyślij ponownie.")
TRANSLATION(RECIPIENT_BUSY, "odbiorca dostaje teraz za dużo poczty",
    "Odbiorca dostaje teraz więcej poczty, niż serwer pozwala.",
    "Spróbuj ponownie za godzinę.")
TRANSLATION(RECIPIENT_MOVED, "odbiorca ma inny adres",
    "Odbiorca ma teraz inny adres.",
    "Wyślij na nowy adres, jeśli odpowiedź go podaje, albo zapytaj o niego odbiorcę.")
TRANSLATION(RECIPIENT_SYNTAX, "adres jest źle zapisany",
    "Zdaniem serwera adres odbiorcy jest źle zapisany.",
    "Poszukaj w adresie spacji, przecinków lub innych pomyłek.")
TRANSLATION(INSIDERS_ONLY, "pisać tam mogą tylko niektórzy nadawcy",
    "Ten adres przyjmuje pocztę tylko od niektórych nadawców, na przykład tylko z wnętrza organizacji.",
    "Poproś kogoś stamtąd o przekazanie wiadomości albo o dopuszczenie nadawcy.")
TRANSLATION(TOO_MANY_RECIPIENTS, "za dużo odbiorców",
    "Wiadomość ma więcej odbiorców, niż serwer przyjmuje naraz.",
    "Wyślij ją do mniejszej liczby osób naraz.")
TRANSLATION(RELAY_DENIED, "serwer nie obsługuje tej domeny",
    "Serwer mówi, że poczta tej domeny nie należy do niego.",
    "Sprawdź, co stoi po znaku @; jeśli jest dobrze, domena odbiorcy jest źle ustawiona i jej administrator powinien o tym wiedzieć.")
TRANSLATION(LOGIN_REQUIRED, "serwer wymaga zalogowania",
    "Serwer przyjmuje pocztę tylko po zalogowaniu.",
    "Domena odbiorcy wskazuje serwer, który nie jest przeznaczony dla poczty z zewnątrz; jej administrator powinien o tym wiedzieć.")
TRANSLATION(TLS_REQUIRED, "serwer wymaga szyfrowania",
    "Serwer przyjmuje pocztę tylko przez szyfrowane połączenie.",
    "Sprawdź w dzienniku, czy szyfrowanie się nie powiodło; może mu przeszkadzać program zabezpieczający, który zagląda do połączenia.")

TRANSLATION(TOO_BIG, "wiadomość jest za duża",
    "Wiadomość jest większa, niż serwer przyjmuje.",
    "Wyślij mniejsze załączniki albo zamiast nich łącze.")
TRANSLATION(ATTACHMENT, "załącznik jest niedozwolony",
    "Serwer nie przyjmuje któregoś załącznika tej wiadomości.",
    "Wyślij go w innej postaci albo jako łącze; programy i archiwa z programami są zwykle zabronione.")
TRANSLATION(VIRUS, "wirus, jak mówi serwer",
    "Zdaniem serwera wiadomość zawiera wirusa.",
    "Nie wysyłaj jej ponownie; sprawdź ten komputer i załączniki programem antywirusowym.")
TRANSLATION(SPAM, "uznano za spam",
    "Serwer uważa wiadomość za spam.",
    "Wyślij ją inaczej napisaną i z mniejszą liczbą łączy albo uprzedź odbiorcę inną drogą.")
TRANSLATION(SPAM_LINK, "łącze jest znane ze spamu",
    "Łącze w wiadomości prowadzi do strony znanej ze spamu.",
    "Usuń łącza i wyślij ponownie.")
TRANSLATION(BAD_FROM, "wiersz From (Od) nie jest w porządku",
    "Wiadomość nie ma wiersza From (Od) albo ma taki, jakiego serwer nie przyjmuje.",
    "Popraw nazwę i adres nadawcy w programie, który wysyła.")
TRANSLATION(BAD_FORM, "wiadomość jest źle zbudowana",
    "Wiadomość nie jest zbudowana tak, jak wymagają normy poczty.",
    "Program, który utworzył wiadomość, trzeba poprawić albo zaktualizować.")
TRANSLATION(LOOP, "wiadomość krąży w kółko",
    "Wiadomość krąży w kółko między serwerami.",
    "Poszukaj przekierowania, które prowadzi z powrotem do siebie; znajdzie je administrator domeny odbiorcy.")
TRANSLATION(POLICY, "wbrew regułom serwera",
    "Jakaś reguła serwera odbiorcy zabrania tej wiadomości; która, tego nie mówi.",
    "Zapytaj administratora po stronie odbiorcy i przytocz słowa serwera.")

TRANSLATION(GREYLISTED, "odrzucono na kilka minut (greylisting)",
    "Serwer przez kilka minut odrzuca pocztę od nowych nadawców (greylisting).",
    "Wyślij tę samą wiadomość ponownie za pięć do piętnastu minut.")
TRANSLATION(ADDRESS_CHECK, "adres jest jeszcze sprawdzany",
    "Serwer dopiero sprawdza, czy ten adres istnieje.",
    "Wyślij ponownie za kilka minut.")
TRANSLATION(SERVER_FULL, "na serwerze brak miejsca",
    "Na serwerze odbiorcy zabrakło miejsca.",
    "Spróbuj ponownie później; jeśli to potrwa, powiadom odbiorcę inną drogą.")
TRANSLATION(TOO_SLOW, "serwer nie chciał czekać",
    "Serwer nie chciał dłużej czekać na resztę wiadomości.",
    "Spróbuj ponownie; jeśli zdarza się to często, łącze internetowe jest wolne albo zakłócone.")
TRANSLATION(TRY_LATER, "serwer prosi o próbę później",
    "Serwer odbiorcy jest przeciążony albo ma kłopoty i prosi o ponowną próbę.",
    "Wyślij ponownie później.")
