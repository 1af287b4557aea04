; SPDX-License-Identifier: MIT
; The running program: asked to exit, waited for, started again.

!macro RUNNING UN
; Asks the program of this session to exit, by its own --exit: mail on its way gets its answer. Then its file must be free;
; it is not when another user runs it, or somebody has it open. Ends the setup when that stays so.
Function ${UN}StopProgram
    again:
    FindWindow $0 "${WINDOW_CLASS}"
    ${If} $0 <> 0
        StrCpy $WasRunning 1
        ${If} ${FileExists} "$INSTDIR\${PROGRAM}"
            DetailPrint "$(STOPPING)"
            ExecWait '"$INSTDIR\${PROGRAM}" --exit'
        ${EndIf}
    ${EndIf}
    Call ${UN}FileIsFree
    Pop $0
    ${If} $0 = 1
        Return
    ${EndIf}
    MessageBox MB_RETRYCANCEL|MB_ICONEXCLAMATION "$(STAYS)" /SD IDCANCEL IDRETRY again
    SetErrorLevel ${EXIT_STAYS}
    Abort "$(STAYS_SHORT)"
FunctionEnd

; Pushes 1 when nobody holds the program's file. Windows opens that of a running program for reading only.
Function ${UN}FileIsFree
    ${Unless} ${FileExists} "$INSTDIR\${PROGRAM}"
        Push 1
        Return
    ${EndUnless}
    ClearErrors
    FileOpen $0 "$INSTDIR\${PROGRAM}" a
    ${If} ${Errors}
        Push 0
    ${Else}
        FileClose $0
        Push 1
    ${EndIf}
FunctionEnd
!macroend

!insertmacro RUNNING ""
!insertmacro RUNNING "un."

; A copy from elsewhere (one that was just tried out) is left: the fresh program asks it.
Function StopOtherCopy
    FindWindow $0 "${WINDOW_CLASS}"
    ${If} $0 <> 0
        ExecWait '"$INSTDIR\${PROGRAM}" --exit'
    ${EndIf}
FunctionEnd

; We have an administrator's rights, the program must not: Explorer, which has the rights of the person at the screen, starts it.
; Without UAC there is only one kind of rights, and no need for that.
Function StartProgram
    StrCpy $StartAgain 0
    Call HasElevatedRights
    Pop $0
    SetOutPath "$INSTDIR"
    ${If} $0 = 1
        Exec '"$WINDIR\explorer.exe" "$INSTDIR\${PROGRAM}"'
    ${Else}
        Exec '"$INSTDIR\${PROGRAM}"'
    ${EndIf}
FunctionEnd

; Pushes 1 when there is a second, lesser set of rights of the same person: TokenElevationTypeFull.
Function HasElevatedRights
    StrCpy $1 0
    System::Call 'kernel32::GetCurrentProcess() p .r2'
    System::Call 'advapi32::OpenProcessToken(p r2, i 8, *p .r3) i .r0'                 ; TOKEN_QUERY
    ${If} $0 <> 0
        System::Call 'advapi32::GetTokenInformation(p r3, i 18, *i .r4, i 4, *i .r5) i .r0' ; TokenElevationType
        ${If} $0 <> 0
        ${AndIf} $4 = 2
            StrCpy $1 1
        ${EndIf}
        System::Call 'kernel32::CloseHandle(p r3)'
    ${EndIf}
    Push $1
FunctionEnd
