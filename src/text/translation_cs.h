/* SPDX-License-Identifier: MIT */
/* Česky. Co zde má být, říká translation_en.h. „Server“ je vždy server příjemce. */

/* clang-format off */

TRANSLATION(PORT_25_BLOCKED, "port 25 je blokován",
    "Připojení tohoto počítače k internetu nepouští ven poštu (port 25 je blokován).",
    "Požádejte poskytovatele internetu o povolení portu 25, nebo posílejte přes server svého poskytovatele pošty.")
TRANSLATION(HOME_ADDRESS, "server nepřijímá poštu z domácích připojení",
    "Server nepřijímá poštu přímo z připojení, jako je toto (domácí, mobilní nebo proměnlivé adresy).",
    "Posílejte přes server svého poskytovatele pošty; se zprávou samou je vše v pořádku.")
TRANSLATION(IPV6_POLICY, "server zprávu po IPv6 nepřijme",
    "Server tuto zprávu z tohoto počítače po IPv6 nepřijme.",
    "Posílejte po IPv4, nebo ať poskytovatel internetu nastaví adrese IPv6 jméno (záznam PTR).")
TRANSLATION(NO_PTR, "adresa tohoto počítače nemá jméno (PTR)",
    "Internetová adresa tohoto počítače nemá v DNS řádné jméno (záznam PTR) a server na něm trvá.",
    "Požádejte poskytovatele internetu o nastavení záznamu PTR; jeho jméno musí vést zpět na stejnou adresu.")
TRANSLATION(BAD_HELO, "server nepřijímá jméno tohoto počítače",
    "Server nepřijímá jméno, kterým se mu tento počítač představuje.",
    "Nastavte volbu hostname na úplné jméno, které má veřejná adresa tohoto počítače v DNS.")
TRANSLATION(BLOCK_LIST, "adresa tohoto počítače je na seznamu blokovaných",
    "Internetová adresa tohoto počítače je na seznamu blokovaných adres, který server používá.",
    "Podívejte se na stránce seznamu uvedeného v odpovědi proč a požádejte tam o vyřazení, nebo posílejte přes server svého poskytovatele pošty.")
TRANSLATION(BLOCK_LIST_BROKEN, "server špatně čte seznam blokovaných",
    "Server se zeptal seznamu blokovaných adres způsobem, na který seznam neodpovídá, a pokládá to za záznam v něm.",
    "Chyba je tam, ne zde: dejte správci serveru vědět jinou cestou.")
TRANSLATION(MICROSOFT_BLOCK, "blokováno Microsoftem",
    "Microsoft blokuje internetovou adresu tohoto počítače nebo síť, do níž patří.",
    "Požádejte Microsoft o zrušení blokování (sender.office.com nebo podpora odesílatelů Outlook.com), nebo posílejte přes server svého poskytovatele pošty.")
TRANSLATION(MICROSOFT_TRAFFIC, "Microsoft z této adresy poštu nepřijímá",
    "Microsoft z této internetové adresy nebo z této části sítě poštu nepřijímá.",
    "Posílejte přes server svého poskytovatele pošty; správce se může obrátit na podporu Microsoftu.")
TRANSLATION(TELEKOM, "T-Online tento počítač nezná",
    "T-Online přijímá poštu jen z adres, které zná, a tento počítač nezná nebo o něm nemá dobré mínění.",
    "Napište na adresu správce uvedenou v odpovědi a požádejte o povolení, nebo posílejte přes server svého poskytovatele pošty.")
TRANSLATION(REPUTATION, "adresa tohoto počítače nemá dobrou pověst",
    "Server má o internetové adrese tohoto počítače špatné mínění, nebo ještě žádné.",
    "Zjistěte, zda některý program zde nebo soused v síti nerozesílá spam; do té doby posílejte přes server svého poskytovatele pošty.")
TRANSLATION(THROTTLED, "příliš mnoho pošty odsud",
    "Podle serveru odsud přichází příliš mnoho pošty nebo příliš mnoho nevyžádané pošty.",
    "Posílejte méně a pomaleji a zkuste to znovu za několik hodin.")
TRANSLATION(TOO_MANY_CONNECTIONS, "server má příliš mnoho spojení",
    "Server má právě teď příliš mnoho spojení.",
    "Zkuste to znovu za několik minut.")

TRANSLATION(SPF, "doména odesílatele to nedovoluje (SPF)",
    "Doména odesílatele nedovoluje tomuto počítači posílat její poštu (SPF).",
    "Posílejte přes server poskytovatele adresy odesílatele, nebo přidejte adresu tohoto počítače do záznamu SPF té domény.")
