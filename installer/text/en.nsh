; SPDX-License-Identifier: MIT
; English, and for every language that we do not speak.

!insertmacro MUI_LANGUAGE "English"

LangString CAPTION ${LANG_ENGLISH} "Traypost Setup"
LangString UNINSTALL_CAPTION ${LANG_ENGLISH} "Removing Traypost"

; ---- why not (boxes; with /S nobody sees them, and the exit code tells) ----
LangString TOO_OLD ${LANG_ENGLISH} "Traypost needs Windows 10 version 1607 or later, or Windows Server 2016 or later.$\r$\n$\r$\nThis Windows is older. Nothing has been changed."
LangString NO_RIGHTS ${LANG_ENGLISH} "Traypost is installed for everybody who uses this computer. That takes an administrator's rights."
LangString BUSY ${LANG_ENGLISH} "Another setup of Traypost is already open."
LangString NEWER ${LANG_ENGLISH} "Traypost $Installed is installed. This setup has the older version ${VERSION}.$\r$\n$\r$\nIf you want the older one, first remove Traypost in Windows' list of installed apps. Nothing has been changed."
LangString PACKAGE ${LANG_ENGLISH} "Traypost was installed here by its MSI package. Please remove that first in Windows' list of installed apps. Nothing has been changed."
LangString STAYS ${LANG_ENGLISH} "This file is in use, so it can be neither replaced nor removed:$\r$\n$INSTDIR\${PROGRAM}$\r$\n$\r$\nPlease exit Traypost (right-click its icon, Exit), also where another user is logged on. Then try again."
LangString STAYS_SHORT ${LANG_ENGLISH} "Traypost is in use. Nothing has been changed."
LangString CANNOT_WRITE ${LANG_ENGLISH} "The program could not be written to $INSTDIR. Is the disk full?"
LangString ABORT_QUESTION ${LANG_ENGLISH} "Do you want to leave the setup of Traypost?"

; ---- the wizard ----
LangString WELCOME_TITLE ${LANG_ENGLISH} "Welcome to Traypost"
LangString WELCOME_TEXT ${LANG_ENGLISH} "Traypost hands the mail of the programs on this computer straight to the recipients' mail servers. They send to localhost, port 25; there is nothing to configure.$\r$\n$\r$\nThis setup installs version ${VERSION} for everybody who uses this computer."
LangString WELCOME_UPGRADE ${LANG_ENGLISH} "Traypost $Installed is installed. This setup makes it version ${VERSION}, in the same folder. A file traypost.ini with your settings stays as it is."
LangString MAINTENANCE_TITLE ${LANG_ENGLISH} "Traypost is installed"
LangString MAINTENANCE_SUBTITLE ${LANG_ENGLISH} "This computer already has version ${VERSION}."
LangString REPAIR ${LANG_ENGLISH} "&Repair"
LangString REPAIR_TEXT ${LANG_ENGLISH} "Installs all files and entries again. Your settings (traypost.ini) stay as they are."
LangString REMOVE ${LANG_ENGLISH} "Re&move"
LangString REMOVE_CHOICE_TEXT ${LANG_ENGLISH} "Takes Traypost off this computer."
LangString FOLDER_TITLE ${LANG_ENGLISH} "Folder"
LangString FOLDER_SUBTITLE ${LANG_ENGLISH} "Where is Traypost to be installed?"
LangString FOLDER_TEXT ${LANG_ENGLISH} "Setup will put the program in this folder. You can choose another one."
LangString READY_TITLE ${LANG_ENGLISH} "Ready"
LangString READY_SUBTITLE ${LANG_ENGLISH} "Nothing has been changed yet."
LangString READY_INSTALL ${LANG_ENGLISH} "Traypost ${VERSION} ($Bits-bit) will be installed, with an entry in the Start menu, in the folder:"
LangString READY_UPGRADE ${LANG_ENGLISH} "Traypost $Installed will be replaced by version ${VERSION} ($Bits-bit) in the folder:"
LangString READY_REPAIR ${LANG_ENGLISH} "Traypost ${VERSION} ($Bits-bit) will be installed again in the folder:"
LangString READY_RUNNING ${LANG_ENGLISH} "Traypost is running. It will exit and be started again. No mail is lost: programs that are just sending get their answer first, or are told to try again."
LangString STOPPING ${LANG_ENGLISH} "Traypost exits..."
LangString FINISH_TITLE ${LANG_ENGLISH} "Traypost is installed"
LangString FINISH_TEXT ${LANG_ENGLISH} "Version ${VERSION} is ready. While it runs, its icon is in the notification area of the taskbar; a click on it shows what became of each mail."
LangString FINISH_RUN ${LANG_ENGLISH} "&Run Traypost"
LangString FINISH_AUTOSTART ${LANG_ENGLISH} "Start with &Windows"

; ---- removing ----
LangString REMOVE_TITLE ${LANG_ENGLISH} "Remove Traypost"
LangString REMOVE_SUBTITLE ${LANG_ENGLISH} "Nothing has been changed yet."
LangString REMOVE_TEXT ${LANG_ENGLISH} "Traypost will be removed from this computer. If it is running, it exits first. No mail is lost: programs that are just sending get their answer, or are told to try again."
LangString REMOVE_SETTINGS ${LANG_ENGLISH} "&Delete my settings too (traypost.ini)"
