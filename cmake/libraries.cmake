# The libraries, each a target of its own; a folder links the few it may use (tests/arch/layers.txt).
# Boost is headers only: the sources of its separately compiled parts are built here once each.

find_package(Threads REQUIRED)
find_package(Boost 1.81 REQUIRED)

function(boost_part name source)
  add_library(${name} STATIC EXCLUDE_FROM_ALL ${CMAKE_SOURCE_DIR}/cmake/boost/${source})
  target_link_libraries(${name} PUBLIC Boost::headers Threads::Threads ${ARGN})
  target_compile_options(${name} PRIVATE -w)
  if(CMAKE_BUILD_TYPE STREQUAL "Dev")
    target_compile_options(${name} PRIVATE -g0)
  endif()
endfunction()

# Asio without deprecated names and without Boost.DateTime.
boost_part(boost_json json.cpp)
latchkey_optimize(boost_json)

boost_part(boost_asio asio.cpp)
if(CMAKE_SYSTEM_NAME STREQUAL "Windows")
  target_link_libraries(boost_asio PUBLIC ws2_32 mswsock bcrypt)
endif()
target_compile_definitions(boost_asio PUBLIC BOOST_ASIO_SEPARATE_COMPILATION BOOST_ASIO_NO_DEPRECATED
                                             BOOST_ASIO_DISABLE_BOOST_DATE_TIME)

find_package(OpenSSL 3.0 REQUIRED)
if(CMAKE_SYSTEM_NAME STREQUAL "Windows")
  set_property(TARGET OpenSSL::Crypto APPEND PROPERTY INTERFACE_LINK_LIBRARIES ws2_32 crypt32 bcrypt advapi32 user32)
endif()
boost_part(boost_asio_ssl asio_ssl.cpp boost_asio OpenSSL::SSL OpenSSL::Crypto)

boost_part(boost_beast beast.cpp boost_asio)
target_compile_definitions(boost_beast PUBLIC BOOST_BEAST_SEPARATE_COMPILATION)

boost_part(boost_url url.cpp)

find_package(SQLite3 3.40 REQUIRED)
if(CMAKE_CROSSCOMPILING)
  # Headers alone, whose CMake files are those of the machine that builds.
  foreach(name tl::expected CLI11::CLI11)
    add_library(${name} INTERFACE IMPORTED)
    target_include_directories(${name} INTERFACE ${LATCHKEY_CROSS_LIBRARIES}/include)
  endforeach()
else()
  set(PostgreSQL_ADDITIONAL_VERSIONS 13 14 15 16 17)
  find_package(PostgreSQL 13 REQUIRED)  # libpq, the key server alone
  find_package(tl-expected REQUIRED)
  find_package(CLI11 REQUIRED)
endif()
if(LATCHKEY_SELF_CONTAINED)
  # As the parts of Boost above, from the headers: these have a soname of their own in each distribution and release.
  boost_part(latchkey_fmt ../libraries/fmt.cpp)
  boost_part(latchkey_spdlog ../libraries/spdlog.cpp latchkey_fmt)
  target_compile_definitions(latchkey_spdlog PUBLIC SPDLOG_COMPILED_LIB SPDLOG_FMT_EXTERNAL)
  if(CMAKE_SYSTEM_NAME STREQUAL "Windows")
    target_sources(latchkey_spdlog PRIVATE ${CMAKE_SOURCE_DIR}/cmake/libraries/spdlog_windows.cpp)
  endif()
  add_library(spdlog::spdlog ALIAS latchkey_spdlog)
else()
  find_package(spdlog REQUIRED)
  find_package(tomlplusplus QUIET)
endif()
if(NOT TARGET tomlplusplus::tomlplusplus)
  find_path(TOMLPLUSPLUS_INCLUDE_DIR toml++/toml.h REQUIRED)
  add_library(tomlplusplus::tomlplusplus INTERFACE IMPORTED)
  target_include_directories(tomlplusplus::tomlplusplus INTERFACE ${TOMLPLUSPLUS_INCLUDE_DIR})
endif()
