# macOS 11 and later, arm64 or x86-64, from Linux: clang and macOS' C headers as zig carries them, libraries of
# installers/macos/libraries.sh. Nothing here can be run where it is built.
set(CMAKE_SYSTEM_NAME Darwin)
set(CMAKE_SYSTEM_VERSION 20)  # Darwin 20 is macOS 11
set(LATCHKEY_MACOS_ARCH arm64 CACHE STRING "arm64 or x86_64")
set(CMAKE_SYSTEM_PROCESSOR ${LATCHKEY_MACOS_ARCH})

include(${CMAKE_CURRENT_LIST_DIR}/cross_libraries.cmake)
latchkey_cross_libraries(LATCHKEY_MACOS_LIBRARIES ${CMAKE_CURRENT_LIST_DIR}/../installers/macos/libraries.sh ${LATCHKEY_MACOS_ARCH})
set(LATCHKEY_CROSS_LIBRARIES ${LATCHKEY_MACOS_LIBRARIES})
list(APPEND CMAKE_TRY_COMPILE_PLATFORM_VARIABLES LATCHKEY_MACOS_ARCH LATCHKEY_MACOS_LIBRARIES)

set(CMAKE_C_COMPILER ${LATCHKEY_MACOS_LIBRARIES}/bin/cc)
set(CMAKE_CXX_COMPILER ${LATCHKEY_MACOS_LIBRARIES}/bin/c++)
set(CMAKE_AR ${LATCHKEY_MACOS_LIBRARIES}/bin/ar CACHE FILEPATH "" FORCE)
set(CMAKE_RANLIB ${LATCHKEY_MACOS_LIBRARIES}/bin/ranlib CACHE FILEPATH "" FORCE)
set(CMAKE_INSTALL_NAME_TOOL /bin/true CACHE FILEPATH "" FORCE)  # for shared libraries alone
set(CMAKE_OSX_SYSROOT "" CACHE STRING "" FORCE)  # headers, processor and oldest system: the compiler's wrapper says them
set(CMAKE_OSX_ARCHITECTURES "" CACHE STRING "" FORCE)
set(CMAKE_OSX_DEPLOYMENT_TARGET "" CACHE STRING "" FORCE)

# Checks compile and do not link: each link at another -O level would have zig build another libc++.
set(CMAKE_TRY_COMPILE_TARGET_TYPE STATIC_LIBRARY)
# Stripped by the linker, because it signs what it links, and a later change would break that; with room for the load command of a signature
# made on a Mac (headerpad is hexadecimal).
set(CMAKE_EXE_LINKER_FLAGS_INIT "-O2 -s -Wl,-dead_strip -Wl,-headerpad,100")

set(CMAKE_FIND_ROOT_PATH ${LATCHKEY_MACOS_LIBRARIES})
set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
set(CMAKE_FIND_ROOT_PATH_MODE_LIBRARY ONLY)  # those of /usr are Linux's
set(CMAKE_FIND_ROOT_PATH_MODE_INCLUDE ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_PACKAGE ONLY)
