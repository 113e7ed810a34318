# How everything is compiled: C++20, warnings, the Dev build type, sanitizers, ccache and a fast linker where present.

set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE OFF)
set(CMAKE_CXX_VISIBILITY_PRESET hidden)

# Dev: quick to compile, assertions on, line numbers in backtraces.
set(CMAKE_CXX_FLAGS_DEV "-O0 -g1" CACHE STRING "" FORCE)
set(CMAKE_C_FLAGS_DEV "-O0 -g1" CACHE STRING "" FORCE)
set(CMAKE_EXE_LINKER_FLAGS_DEV "" CACHE STRING "" FORCE)

# Release: what is shipped, hardened as distributions do it, and the same bytes wherever source and libraries lie.
set(release "-O2 -DNDEBUG")
if(CMAKE_SYSTEM_NAME STREQUAL "Linux")
  string(APPEND release " -D_FORTIFY_SOURCE=2 -fstack-protector-strong -fstack-clash-protection")
  string(APPEND release " -ffile-prefix-map=${CMAKE_SOURCE_DIR}/=")
  if(CMAKE_SYSTEM_PROCESSOR STREQUAL "x86_64")
    string(APPEND release " -fcf-protection")
  endif()
  set(release_link "-Wl,-z,relro,-z,now,--as-needed,--gc-sections")
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    # Boost.JSON's empty array has a table of eight bytes and length 0: g++ sees the table, and not that nothing is moved out of it.
    string(APPEND release_link " -Wno-stringop-overread")
  endif()
  set(CMAKE_EXE_LINKER_FLAGS_RELEASE "${release_link}" CACHE STRING "" FORCE)
elseif(CMAKE_SYSTEM_NAME STREQUAL "Windows")
  string(APPEND release " -fstack-protector-strong -ffunction-sections -fdata-sections")
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
    # A variant moved into a vector: g++ 12 takes the members of the alternatives that it does not hold for unset ones.
    string(APPEND release " -Wno-maybe-uninitialized")
  endif()
  string(APPEND release " -ffile-prefix-map=${CMAKE_SOURCE_DIR}/= -ffile-prefix-map=${LATCHKEY_CROSS_LIBRARIES}/=")
  foreach(kind IN ITEMS EXE MODULE)
    set(CMAKE_${kind}_LINKER_FLAGS_RELEASE "-Wl,--no-insert-timestamp,--gc-sections" CACHE STRING "" FORCE)
  endforeach()
endif()
if(CMAKE_SYSTEM_NAME STREQUAL "Darwin")
  string(APPEND release " -g0 -fstack-protector-strong")
  string(APPEND release " -ffile-prefix-map=${CMAKE_SOURCE_DIR}/= -ffile-prefix-map=${LATCHKEY_CROSS_LIBRARIES}/=")
  set(CMAKE_EXE_LINKER_FLAGS_RELEASE "-s" CACHE STRING "" FORCE)
endif()
set(CMAKE_CXX_FLAGS_RELEASE "${release}" CACHE STRING "" FORCE)
set(CMAKE_C_FLAGS_RELEASE "${release}" CACHE STRING "" FORCE)

if(CMAKE_SYSTEM_NAME STREQUAL "Windows")
  add_compile_options(-Wa,-mbig-obj)  # more sections than the plain format has room for
  set(CMAKE_CROSSCOMPILING_EMULATOR ${CMAKE_SOURCE_DIR}/installers/windows/wine.sh)
endif()

find_program(CCACHE_PROGRAM ccache)
if(CCACHE_PROGRAM)
  # What ccache needs to know to cache objects made with a precompiled header.
  set(CMAKE_CXX_COMPILER_LAUNCHER env CCACHE_SLOPPINESS=pch_defines,time_macros ${CCACHE_PROGRAM})
  set(CMAKE_C_COMPILER_LAUNCHER ${CCACHE_PROGRAM})
  if(CMAKE_SYSTEM_NAME STREQUAL "Darwin")
    # It goes by the compiler's name, which here says nothing.
    list(INSERT CMAKE_CXX_COMPILER_LAUNCHER 1 CCACHE_COMPILERTYPE=clang)
    set(CMAKE_C_COMPILER_LAUNCHER env CCACHE_COMPILERTYPE=clang ${CCACHE_PROGRAM})
  endif()
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    add_compile_options($<$<COMPILE_LANGUAGE:CXX>:-fpch-preprocess>)
  endif()
endif()

find_program(MOLD_PROGRAM mold)
if(MOLD_PROGRAM AND CMAKE_BUILD_TYPE STREQUAL "Dev" AND CMAKE_SYSTEM_NAME STREQUAL "Linux")
  add_link_options(-fuse-ld=mold)
endif()

if(LATCHKEY_SANITIZE)
  add_compile_options(-fsanitize=${LATCHKEY_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${LATCHKEY_SANITIZE})
  # g++ warns that the thread sanitizer does not see fences; Asio has some, and none that matters to us.
  if(LATCHKEY_SANITIZE MATCHES "thread" AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    add_compile_options(-Wno-tsan)
  endif()
endif()

if(LATCHKEY_FUZZ)
  add_compile_options(-fsanitize=fuzzer-no-link)
endif()

if(LATCHKEY_COVERAGE)
  add_compile_options(-fprofile-instr-generate -fcoverage-mapping)
  add_link_options(-fprofile-instr-generate)
endif()

# Ours is compiled with these; libraries' own sources are not.
add_library(latchkey_warnings INTERFACE)
target_compile_options(latchkey_warnings INTERFACE -Wall -Wextra -Wpedantic -Wconversion)
if(LATCHKEY_WERROR)
  target_compile_options(latchkey_warnings INTERFACE -Werror)
endif()

# Code whose speed is a promise, or holds up the tests, is optimized in the Dev build too: the matcher and what it reads and writes.
# Assertions stay, and a sanitizer sees what was written.
function(latchkey_optimize target)
  if(CMAKE_BUILD_TYPE STREQUAL "Dev" AND NOT LATCHKEY_SANITIZE AND NOT LATCHKEY_COVERAGE)
    target_compile_options(${target} PRIVATE -O2)
  endif()
endfunction()