TRANSLATION(DKIM, "chybí platný podpis DKIM",
    "Server chce platný podpis DKIM domény odesílatele a zpráva ho nemá.",
    "Posílejte přes server poskytovatele adresy odesílatele, který zprávy podepisuje.")
TRANSLATION(DMARC, "nedoloženo, že je z domény odesílatele (DMARC)",
    "Doména odesílatele žádá všechny servery, aby odmítaly zprávy, u nichž není doloženo, že jsou opravdu její (DMARC).",
    "Posílejte přes server poskytovatele adresy odesílatele; adresy Gmailu, Yahoo a podobné odsud použít nelze.")
TRANSLATION(UNAUTHENTICATED, "chybí doklad o doméně odesílatele (SPF, DKIM)",
    "Server chce doklad (SPF nebo DKIM), že zpráva opravdu pochází z domény odesílatele.",
    "Posílejte přes server poskytovatele adresy odesílatele, nebo přidejte adresu tohoto počítače do záznamu SPF té domény.")
TRANSLATION(MICROSOFT_AUTHENTICATION, "doméně odesílatele chybí SPF, DKIM nebo DMARC",
    "Podle Microsoftu doména odesílatele nemá platné SPF, DKIM a DMARC.",
    "Správce domény musí nastavit všechny tři, nebo musí zpráva jít přes poskytovatele adresy odesílatele.")
TRANSLATION(DIRECT_SEND, "Direct Send tam není povolen",
    "Organizace používá Microsoft 365 a zvenku nepřijímá poštu, která má jako odesílatele její vlastní doménu (Direct Send).",
    "Její správce musí adresu tohoto počítače povolit konektorem, nebo se musí posílat po přihlášení.")
TRANSLATION(SPOOFING, "adresa odesílatele se jeví podvržená",
    "Server má adresu odesílatele za podvrženou.",
    "Použijte adresu odesílatele, která smí odsud posílat, nebo požádejte správce serveru o její povolení.")
TRANSLATION(SENDER_DOMAIN, "doména odesílatele nenalezena",
    "Server nemůže najít doménu z adresy odesílatele nebo její poštovní server.",
    "Opravte adresu odesílatele v programu, který zprávu posílá; musí na ni jít odpovědět.")
TRANSLATION(SENDER_DOMAIN_LISTED, "doména odesílatele má špatnou pověst",
    "Doména, kterou zpráva uvádí za odesílatelovu, je na seznamu blokovaných nebo má u serveru špatnou pověst.",
    "Majitel domény může požádat o vyřazení ze seznamu, který odpověď uvádí.")
TRANSLATION(SENDER_NOT_VERIFIED, "adresa odesílatele nebyla potvrzena",
    "Server se zeptal poštovního serveru odesílatele a ten adresu odesílatele nepotvrdil.",
    "Opravte adresu odesílatele v programu, který zprávu posílá; musí být schopna přijímat poštu.")
TRANSLATION(SENDER_BLOCKED, "příjemce tohoto odesílatele blokuje",
    "Příjemce nebo jeho organizace tohoto odesílatele blokuje.",
    "Požádejte příjemce jinou cestou, aby adresu odesílatele povolil.")

TRANSLATION(NO_SUCH_USER, "taková schránka neexistuje",
    "Taková schránka neexistuje.",
    "Zkontrolujte, zda v adrese není překlep, a zeptejte se příjemce, zda ji ještě používá.")
TRANSLATION(MAILBOX_UNAVAILABLE, "pro tuto adresu se pošta nepřijímá",
    "Server pro tuto adresu poštu nepřijímá a neříká proč.",
    "Zkontrolujte, zda v adrese není překlep, nebo se s příjemcem spojte jinak.")
TRANSLATION(MAILBOX_DISABLED, "schránka je zrušená",
    "Schránka je zrušená nebo se už nepoužívá.",
    "Spojte se s příjemcem jinak a zeptejte se na jeho nynější adresu.")
TRANSLATION(MAILBOX_FULL, "schránka je plná",
    "Schránka příjemce je plná.",
    "Řekněte příjemci jinou cestou, ať v ní udělá místo, a pošlete zprávu znovu.")
TRANSLATION(RECIPIENT_BUSY, "příjemci přichází příliš mnoho pošty",
    "Příjemci právě teď přichází víc pošty, než server dovoluje.",
    "Zkuste to znovu za hodinu.")
TRANSLATION(RECIPIENT_MOVED, "příjemce má jinou adresu",
    "Příjemce má nyní jinou adresu.",
    "Pošlete zprávu na novou adresu, pokud ji odpověď uvádí, nebo se na ni příjemce zeptejte.")
