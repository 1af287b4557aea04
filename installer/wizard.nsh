; SPDX-License-Identifier: MIT
; The wizard. First installation: welcome, folder, ready, progress, finish. Upgrade: the same without the folder. When this very
; version is there: repair or remove, instead of welcome and folder.

Var WelcomeText
Var RepairButton

!define MUI_ICON "..\res\traypost.ico"
!define MUI_UNICON "..\res\traypost.ico"
!define MUI_WELCOMEFINISHPAGE_BITMAP "pictures\wizard.bmp"
!define MUI_ABORTWARNING
!define MUI_ABORTWARNING_TEXT "$(ABORT_QUESTION)"

!define MUI_WELCOMEPAGE_TITLE "$(WELCOME_TITLE)"
!define MUI_WELCOMEPAGE_TEXT "$WelcomeText"
!define MUI_PAGE_CUSTOMFUNCTION_PRE WelcomePagePre
!insertmacro MUI_PAGE_WELCOME

Page custom MaintenancePage MaintenancePageLeave

!define MUI_PAGE_HEADER_TEXT "$(FOLDER_TITLE)"
!define MUI_PAGE_HEADER_SUBTEXT "$(FOLDER_SUBTITLE)"
!define MUI_DIRECTORYPAGE_TEXT_TOP "$(FOLDER_TEXT)"
!define MUI_PAGE_CUSTOMFUNCTION_PRE FolderPagePre
!insertmacro MUI_PAGE_DIRECTORY

Page custom ReadyPage

!insertmacro MUI_PAGE_INSTFILES

!define MUI_FINISHPAGE_TITLE "$(FINISH_TITLE)"
!define MUI_FINISHPAGE_TEXT "$(FINISH_TEXT)"
!define MUI_FINISHPAGE_RUN
!define MUI_FINISHPAGE_RUN_TEXT "$(FINISH_RUN)"
!define MUI_FINISHPAGE_RUN_FUNCTION StartProgram
; MUI's second box, which is meant for a readme file, is the one for the autostart.
!define MUI_FINISHPAGE_SHOWREADME ""
!define MUI_FINISHPAGE_SHOWREADME_TEXT "$(FINISH_AUTOSTART)"
!define MUI_FINISHPAGE_SHOWREADME_FUNCTION AutostartOn
!define MUI_FINISHPAGE_NOREBOOTSUPPORT
!define MUI_PAGE_CUSTOMFUNCTION_SHOW FinishPageShow
!define MUI_PAGE_CUSTOMFUNCTION_LEAVE FinishPageLeave
!insertmacro MUI_PAGE_FINISH

UninstPage custom un.ConfirmPage un.ConfirmPageLeave
!insertmacro MUI_UNPAGE_INSTFILES

Function WelcomePagePre
    ${If} $Task == "repair"
        Abort
    ${ElseIf} $Task == "upgrade"
        StrCpy $WelcomeText "$(WELCOME_UPGRADE)"
    ${Else}
        StrCpy $WelcomeText "$(WELCOME_TEXT)"
    ${EndIf}
FunctionEnd

Function MaintenancePage
    ${If} $Task != "repair"
        Abort
    ${EndIf}
    !insertmacro MUI_HEADER_TEXT "$(MAINTENANCE_TITLE)" "$(MAINTENANCE_SUBTITLE)"
    nsDialogs::Create 1018
    Pop $0
    ${NSD_CreateRadioButton} 0 8u 100% 12u "$(REPAIR)"
    Pop $RepairButton
    ${NSD_AddStyle} $RepairButton ${WS_GROUP}
    ${NSD_CreateLabel} 12u 22u -12u 24u "$(REPAIR_TEXT)"
    Pop $0
    ${NSD_CreateRadioButton} 0 54u 100% 12u "$(REMOVE)"
    Pop $1
    ${NSD_CreateLabel} 12u 68u -12u 24u "$(REMOVE_CHOICE_TEXT)"
    Pop $0
    GetDlgItem $0 $HWNDPARENT 3
    EnableWindow $0 0           ; there is no page before this one
    ${NSD_Check} $RepairButton
    ${NSD_SetFocus} $RepairButton
    nsDialogs::Show
FunctionEnd

; The uninstaller goes on from here; it has a confirmation of its own. It may have been deleted: there is another in here.
Function MaintenancePageLeave
    ${NSD_GetState} $RepairButton $0
    ${If} $0 <> ${BST_CHECKED}
        ${Unless} ${FileExists} "$INSTDIR\uninstall.exe"
            WriteUninstaller "$INSTDIR\uninstall.exe"
        ${EndUnless}
        System::Call 'kernel32::CloseHandle(p $Mutex)'
        Exec '"$INSTDIR\uninstall.exe"'
        Quit
    ${EndIf}
FunctionEnd

Function FolderPagePre
    ${If} $Task != "install"
        Abort
    ${EndIf}
FunctionEnd

Function ReadyPage
    !insertmacro MUI_HEADER_TEXT "$(READY_TITLE)" "$(READY_SUBTITLE)"
    nsDialogs::Create 1018
    Pop $0
    ${If} $Task == "install"
        ${NSD_CreateLabel} 0 0 100% 24u "$(READY_INSTALL)"
    ${ElseIf} $Task == "upgrade"
        ${NSD_CreateLabel} 0 0 100% 24u "$(READY_UPGRADE)"
    ${Else}
        ${NSD_CreateLabel} 0 0 100% 24u "$(READY_REPAIR)"
    ${EndIf}
    Pop $0
    ${NSD_CreateText} 0 28u 100% 13u "$INSTDIR"
    Pop $0
    SendMessage $0 ${EM_SETREADONLY} 1 0
    FindWindow $1 "${WINDOW_CLASS}"
    ${If} $1 <> 0
        ${NSD_CreateLabel} 0 52u 100% 40u "$(READY_RUNNING)"
        Pop $0
    ${EndIf}
    GetDlgItem $0 $HWNDPARENT 1
    ${NSD_SetFocus} $0
    nsDialogs::Show
FunctionEnd

; After an upgrade the boxes show how it was before.
Function FinishPageShow
    ${If} $Task != "install"
        Call AutostartIsOn
        Pop $0
        ${NSD_SetState} $mui.FinishPage.ShowReadme $0
        ${NSD_SetState} $mui.FinishPage.Run $WasRunning
    ${EndIf}
FunctionEnd

; A box without a tick also means something.
Function FinishPageLeave
    ${NSD_GetState} $mui.FinishPage.ShowReadme $0
    ${If} $0 <> ${BST_CHECKED}
        Call AutostartOff
    ${EndIf}
    StrCpy $StartAgain 0        ; the other box decides
FunctionEnd
