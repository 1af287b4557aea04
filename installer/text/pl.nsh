; SPDX-License-Identifier: MIT
; Po polsku.

!insertmacro MUI_LANGUAGE "Polish"

LangString CAPTION ${LANG_POLISH} "Instalator programu Traypost"
LangString UNINSTALL_CAPTION ${LANG_POLISH} "Usuwanie programu Traypost"

; ---- dlaczego nie ----
LangString TOO_OLD ${LANG_POLISH} "Traypost wymaga systemu Windows 10 w wersji 1607 lub nowszej albo systemu Windows Server 2016 lub nowszego.$\r$\n$\r$\nTen system Windows jest starszy. Niczego nie zmieniono."
LangString NO_RIGHTS ${LANG_POLISH} "Traypost jest instalowany dla wszystkich użytkowników tego komputera. Potrzebne są do tego uprawnienia administratora."
LangString BUSY ${LANG_POLISH} "Instalator programu Traypost jest już otwarty."
LangString NEWER ${LANG_POLISH} "Na tym komputerze jest zainstalowany Traypost $Installed. Ten instalator zawiera starszą wersję ${VERSION}.$\r$\n$\r$\nAby zainstalować starszą wersję, najpierw usuń Traypost z listy zainstalowanych aplikacji systemu Windows. Niczego nie zmieniono."
LangString PACKAGE ${LANG_POLISH} "Traypost został tu zainstalowany z pakietu MSI. Najpierw usuń go z listy zainstalowanych aplikacji systemu Windows. Niczego nie zmieniono."
LangString STAYS ${LANG_POLISH} "Ten plik jest używany, więc nie można go ani zastąpić, ani usunąć:$\r$\n$INSTDIR\${PROGRAM}$\r$\n$\r$\nZakończ Traypost (prawym przyciskiem na jego ikonie, Zakończ), także tam, gdzie jest zalogowany inny użytkownik. Potem spróbuj ponownie."
LangString STAYS_SHORT ${LANG_POLISH} "Traypost jest używany. Niczego nie zmieniono."
LangString CANNOT_WRITE ${LANG_POLISH} "Nie udało się zapisać programu w folderze $INSTDIR. Czy dysk nie jest pełny?"
LangString ABORT_QUESTION ${LANG_POLISH} "Czy przerwać instalację programu Traypost?"

; ---- kreator ----
LangString WELCOME_TITLE ${LANG_POLISH} "Witamy w programie Traypost"
LangString WELCOME_TEXT ${LANG_POLISH} "Traypost przekazuje pocztę programów na tym komputerze prosto do serwerów pocztowych odbiorców. Programy wysyłają ją na localhost, port 25; niczego nie trzeba konfigurować.$\r$\n$\r$\nZostanie zainstalowana wersja ${VERSION} dla wszystkich użytkowników tego komputera."
LangString WELCOME_UPGRADE ${LANG_POLISH} "Na tym komputerze jest zainstalowany Traypost $Installed. W tym samym folderze zastąpi go wersja ${VERSION}. Plik traypost.ini z Twoimi ustawieniami pozostanie bez zmian."
LangString MAINTENANCE_TITLE ${LANG_POLISH} "Traypost jest zainstalowany"
LangString MAINTENANCE_SUBTITLE ${LANG_POLISH} "Wersja ${VERSION} już jest na tym komputerze."
LangString REPAIR ${LANG_POLISH} "&Napraw"
LangString REPAIR_TEXT ${LANG_POLISH} "Wszystkie pliki i wpisy zostaną zainstalowane ponownie. Twoje ustawienia (traypost.ini) pozostaną bez zmian."
LangString REMOVE ${LANG_POLISH} "&Usuń"
LangString REMOVE_CHOICE_TEXT ${LANG_POLISH} "Traypost zostanie usunięty z tego komputera."
LangString FOLDER_TITLE ${LANG_POLISH} "Folder"
LangString FOLDER_SUBTITLE ${LANG_POLISH} "Gdzie zainstalować Traypost?"
LangString FOLDER_TEXT ${LANG_POLISH} "Program zostanie zainstalowany w tym folderze. Można wybrać inny."
LangString READY_TITLE ${LANG_POLISH} "Wszystko gotowe"
LangString READY_SUBTITLE ${LANG_POLISH} "Niczego jeszcze nie zmieniono."
LangString READY_INSTALL ${LANG_POLISH} "Traypost ${VERSION} (wersja $Bits-bitowa) zostanie zainstalowany, ze skrótem w menu Start, w folderze:"
LangString READY_UPGRADE ${LANG_POLISH} "Traypost $Installed zostanie zastąpiony wersją ${VERSION} ($Bits-bitową) w folderze:"
LangString READY_REPAIR ${LANG_POLISH} "Traypost ${VERSION} (wersja $Bits-bitowa) zostanie zainstalowany ponownie w folderze:"
LangString READY_RUNNING ${LANG_POLISH} "Traypost jest uruchomiony. Zakończy pracę i zostanie uruchomiony ponownie. Żadna wiadomość nie przepadnie: programy, które właśnie wysyłają, najpierw otrzymają odpowiedź albo prośbę, by spróbowały później."
LangString STOPPING ${LANG_POLISH} "Traypost kończy pracę..."
LangString FINISH_TITLE ${LANG_POLISH} "Traypost jest zainstalowany"
LangString FINISH_TEXT ${LANG_POLISH} "Wersja ${VERSION} jest gotowa. Uruchomiony Traypost ma ikonę w obszarze powiadomień na pasku zadań; po jej kliknięciu widać, co się stało z każdą wiadomością."
LangString FINISH_RUN ${LANG_POLISH} "&Uruchom Traypost"
LangString FINISH_AUTOSTART ${LANG_POLISH} "Uruchamiaj z systemem &Windows"

; ---- usuwanie ----
LangString REMOVE_TITLE ${LANG_POLISH} "Usuń Traypost"
LangString REMOVE_SUBTITLE ${LANG_POLISH} "Niczego jeszcze nie zmieniono."
LangString REMOVE_TEXT ${LANG_POLISH} "Traypost zostanie usunięty z tego komputera. Jeśli jest uruchomiony, najpierw zakończy pracę. Żadna wiadomość nie przepadnie: programy, które właśnie wysyłają, otrzymają odpowiedź albo prośbę, by spróbowały później."
LangString REMOVE_SETTINGS ${LANG_POLISH} "Usuń także moje &ustawienia (traypost.ini)"
