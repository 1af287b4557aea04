; SPDX-License-Identifier: MIT
; "Start with Windows": the very value that the program's own menu item writes (src/win32/autostart.c), so that its tick tells the
; truth. It is a value of the person at the screen, who need not be the administrator whose password was typed.

Var Person                      ; the security identifier, or "": nobody is at the screen, we ourselves are meant

; Windows knows who is logged on to our session.
Function FindPerson
    StrCpy $Person ""
    System::Call 'wtsapi32::WTSQuerySessionInformationW(p 0, i -1, i 5, *p .r1, *i) i .r0'          ; WTSUserName
    ${If} $0 = 0
        Return
    ${EndIf}
    System::Call 'kernel32::lstrcpynW(w .r2, p r1, i ${NSIS_MAX_STRLEN})'
    System::Call 'wtsapi32::WTSFreeMemory(p r1)'
    System::Call 'wtsapi32::WTSQuerySessionInformationW(p 0, i -1, i 7, *p .r1, *i) i .r0'          ; WTSDomainName
    ${If} $0 <> 0
        System::Call 'kernel32::lstrcpynW(w .r3, p r1, i ${NSIS_MAX_STRLEN})'
        System::Call 'wtsapi32::WTSFreeMemory(p r1)'
        ${If} $3 != ""
        ${AndIf} $2 != ""
            StrCpy $2 "$3\$2"
        ${EndIf}
    ${EndIf}
    ${If} $2 != ""
        Call FindIdentifier
    ${EndIf}
FunctionEnd

; $2: a name. Their part of the registry must be loaded, as it is while they are logged on.
Function FindIdentifier
    System::Call '*(&i128) p .r4'
    System::Call 'advapi32::LookupAccountNameW(p 0, w r2, p r4, *i 128, w .r5, *i ${NSIS_MAX_STRLEN}, *i) i .r0'
    ${If} $0 <> 0
        System::Call 'advapi32::ConvertSidToStringSidW(p r4, *p .r6) i .r0'
        ${If} $0 <> 0
            System::Call 'kernel32::lstrcpynW(w .r7, p r6, i ${NSIS_MAX_STRLEN})'
            System::Call 'kernel32::LocalFree(p r6)'
            EnumRegKey $0 HKU "$7" 0
            ${If} $0 != ""
                StrCpy $Person $7
            ${EndIf}
        ${EndIf}
    ${EndIf}
    System::Free $4
FunctionEnd

; Pushes 1 when it starts with Windows.
Function AutostartIsOn
    Call FindPerson
    ${If} $Person == ""
        ReadRegStr $0 HKCU "${RUN_KEY}" "${NAME}"
    ${Else}
        ReadRegStr $0 HKU "$Person\${RUN_KEY}" "${NAME}"
    ${EndIf}
    ${If} $0 == '"$INSTDIR\${PROGRAM}"'
        Push 1
    ${Else}
        Push 0
    ${EndIf}
FunctionEnd

; What Task Manager has noted beside an entry goes with it: the person says it here and now.
Function AutostartOn
    Call FindPerson
    ${If} $Person == ""
        WriteRegStr HKCU "${RUN_KEY}" "${NAME}" '"$INSTDIR\${PROGRAM}"'
        DeleteRegValue HKCU "${APPROVED_KEY}" "${NAME}"
    ${Else}
        WriteRegStr HKU "$Person\${RUN_KEY}" "${NAME}" '"$INSTDIR\${PROGRAM}"'
        DeleteRegValue HKU "$Person\${APPROVED_KEY}" "${NAME}"
    ${EndIf}
FunctionEnd

Function AutostartOff
    Call FindPerson
    ${If} $Person == ""
        DeleteRegValue HKCU "${RUN_KEY}" "${NAME}"
    ${Else}
        DeleteRegValue HKU "$Person\${RUN_KEY}" "${NAME}"
    ${EndIf}
FunctionEnd

; Of everybody who is logged on, where it is our program that would be started.
Function un.AutostartOffForAll
    StrCpy $1 0
    ${Do}
        EnumRegKey $2 HKU "" $1
        ${If} $2 == ""
            ${ExitDo}
        ${EndIf}
        ReadRegStr $0 HKU "$2\${RUN_KEY}" "${NAME}"
        ${If} $0 == '"$INSTDIR\${PROGRAM}"'
            DeleteRegValue HKU "$2\${RUN_KEY}" "${NAME}"
            DeleteRegValue HKU "$2\${APPROVED_KEY}" "${NAME}"
        ${EndIf}
        IntOp $1 $1 + 1
    ${Loop}
FunctionEnd
