# SPDX-License-Identifier: MIT
# How a test is declared.

# traypost_unit_test(NAME LIBRARY...): tests/unit/test_NAME.c, a cmocka program, in ctest as unit_NAME.
function(traypost_unit_test name)
    add_executable(test_${name} "${PROJECT_SOURCE_DIR}/tests/unit/test_${name}.c")
    target_link_libraries(test_${name} PRIVATE ${ARGN} traypost_flags cmocka::cmocka)
    set_target_properties(test_${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}/unit")
    add_test(NAME unit_${name} COMMAND test_${name})
    # 77 is what tests/wine says of a program that cannot run here (32 bits without a 32-bit Wine).
    set_tests_properties(unit_${name} PROPERTIES LABELS unit TIMEOUT 300 SKIP_RETURN_CODE 77)
endfunction()

# traypost_engine_test(NAME): tests/engine/test_NAME.c, a cmocka program in which a whole relay runs, in ctest as engine_NAME.
# What such programs share, tests/engine's other files, is the library traypost_engine. Where Mbed TLS has a
# server's side (see scripts/libraries) the test runs a second time, as engine_NAME_tls, with all mail servers offering TLS.
function(traypost_engine_test name)
    if(NOT TARGET traypost_engine)
        set(files client.c engine.c fake_dns.c fake_mx.c wire.c)
        if(TRAYPOST_HAS_TLS_SERVER)
            list(APPEND files fake_web.c tls_server.c)
        else()
            list(APPEND files no_tls_server.c)
        endif()
        list(TRANSFORM files PREPEND "${PROJECT_SOURCE_DIR}/tests/engine/")
        add_library(traypost_engine STATIC ${files})
        # These tests look inside the engine: they shorten its time-outs.
        target_include_directories(traypost_engine PUBLIC "${PROJECT_SOURCE_DIR}/src/net")
        target_link_libraries(traypost_engine PUBLIC traypost_net cmocka::cmocka)
    endif()
    add_executable(test_engine_${name} "${PROJECT_SOURCE_DIR}/tests/engine/test_${name}.c")
    target_link_libraries(test_engine_${name} PRIVATE traypost_engine)
    set_target_properties(test_engine_${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}/engine")
    add_test(NAME engine_${name} COMMAND test_engine_${name})
    set_tests_properties(engine_${name} PROPERTIES LABELS engine TIMEOUT 300 SKIP_RETURN_CODE 77)
    if(TRAYPOST_HAS_TLS_SERVER)
        add_test(NAME engine_${name}_tls COMMAND test_engine_${name})
        set_tests_properties(engine_${name}_tls PROPERTIES LABELS engine TIMEOUT 300 ENVIRONMENT TRAYPOST_TEST_TLS=1)
    endif()
endfunction()

# traypost_simulation(COUNT): tests/simulation, a program that runs COUNT schedules of the engine in ctest. The engine's sources are
# compiled anew, unchanged, against a simulated libuv, so that its memory, its clock and its questions to name servers are the
# simulation's too.
function(traypost_simulation count)
    get_target_property(pure traypost_pure SOURCES)
    get_target_property(net traypost_net SOURCES)
    list(FILTER net INCLUDE REGEX "src/net/")
    list(FILTER net EXCLUDE REGEX "/(dns_channel|engine|headless|options|tls)\\.c$")
    add_library(traypost_simulated STATIC ${pure} ${net})
    target_link_libraries(traypost_simulated PUBLIC traypost_flags traypost_libuv_headers c-ares::cares MbedTLS::mbedtls
                          traypost_idn2)
    target_compile_definitions(traypost_simulated PUBLIC _GNU_SOURCE PRIVATE
        malloc=simulated_malloc calloc=simulated_calloc realloc=simulated_realloc free=simulated_free
        time=simulated_time)
    set(files exchanger.c exchanger_says.c ledger.c loop.c names.c sender.c sender_hears.c sender_says.c system.c tcp.c
        test_simulation.c wire.c world.c)
    list(TRANSFORM files PREPEND "${PROJECT_SOURCE_DIR}/tests/simulation/")
    add_executable(test_simulation ${files})
    set_target_properties(test_simulation PROPERTIES RUNTIME_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}/simulation")
    target_include_directories(test_simulation PRIVATE "${PROJECT_SOURCE_DIR}/src/net")
    target_link_libraries(test_simulation PRIVATE traypost_simulated traypost_text)
    add_test(NAME simulation COMMAND test_simulation --seeds 1 ${count})
    set_tests_properties(simulation PROPERTIES LABELS simulation TIMEOUT 300)
endfunction()

# traypost_fuzz(NAME LIBRARY...): tests/fuzz/fuzz_NAME.c with its corpus tests/fuzz/corpus/NAME/.
# Preset fuzz: a libFuzzer program fuzz_NAME, and a short run of it in ctest. Other native builds with a sanitizer: the
# program replay_NAME, which feeds every corpus file once, in ctest.
function(traypost_fuzz name)
    set(source "${PROJECT_SOURCE_DIR}/tests/fuzz/fuzz_${name}.c")
    set(corpus "${PROJECT_SOURCE_DIR}/tests/fuzz/corpus/${name}")
    if(TRAYPOST_FUZZ)
        add_executable(fuzz_${name} "${source}")
        target_link_options(fuzz_${name} PRIVATE -fsanitize=fuzzer)
        if(name MATCHES "^(client|server)$") # sessions: what is mutated are lines
            target_sources(fuzz_${name} PRIVATE "${PROJECT_SOURCE_DIR}/tests/fuzz/mutate_lines.c")
        endif()
        set(program fuzz_${name})
        # What it finds goes to the build folder; the corpus in the repository is only read.
        set(found "${PROJECT_BINARY_DIR}/found/${name}")
        file(MAKE_DIRECTORY "${found}")
        add_test(NAME fuzz_${name} COMMAND fuzz_${name} -max_total_time=10 -timeout=10 -print_final_stats=1
                 "-artifact_prefix=${PROJECT_BINARY_DIR}/fuzz_${name}-" "${found}" "${corpus}")
    elseif(TRAYPOST_SANITIZE)
        set(program replay_${name})
        add_executable(replay_${name} "${source}" "${PROJECT_SOURCE_DIR}/tests/fuzz/replay.c")
        add_test(NAME replay_${name} COMMAND replay_${name} "${corpus}")
        set_tests_properties(replay_${name} PROPERTIES LABELS replay TIMEOUT 300)
    else()
        return()
    endif()
    target_link_libraries(${program} PRIVATE ${ARGN} traypost_flags)
    set_target_properties(${program} PROPERTIES RUNTIME_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}/fuzz")
endfunction()
