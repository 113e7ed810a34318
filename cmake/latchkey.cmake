# latchkey_library(NAME SOURCES ... LINKS ... [OPTIMIZED]): one folder, one target. Includes are written from the repository root.
# OPTIMIZED is for code whose speed is a promise or holds up the tests: it is compiled with -O2 in the Dev build too.
# latchkey_program(NAME SOURCES ... LINKS ... [STATIC]): one shipped binary.
# latchkey_test(NAME SOURCES ... LINKS ... [LABEL unit]): one GoogleTest binary, each test known to CTest.

# latchkey_precompiled(NAME HEADER LINKS ... [OPTIMIZED]): one precompiled header that many targets share. They are all compiled with
# its flags, which is what lets them.
function(latchkey_precompiled name header)
  cmake_parse_arguments(arg "OPTIMIZED" "" "" ${ARGN})
  add_library(${name} OBJECT ${CMAKE_SOURCE_DIR}/cmake/precompiled/empty.cpp)
  latchkey_configure(${name})
  target_link_libraries(${name} PRIVATE ${arg_UNPARSED_ARGUMENTS})
  if(arg_OPTIMIZED)
    latchkey_optimize(${name})
  endif()
  target_precompile_headers(${name} PRIVATE ${CMAKE_SOURCE_DIR}/cmake/precompiled/${header})
endfunction()

function(latchkey_configure target)
  target_include_directories(${target} PUBLIC ${CMAKE_SOURCE_DIR})
  target_link_libraries(${target} PRIVATE latchkey_warnings)
endfunction()

# The target's own headers where it names some, else the shared ones.
function(latchkey_precompile target shared)
  if(ARGN)
    target_precompile_headers(${target} PRIVATE ${ARGN})
  else()
    target_precompile_headers(${target} REUSE_FROM ${shared})
  endif()
endfunction()

function(latchkey_library name)
  cmake_parse_arguments(arg "OPTIMIZED" "" "SOURCES;LINKS;PRECOMPILE" ${ARGN})
  add_library(${name} STATIC ${arg_SOURCES})
  latchkey_configure(${name})
  target_link_libraries(${name} PUBLIC ${arg_LINKS})
  if(arg_OPTIMIZED)
    latchkey_optimize(${name})
    latchkey_precompile(${name} latchkey_optimized_pch ${arg_PRECOMPILE})
  else()
    latchkey_precompile(${name} latchkey_common_pch ${arg_PRECOMPILE})
  endif()
endfunction()

function(latchkey_program name)
  cmake_parse_arguments(arg "STATIC" "" "SOURCES;LINKS;PRECOMPILE" ${ARGN})
  add_executable(${name} ${arg_SOURCES})
  latchkey_configure(${name})
  target_link_libraries(${name} PRIVATE ${arg_LINKS})
  latchkey_precompile(${name} latchkey_common_pch ${arg_PRECOMPILE})
  # libgcc_s stays shared: it is everywhere, and its static half would ask for glibc 2.35.
  if(LATCHKEY_SELF_CONTAINED)
    target_link_options(${name} PRIVATE -static-libstdc++)
  endif()
  # A sanitizer's runtime cannot be linked statically.
  if(arg_STATIC AND CMAKE_SYSTEM_NAME STREQUAL "Linux" AND NOT LATCHKEY_SANITIZE)
    target_link_options(${name} PRIVATE -static)
  endif()
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bin)
endfunction()

function(latchkey_test name)
  cmake_parse_arguments(arg "" "LABEL;TIMEOUT" "SOURCES;LINKS;PRECOMPILE" ${ARGN})
  if(NOT arg_LABEL)
    set(arg_LABEL unit)
  endif()
  if(NOT arg_TIMEOUT)
    set(arg_TIMEOUT 120)
  endif()
  add_executable(${name} ${arg_SOURCES})
  latchkey_configure(${name})
  target_link_libraries(${name} PRIVATE ${arg_LINKS} GTest::gmock_main)
  latchkey_precompile(${name} latchkey_tests_pch ${arg_PRECOMPILE})
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)
  gtest_discover_tests(${name} DISCOVERY_MODE PRE_TEST
                       PROPERTIES LABELS ${arg_LABEL} TIMEOUT ${arg_TIMEOUT})
endfunction()
