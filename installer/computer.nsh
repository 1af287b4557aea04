; SPDX-License-Identifier: MIT
; What this computer is and has: which Windows, how many bits, which Traypost. Here everything is refused that is to be refused,
; before anything has been touched.

!macro REFUSE CODE TEXT
    MessageBox MB_OK|MB_ICONSTOP "${TEXT}" /SD IDOK
    SetErrorLevel ${CODE}
    Quit
!macroend

Var Mutex

; The setup and the uninstaller need the same of it.
!macro COMPUTER UN
; The program runs on Windows 10 1607 and Windows Server 2016 (build 14393) and later.
Function ${UN}RequireWindows
    ${Unless} ${AtLeastWin10}
    ${OrUnless} ${AtLeastBuild} 14393
        !insertmacro REFUSE ${EXIT_TOO_OLD} "$(TOO_OLD)"
    ${EndUnless}
FunctionEnd

; With UAC Windows has seen to it. Without it everybody can start us.
Function ${UN}RequireRights
    UserInfo::GetAccountType
    Pop $0
    ${If} $0 != "Admin"
        !insertmacro REFUSE ${EXIT_NO_RIGHTS} "$(NO_RIGHTS)"
    ${EndIf}
FunctionEnd

; Two at a time would take each other's files away. The mutex goes with the process, or before it starts the uninstaller.
Function ${UN}RequireAlone
    System::Call 'kernel32::CreateMutexW(p 0, i 0, w "Global\TraypostSetup-6f0c4d0e") p .r0 ?e'
    Pop $1
    StrCpy $Mutex $0
    ${If} $1 = 183              ; ERROR_ALREADY_EXISTS
        !insertmacro REFUSE ${EXIT_BUSY} "$(BUSY)"
    ${EndIf}
FunctionEnd

; On ARM the 32-bit program runs everywhere, the 64-bit one on Windows 11 only.
Function ${UN}FindBits
    ${If} ${IsNativeAMD64}
        StrCpy $Bits 64
        SetRegView 64
    ${Else}
        StrCpy $Bits 32
        SetRegView 32
    ${EndIf}
FunctionEnd
!macroend

!insertmacro COMPUTER ""
!insertmacro COMPUTER "un."

; Both have the same folder: each would remove the other's files. The MSI does not install over us either.
Function RequireNoPackage
    System::Call 'msi::MsiEnumRelatedProductsW(w "${MSI_UPGRADE_CODE}", i 0, i 0, w .r1) i .r0'
    ${If} $0 = 0
        !insertmacro REFUSE ${EXIT_PACKAGE} "$(PACKAGE)"
    ${EndIf}
FunctionEnd

; Its folder is kept: an upgrade or repair happens in place, and /D= is for a first installation.
Function FindInstalled
    ReadRegStr $Installed HKLM "${UNINSTALL_KEY}" "DisplayVersion"
    ${If} $Installed == ""
        StrCpy $Task "install"
        Return
    ${EndIf}
    ReadRegStr $INSTDIR HKLM "${UNINSTALL_KEY}" "InstallLocation"
    ${VersionCompare} "$Installed" "${VERSION}" $0
    ${If} $0 = 1
        !insertmacro REFUSE ${EXIT_NEWER} "$(NEWER)"
    ${ElseIf} $0 = 2
        StrCpy $Task "upgrade"
    ${Else}
        StrCpy $Task "repair"
    ${EndIf}
FunctionEnd

Function ChooseFolder
    ${If} $INSTDIR != ""
        Return
    ${EndIf}
    ${If} $Bits = 64
        StrCpy $INSTDIR "$PROGRAMFILES64\${NAME}"
    ${Else}
        StrCpy $INSTDIR "$PROGRAMFILES32\${NAME}"
    ${EndIf}
FunctionEnd

Function .onInit
    SetShellVarContext all
    Call RequireWindows
    Call RequireRights
    Call RequireAlone
    Call FindBits
    Call RequireNoPackage
    Call FindInstalled
    Call ChooseFolder
FunctionEnd

Function un.onInit
    SetShellVarContext all
    Call un.RequireRights
    Call un.RequireAlone
    Call un.FindBits
FunctionEnd
