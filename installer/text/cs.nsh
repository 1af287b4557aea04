; SPDX-License-Identifier: MIT
; Česky.

!insertmacro MUI_LANGUAGE "Czech"

LangString CAPTION ${LANG_CZECH} "Instalace aplikace Traypost"
LangString UNINSTALL_CAPTION ${LANG_CZECH} "Odebrání aplikace Traypost"

; ---- proč ne ----
LangString TOO_OLD ${LANG_CZECH} "Traypost vyžaduje Windows 10 verze 1607 nebo novější, případně Windows Server 2016 nebo novější.$\r$\n$\r$\nTento systém Windows je starší. Nic se nezměnilo."
LangString NO_RIGHTS ${LANG_CZECH} "Traypost se instaluje pro všechny uživatele tohoto počítače. K tomu jsou potřeba práva správce."
LangString BUSY ${LANG_CZECH} "Instalace aplikace Traypost už je otevřena."
LangString NEWER ${LANG_CZECH} "V počítači je nainstalován Traypost $Installed. Tento instalační program obsahuje starší verzi ${VERSION}.$\r$\n$\r$\nPokud chcete starší verzi, nejprve Traypost odeberte v seznamu nainstalovaných aplikací systému Windows. Nic se nezměnilo."
LangString PACKAGE ${LANG_CZECH} "Traypost sem byl nainstalován svým balíčkem MSI. Nejprve ho prosím odeberte v seznamu nainstalovaných aplikací systému Windows. Nic se nezměnilo."
LangString STAYS ${LANG_CZECH} "Tento soubor se právě používá, takže ho nelze nahradit ani odstranit:$\r$\n$INSTDIR\${PROGRAM}$\r$\n$\r$\nUkončete prosím Traypost (pravým tlačítkem na jeho ikonu, Ukončit), a to i tam, kde je přihlášen jiný uživatel. Potom to zkuste znovu."
LangString STAYS_SHORT ${LANG_CZECH} "Traypost se právě používá. Nic se nezměnilo."
LangString CANNOT_WRITE ${LANG_CZECH} "Program se nepodařilo zapsat do složky $INSTDIR. Není disk plný?"
LangString ABORT_QUESTION ${LANG_CZECH} "Chcete instalaci aplikace Traypost opustit?"

; ---- průvodce ----
LangString WELCOME_TITLE ${LANG_CZECH} "Vítá vás Traypost"
LangString WELCOME_TEXT ${LANG_CZECH} "Traypost předává poštu programů v tomto počítači přímo poštovním serverům příjemců. Programy ji posílají na localhost, port 25; není co nastavovat.$\r$\n$\r$\nNainstaluje se verze ${VERSION} pro všechny uživatele tohoto počítače."
LangString WELCOME_UPGRADE ${LANG_CZECH} "V počítači je nainstalován Traypost $Installed. Ve stejné složce ho nahradí verze ${VERSION}. Soubor traypost.ini s vaším nastavením zůstane beze změny."
LangString MAINTENANCE_TITLE ${LANG_CZECH} "Traypost je nainstalován"
LangString MAINTENANCE_SUBTITLE ${LANG_CZECH} "Verze ${VERSION} už v tomto počítači je."
LangString REPAIR ${LANG_CZECH} "&Opravit"
LangString REPAIR_TEXT ${LANG_CZECH} "Všechny soubory a záznamy se nainstalují znovu. Vaše nastavení (traypost.ini) zůstane beze změny."
LangString REMOVE ${LANG_CZECH} "Od&ebrat"
LangString REMOVE_CHOICE_TEXT ${LANG_CZECH} "Traypost se z tohoto počítače odstraní."
LangString FOLDER_TITLE ${LANG_CZECH} "Složka"
LangString FOLDER_SUBTITLE ${LANG_CZECH} "Kam se má Traypost nainstalovat?"
LangString FOLDER_TEXT ${LANG_CZECH} "Program se nainstaluje do této složky. Můžete zvolit i jinou."
LangString READY_TITLE ${LANG_CZECH} "Připraveno"
LangString READY_SUBTITLE ${LANG_CZECH} "Zatím se nic nezměnilo."
LangString READY_INSTALL ${LANG_CZECH} "Nainstaluje se Traypost ${VERSION} ($Bits bitů), se zástupcem v nabídce Start, do složky:"
LangString READY_UPGRADE ${LANG_CZECH} "Traypost $Installed se nahradí verzí ${VERSION} ($Bits bitů) ve složce:"
LangString READY_REPAIR ${LANG_CZECH} "Traypost ${VERSION} ($Bits bitů) se nainstaluje znovu do složky:"
LangString READY_RUNNING ${LANG_CZECH} "Traypost je spuštěn. Ukončí se a potom se znovu spustí. Žádná zpráva se neztratí: programy, které právě odesílají, nejprve dostanou odpověď, nebo pokyn zkusit to později."
LangString STOPPING ${LANG_CZECH} "Traypost se ukončuje..."
LangString FINISH_TITLE ${LANG_CZECH} "Traypost je nainstalován"
LangString FINISH_TEXT ${LANG_CZECH} "Verze ${VERSION} je připravena. Spuštěný Traypost má ikonu v oznamovací oblasti na hlavním panelu; po kliknutí na ni uvidíte, co se s kterou zprávou stalo."
LangString FINISH_RUN ${LANG_CZECH} "&Spustit Traypost"
LangString FINISH_AUTOSTART ${LANG_CZECH} "Spouštět s &Windows"

; ---- odebrání ----
LangString REMOVE_TITLE ${LANG_CZECH} "Odebrat Traypost"
LangString REMOVE_SUBTITLE ${LANG_CZECH} "Zatím se nic nezměnilo."
LangString REMOVE_TEXT ${LANG_CZECH} "Traypost se z tohoto počítače odstraní. Pokud je spuštěn, nejprve se ukončí. Žádná zpráva se neztratí: programy, které právě odesílají, dostanou odpověď, nebo pokyn zkusit to později."
LangString REMOVE_SETTINGS ${LANG_CZECH} "Odstranit i moje &nastavení (traypost.ini)"
