# SPDX-License-Identifier: MIT
# What both mingw toolchain files share. `mingw` is the prefix of the tools.
set(CMAKE_C_COMPILER ${mingw}-gcc)
set(CMAKE_RC_COMPILER ${mingw}-windres)
set(CMAKE_FIND_ROOT_PATH /usr/${mingw})

# Programs come from the machine that builds, everything else from the target only: a native libuv must never be found.
set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
set(CMAKE_FIND_ROOT_PATH_MODE_LIBRARY ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_INCLUDE ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_PACKAGE ONLY)

# Windows 10 is the oldest system we run on. The libraries see the same value, or their structures would differ from ours.
set(CMAKE_C_FLAGS_INIT "-D_WIN32_WINNT=0x0A00 -DWINVER=0x0A00 -D__USE_MINGW_ANSI_STDIO=1")
# One exe, no DLL of the compiler beside it.
set(CMAKE_EXE_LINKER_FLAGS_INIT "-static")
