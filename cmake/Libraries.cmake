# SPDX-License-Identifier: MIT
# Where libuv, c-ares, Mbed TLS, libidn2 and cmocka come from.
#
# Our presets set TRAYPOST_LIBRARIES to their own name, and scripts/libraries then gets and builds the pinned versions into
# a cache outside the tree (the first time; afterwards it only looks). Without it, the libraries are whatever
# find_package() finds: vcpkg's, or your own by CMAKE_PREFIX_PATH.

if(TRAYPOST_LIBRARIES)
    set(script "${PROJECT_SOURCE_DIR}/scripts/libraries")
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS "${script}" "${script}.table"
                 "${PROJECT_SOURCE_DIR}/scripts/mbedtls_config.h")
    execute_process(COMMAND "${script}" ${TRAYPOST_LIBRARIES}
                    OUTPUT_VARIABLE prefixes OUTPUT_STRIP_TRAILING_WHITESPACE RESULT_VARIABLE failed)
    if(failed)
        message(FATAL_ERROR "The libraries could not be had; scripts/libraries says above why.")
    endif()
    list(PREPEND CMAKE_PREFIX_PATH ${prefixes})
    if(CMAKE_CROSSCOMPILING)
        list(APPEND CMAKE_FIND_ROOT_PATH ${prefixes})
    endif()
    # A rebuilt library lies in a new folder; the cached answers would keep the old one.
    unset(libuv_DIR CACHE)
    unset(c-ares_DIR CACHE)
    unset(MbedTLS_DIR CACHE)
    unset(cmocka_DIR CACHE)
    unset(TRAYPOST_IDN2 CACHE)
    unset(TRAYPOST_IDN2_H CACHE)
endif()

# libidn2 comes without a CMake package.
find_library(TRAYPOST_IDN2 idn2 REQUIRED)
find_path(TRAYPOST_IDN2_H idn2.h REQUIRED)
add_library(traypost_idn2 INTERFACE)
target_link_libraries(traypost_idn2 INTERFACE "${TRAYPOST_IDN2}")
target_include_directories(traypost_idn2 SYSTEM INTERFACE "${TRAYPOST_IDN2_H}")
# Ours brings the parts of libunistring that it needs; vcpkg's leans on two libraries beside it.
if(VCPKG_TARGET_TRIPLET)
    foreach(name IN ITEMS unistring iconv)
        find_library(TRAYPOST_${name} ${name} REQUIRED)
        target_link_libraries(traypost_idn2 INTERFACE "${TRAYPOST_${name}}")
    endforeach()
endif()

if(TRAYPOST_FUZZ)
    return() # the pure code links nothing else
endif()

find_package(libuv CONFIG REQUIRED)
find_package(c-ares 1.34.7 CONFIG REQUIRED)
find_package(MbedTLS 3.6.7 CONFIG REQUIRED)

# libuv names its static and its shared library differently; only one of them may exist.
add_library(traypost_libuv INTERFACE)
if(TARGET libuv::uv_a)
    target_link_libraries(traypost_libuv INTERFACE libuv::uv_a)
else()
    target_link_libraries(traypost_libuv INTERFACE libuv::uv)
endif()

# The simulation has its own.
add_library(traypost_libuv_headers INTERFACE)
target_include_directories(traypost_libuv_headers SYSTEM INTERFACE
    $<TARGET_PROPERTY:traypost_libuv,INTERFACE_INCLUDE_DIRECTORIES>)

if(TRAYPOST_TESTS)
    find_package(cmocka CONFIG REQUIRED)
    # What the tests of TLS need is not part of every build of Mbed TLS.
    include(CheckSymbolExists)
    set(CMAKE_REQUIRED_LIBRARIES MbedTLS::mbedtls)
    check_symbol_exists(MBEDTLS_SSL_SRV_C "mbedtls/build_info.h" TRAYPOST_HAS_TLS_SERVER)
    unset(CMAKE_REQUIRED_LIBRARIES)
endif()
