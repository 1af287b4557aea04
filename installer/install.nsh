; SPDX-License-Identifier: MIT
; Installing, repairing and upgrading are the same: every file of ours, and what Windows is told.

; The old program is replaced when the new one lies whole beside it: a full disk or a power cut leaves one that works.
Function PutProgram
    SetOutPath "$INSTDIR"
    ClearErrors
    ${If} $Bits = 64
        File "/oname=${PROGRAM}.new" "${X64}"
    ${Else}
        File "/oname=${PROGRAM}.new" "${X86}"
    ${EndIf}
    ${Unless} ${Errors}         ; who asks has cleared them
        Delete "$INSTDIR\${PROGRAM}"
        Rename "$INSTDIR\${PROGRAM}.new" "$INSTDIR\${PROGRAM}"
        ${Unless} ${Errors}
            Return
        ${EndUnless}
    ${EndUnless}
    Delete "$INSTDIR\${PROGRAM}.new"
    SetErrorLevel ${EXIT_CANNOT_WRITE}
    MessageBox MB_OK|MB_ICONSTOP "$(CANNOT_WRITE)" /SD IDOK
    Abort "$(CANNOT_WRITE)"
FunctionEnd

Function TellWindows
    WriteRegStr HKLM "${UNINSTALL_KEY}" "DisplayName" "${NAME}"
    WriteRegStr HKLM "${UNINSTALL_KEY}" "DisplayVersion" "${VERSION}"
    WriteRegStr HKLM "${UNINSTALL_KEY}" "DisplayIcon" "$INSTDIR\${PROGRAM}"
    WriteRegStr HKLM "${UNINSTALL_KEY}" "Publisher" "${PUBLISHER}"
    WriteRegStr HKLM "${UNINSTALL_KEY}" "URLInfoAbout" "${HOMEPAGE}"
    WriteRegStr HKLM "${UNINSTALL_KEY}" "InstallLocation" "$INSTDIR"
    WriteRegStr HKLM "${UNINSTALL_KEY}" "UninstallString" '"$INSTDIR\uninstall.exe"'
    WriteRegStr HKLM "${UNINSTALL_KEY}" "QuietUninstallString" '"$INSTDIR\uninstall.exe" /S'
    ; Repair is what this setup offers when it is started again: nothing of it stays in the computer.
    WriteRegDWORD HKLM "${UNINSTALL_KEY}" "NoModify" 1
    WriteRegDWORD HKLM "${UNINSTALL_KEY}" "NoRepair" 1
    ${GetSize} "$INSTDIR" "/S=0K /G=0" $0 $1 $2
    WriteRegDWORD HKLM "${UNINSTALL_KEY}" "EstimatedSize" $0
    CreateShortcut "$SMPROGRAMS\${NAME}.lnk" "$INSTDIR\${PROGRAM}"
FunctionEnd

; Who cannot be asked gets what is ticked in the wizard; an upgrade or repair leaves the choice as it is.
Function ChooseAutostart
    ${If} ${Silent}
    ${AndIf} $Task == "install"
        ${GetParameters} $0
        ClearErrors
        ${GetOptions} $0 "/AUTOSTART=" $1
        ${If} ${Errors}
        ${OrIf} $1 != "no"
            Call AutostartOn
        ${EndIf}
    ${EndIf}
FunctionEnd

Section
    AddSize ${KILOBYTES}        ; of the program: NSIS counts only what stands in the section itself
    Call StopProgram
    Call PutProgram
    File "/oname=LICENSE.txt" "${LICENSE}"
    !ifdef THIRD_PARTY
        File "/oname=THIRD-PARTY.txt" "${THIRD_PARTY}"
    !endif
    WriteUninstaller "$INSTDIR\uninstall.exe"
    Call TellWindows
    Call ChooseAutostart
    Call StopOtherCopy
    StrCpy $StartAgain $WasRunning
SectionEnd

; Stopped for an upgrade or repair, and never left so, whatever is pressed at the end.
Function .onInstSuccess
    ${If} $StartAgain = 1
        Call StartProgram
    ${EndIf}
FunctionEnd

Function .onInstFailed
    ${If} $WasRunning = 1
    ${AndIf} ${FileExists} "$INSTDIR\${PROGRAM}"
        FindWindow $0 "${WINDOW_CLASS}"
        ${If} $0 = 0
            Call StartProgram
        ${EndIf}
    ${EndIf}
FunctionEnd
