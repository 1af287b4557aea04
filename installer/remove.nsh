; SPDX-License-Identifier: MIT
; Removing: every file of ours by its name, and everything that Windows was told. Settings (traypost.ini) are not ours: whoever wrote
; them is asked, and keeps them when nobody can be asked.

Var DeleteSettings              ; 1: the box is ticked
Var SettingsBox

Function un.ConfirmPage
    !insertmacro MUI_HEADER_TEXT "$(REMOVE_TITLE)" "$(REMOVE_SUBTITLE)"
    nsDialogs::Create 1018
    Pop $0
    ${NSD_CreateLabel} 0 0 100% 40u "$(REMOVE_TEXT)"
    Pop $0
    StrCpy $SettingsBox ""
    ${If} ${FileExists} "$INSTDIR\${SETTINGS}"
        ${NSD_CreateCheckbox} 0 48u 100% 12u "$(REMOVE_SETTINGS)"
        Pop $SettingsBox
        ${NSD_SetState} $SettingsBox $DeleteSettings
    ${EndIf}
    nsDialogs::Show
FunctionEnd

Function un.ConfirmPageLeave
    ${If} $SettingsBox != ""
        ${NSD_GetState} $SettingsBox $DeleteSettings
    ${EndIf}
FunctionEnd

Section Uninstall
    Call un.StopProgram
    Delete "$INSTDIR\${PROGRAM}"
    Delete "$INSTDIR\${PROGRAM}.new"
    Delete "$INSTDIR\LICENSE.txt"
    Delete "$INSTDIR\THIRD-PARTY.txt"
    ${If} $DeleteSettings = ${BST_CHECKED}
        Delete "$INSTDIR\${SETTINGS}"
    ${EndIf}
    Delete "$INSTDIR\uninstall.exe"
    SetOutPath "$TEMP"          ; a folder in use cannot be removed
    RMDir "$INSTDIR"            ; only if nothing of somebody else is in it
    Delete "$SMPROGRAMS\${NAME}.lnk"
    Call un.AutostartOffForAll
    DeleteRegKey HKLM "${UNINSTALL_KEY}"
    ; NSIS runs a copy of us from a folder of its own, which Windows removes at its next start: but the file after the folder,
    ; which is not empty then. So the folder once more.
    ${If} $EXEDIR != $INSTDIR
        RMDir /REBOOTOK "$EXEDIR"
        SetRebootFlag false
    ${EndIf}
SectionEnd
