# SPDX-License-Identifier: MIT
# Compiler and linker flags of our own code, as the interface target traypost_flags.

option(TRAYPOST_WERROR "Warnings are errors (our presets set it)" OFF)
option(TRAYPOST_LTO "Optimise across files when linking" OFF)
set(TRAYPOST_SANITIZE "" CACHE STRING "Sanitizers, for example address,undefined")

add_library(traypost_flags INTERFACE)
target_include_directories(traypost_flags INTERFACE "${PROJECT_SOURCE_DIR}/include" "${PROJECT_BINARY_DIR}/generated")

# assert() is for our own logic and stays on in release.
foreach(config RELEASE RELWITHDEBINFO MINSIZEREL)
    string(REGEX REPLACE "[/-]DNDEBUG" "" CMAKE_C_FLAGS_${config} "${CMAKE_C_FLAGS_${config}}")
endforeach()

if(MSVC OR NOT CMAKE_C_COMPILER_ID MATCHES "GNU|Clang")
    return()
endif()

target_compile_options(traypost_flags INTERFACE
    -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wswitch-enum -Wmissing-prototypes -Wvla
    $<$<BOOL:${TRAYPOST_WERROR}>:-Werror>
    # clang's -Wconversion, unlike gcc's, includes this complaint about assert(!"what must not happen").
    $<$<C_COMPILER_ID:Clang>:-Wno-string-conversion>
    -ffunction-sections -fno-strict-aliasing
    # __FILE__ in assertions names the file in the repository, not the folder of the machine that built it.
    "-fmacro-prefix-map=${PROJECT_SOURCE_DIR}/=")
target_link_options(traypost_flags INTERFACE -Wl,--gc-sections)

if(MINGW)
    # We and the libraries print with mingw's own, standard printf; a format attribute spelt "printf" would have the compiler
    # check against Microsoft's, which has no %zu. So spell it __printf__, as cmocka does.
    target_compile_definitions(traypost_flags INTERFACE __printf__=__gnu_printf__)
endif()

if(TRAYPOST_SANITIZE)
    set(sanitize -fsanitize=${TRAYPOST_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
    target_compile_options(traypost_flags INTERFACE ${sanitize})
    target_link_options(traypost_flags INTERFACE ${sanitize})
else()
    # Fortification needs an optimising build; in the others it is only a warning. Level 3 follows sizes that are known at
    # run time only; mingw's headers know no more than 2.
    set(fortify 2)
    if(NOT WIN32 AND CMAKE_C_COMPILER_ID STREQUAL GNU AND CMAKE_C_COMPILER_VERSION VERSION_GREATER_EQUAL 12)
        set(fortify 3)
    endif()
    target_compile_options(traypost_flags INTERFACE
        -fstack-protector-strong "$<$<NOT:$<CONFIG:Debug>>:-U_FORTIFY_SOURCE;-D_FORTIFY_SOURCE=${fortify}>")
    if(WIN32)
        # mingw's stack protector is a library of its own, linked only when the linker is told as well. Control Flow Guard and
        # the mark for shadow stacks are beyond gcc and GNU ld: they stand in tables that only Microsoft's and LLVM's linkers write.
        target_link_options(traypost_flags INTERFACE -fstack-protector-strong -Wl,--dynamicbase,--nxcompat
            # The same sources make the same exe whenever it is linked.
            -Wl,--no-insert-timestamp
            # The oldest system we run on; it also decides which window metrics Windows gives us.
            -Wl,--major-subsystem-version,10,--minor-subsystem-version,0)
        if(CMAKE_SIZEOF_VOID_P EQUAL 8)
            target_link_options(traypost_flags INTERFACE -Wl,--high-entropy-va)
        endif()
    elseif(NOT APPLE)
        target_compile_options(traypost_flags INTERFACE -fstack-clash-protection)
        target_link_options(traypost_flags INTERFACE -Wl,-z,relro,-z,now,-z,noexecstack)
        if(CMAKE_SYSTEM_PROCESSOR MATCHES "x86_64|AMD64")
            # CET. The linker marks a program only when every object is, and the C library's start files need not be; to a shadow
            # stack they do no harm, so that mark is set by us. The one for indirect branches is left to the linker.
            target_compile_options(traypost_flags INTERFACE -fcf-protection)
            target_link_options(traypost_flags INTERFACE -Wl,-z,shstk)
        endif()
    endif()
endif()

# Position-independent executables, also for the linker.
include(CheckPIESupported)
check_pie_supported(LANGUAGES C)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)

if(TRAYPOST_LTO)
    include(CheckIPOSupported)
    check_ipo_supported(RESULT lto OUTPUT why LANGUAGES C)
    if(lto)
        set(CMAKE_INTERPROCEDURAL_OPTIMIZATION ON)
    else()
        message(WARNING "This compiler does no link-time optimisation: ${why}")
    endif()
endif()