TRANSLATION(RECIPIENT_SYNTAX, "adresa není správně napsaná",
    "Podle serveru není adresa příjemce správně napsaná.",
    "Podívejte se, zda v adrese nejsou mezery, čárky nebo jiné chyby.")
TRANSLATION(INSIDERS_ONLY, "psát tam smějí jen někteří odesílatelé",
    "Tato adresa přijímá poštu jen od některých odesílatelů, například jen zevnitř organizace.",
    "Požádejte někoho odtamtud, aby zprávu předal nebo odesílatele povolil.")
TRANSLATION(TOO_MANY_RECIPIENTS, "příliš mnoho příjemců",
    "Zpráva má víc příjemců, než server najednou přijme.",
    "Pošlete ji menšímu počtu lidí najednou.")
TRANSLATION(RELAY_DENIED, "server tuto doménu nespravuje",
    "Server říká, že pošta pro tuto doménu není jeho věc.",
    "Zkontrolujte, co stojí za zavináčem; je-li to správně, má doména příjemce chybné nastavení a její správce by o tom měl vědět.")
TRANSLATION(LOGIN_REQUIRED, "server chce přihlášení",
    "Server přijímá poštu jen po přihlášení.",
    "Doména příjemce uvádí server, který není určen pro poštu zvenku; její správce by o tom měl vědět.")
TRANSLATION(TLS_REQUIRED, "server chce šifrování",
    "Server přijímá poštu jen po šifrovaném spojení.",
    "Podívejte se do protokolu, zda se šifrování nezdařilo; může mu bránit bezpečnostní program, který spojení prohlíží.")

TRANSLATION(TOO_BIG, "zpráva je příliš velká",
    "Zpráva je větší, než server přijímá.",
    "Pošlete menší přílohy, nebo místo nich odkaz.")
TRANSLATION(ATTACHMENT, "příloha není povolená",
    "Server nepřijímá některou přílohu této zprávy.",
    "Pošlete ji v jiné podobě nebo jako odkaz; programy a archivy s programy bývají zakázané.")
TRANSLATION(VIRUS, "podle serveru virus",
    "Podle serveru obsahuje zpráva virus.",
    "Neposílejte ji znovu; zkontrolujte tento počítač i přílohy antivirem.")
TRANSLATION(SPAM, "pokládáno za spam",
    "Server má zprávu za spam.",
    "Pošlete ji jinak napsanou a s méně odkazy, nebo na ni příjemce jinou cestou upozorněte.")
TRANSLATION(SPAM_LINK, "odkaz je známý ze spamu",
    "Odkaz ve zprávě vede na stránky, které jsou známé ze spamu.",
    "Odkazy vynechte a pošlete zprávu znovu.")
TRANSLATION(BAD_FROM, "řádek From (Od) není v pořádku",
    "Zpráva nemá řádek From (Od), nebo takový, jaký server nepřijímá.",
    "Opravte jméno a adresu odesílatele v programu, který zprávu posílá.")
TRANSLATION(BAD_FORM, "zpráva není správně sestavená",
    "Zpráva není sestavena tak, jak žádají normy pro poštu.",
    "Program, který zprávu vytvořil, je třeba opravit nebo aktualizovat.")
TRANSLATION(LOOP, "zpráva obíhá dokola",
    "Zpráva obíhá mezi servery dokola.",
    "Hledejte přesměrování, které vede zpět samo na sebe; najde ho správce domény příjemce.")
TRANSLATION(POLICY, "proti pravidlům serveru",
    "Některé pravidlo serveru příjemce tuto zprávu zakazuje; které, to neříká.",
    "Zeptejte se správce na straně příjemce a uveďte slova serveru.")

TRANSLATION(GREYLISTED, "na několik minut odmítnuto (greylisting)",
    "Server nové odesílatele na několik minut odmítá (greylisting).",
    "Pošlete stejnou zprávu znovu za pět až patnáct minut.")
TRANSLATION(ADDRESS_CHECK, "adresa se ještě ověřuje",
    "Server teprve zjišťuje, zda tato adresa existuje.",
    "Pošlete zprávu znovu za několik minut.")
TRANSLATION(SERVER_FULL, "serveru došlo místo",
    "Serveru příjemce došlo místo.",
    "Zkuste to znovu později; potrvá-li to, dejte příjemci vědět jinou cestou.")
TRANSLATION(TOO_SLOW, "server nechtěl čekat",
    "Server už nechtěl na zbytek zprávy déle čekat.",
    "Zkuste to znovu; stává-li se to často, je připojení k internetu pomalé nebo rušené.")
TRANSLATION(TRY_LATER, "server žádá o pozdější pokus",
    "Server příjemce je přetížený nebo má potíže a žádá o další pokus.",
    "Pošlete zprávu znovu později.")
