; SPDX-License-Identifier: MIT
;
; TraypostSetup.exe: one file for 32- and 64-bit Windows that installs, repairs, upgrades and starts removing. Built by
; installer/make-setup, which gives:
;   VERSION  as in CMakeLists.txt        X64, X86      the two programs          LICENSE, THIRD_PARTY (optional)   texts
;   KILOBYTES  of the bigger program
;   OUT      the file to make            NSIS_TARGET   x86-unicode; amd64-unicode for tests on a 64-bit-only Wine
;   SIGN     (optional) a command that signs the file named to it: the setup, and the uninstaller inside it
; What an exit code means stands in README.md, beside this file.

Unicode true
Target ${NSIS_TARGET}
SetCompressor /SOLID lzma
SetDateSave off                 ; times of the machine that built it: not the same twice
ManifestDPIAware true
ManifestSupportedOS Win10
RequestExecutionLevel admin
CRCCheck force

!define NAME "Traypost"
!define PUBLISHER "Traypost contributors"
!define PROGRAM "traypost.exe"
!define SETTINGS "traypost.ini"
!define WINDOW_CLASS "Traypost"
!define UNINSTALL_KEY "Software\Microsoft\Windows\CurrentVersion\Uninstall\Traypost"
!define RUN_KEY "Software\Microsoft\Windows\CurrentVersion\Run"
!define APPROVED_KEY "Software\Microsoft\Windows\CurrentVersion\Explorer\StartupApproved\Run"

!define MSI_UPGRADE_CODE "{8B42314A-E13F-4CC2-8589-B50F8494EA90}"

!define EXIT_TOO_OLD 3          ; this Windows
!define EXIT_NEWER 4            ; Traypost is installed in a newer version
!define EXIT_STAYS 5            ; the running program does not exit, or something else holds its file
!define EXIT_NO_RIGHTS 6
!define EXIT_BUSY 7             ; another setup is running
!define EXIT_CANNOT_WRITE 8
!define EXIT_PACKAGE 9          ; the MSI is installed

Name "${NAME}"
Caption "$(CAPTION)"
UninstallCaption "$(UNINSTALL_CAPTION)"
BrandingText "${NAME} ${VERSION}"
OutFile "${OUT}"
InstallDir ""                   ; decided in .onInit, unless /D= has said it
ShowInstDetails nevershow
ShowUninstDetails nevershow

VIProductVersion "${VERSION}.0"
VIAddVersionKey /LANG=0 "ProductName" "${NAME}"
VIAddVersionKey /LANG=0 "ProductVersion" "${VERSION}"
VIAddVersionKey /LANG=0 "FileVersion" "${VERSION}"
VIAddVersionKey /LANG=0 "FileDescription" "${NAME} Setup"
VIAddVersionKey /LANG=0 "CompanyName" "${PUBLISHER}"
VIAddVersionKey /LANG=0 "LegalCopyright" "© 2026 ${PUBLISHER}. MIT licence."
VIAddVersionKey /LANG=0 "OriginalFilename" "TraypostSetup.exe"

!ifdef SIGN
    !finalize '"${SIGN}" "%1"'
    !uninstfinalize '"${SIGN}" "%1"'
!endif

!include MUI2.nsh
!include LogicLib.nsh
!include x64.nsh
!include WinVer.nsh
!include FileFunc.nsh
!include WordFunc.nsh

Var Bits                        ; of the program that is right here: 64 or 32
Var Installed                   ; version that was there before, or ""
Var Task                        ; "install", "upgrade" or "repair"
Var WasRunning                  ; 1: it has been stopped and is to be started again
Var StartAgain                  ; 1: not yet started again

!include computer.nsh
!include running.nsh
!include autostart.nsh
!include wizard.nsh
!include install.nsh
!include remove.nsh

; The first language is for all that we do not speak. NSIS takes Windows' display language and asks nobody.
!include text\en.nsh
!include text\cs.nsh
!include text\pl.nsh
