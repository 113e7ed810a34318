latchkey_library(latchkey_platform
  SOURCES
    arguments_windows.cpp
    certificates_windows.cpp
    clock_windows.cpp
    devices_windows.cpp
    directory_lock_windows.cpp
    event_log_text.cpp
    guarded_worker.cpp
    ${cpuid}
    hardware_disks_windows.cpp
    hardware_firmware_windows.cpp
    hardware_nics_windows.cpp
    hardware_others_windows.cpp
    hardware_windows.cpp
    local_client_windows.cpp
    machine_proxy.cpp
    machine_proxy_windows.cpp
    open_files_windows.cpp
    paths_windows.cpp
    pipe_windows.cpp
    policy_store_windows.cpp
    privileges_windows.cpp
    random_windows.cpp
    registry_value.cpp
    registry_windows.cpp
    secret_blob_windows.cpp
    secure_file_windows.cpp
    security_windows.cpp
    service_manager_windows.cpp
    service_user_windows.cpp
    stream_windows.cpp
    system_log_windows.cpp
    terminal_windows.cpp
    text_windows.cpp
    tpm.cpp
    tpm_reading.cpp
    words_windows.cpp
  LINKS latchkey_base latchkey_platform_answers Threads::Threads advapi32 bcrypt cfgmgr32 crypt32 iphlpapi ole32 setupapi shell32 winhttp)

latchkey_library(latchkey_platform_io
  SOURCES
    local_endpoint_windows.cpp
    network_change_windows.cpp
    service_host_windows.cpp
    settling.cpp
  LINKS latchkey_platform boost_asio iphlpapi)

latchkey_library(latchkey_platform_tpm
  SOURCES
    tpm_tbs_windows.cpp
    tpm_windows.cpp
  LINKS latchkey_platform latchkey_platform_tpm_wire)

latchkey_library(latchkey_platform_tls
  SOURCES trust_store_chain_windows.cpp trust_store_judged.cpp
  LINKS latchkey_platform OpenSSL::SSL OpenSSL::Crypto crypt32)

# The Event Log's texts, for the program that is named to it as their holder: target_sources(... ${LATCHKEY_EVENT_TEXTS}).
find_program(WINDMC_PROGRAM NAMES x86_64-w64-mingw32-windmc windmc REQUIRED)
set(LATCHKEY_EVENT_TEXTS ${CMAKE_CURRENT_BINARY_DIR}/events.obj)
set(LATCHKEY_EVENT_TEXTS ${LATCHKEY_EVENT_TEXTS} PARENT_SCOPE)
add_custom_command(
  OUTPUT ${LATCHKEY_EVENT_TEXTS}
  COMMAND ${WINDMC_PROGRAM} -h ${CMAKE_CURRENT_BINARY_DIR} -r ${CMAKE_CURRENT_BINARY_DIR} ${CMAKE_CURRENT_SOURCE_DIR}/events.mc
  COMMAND ${CMAKE_RC_COMPILER} -I ${CMAKE_CURRENT_BINARY_DIR} -O coff events.rc ${LATCHKEY_EVENT_TEXTS}
  WORKING_DIRECTORY ${CMAKE_CURRENT_BINARY_DIR}
  DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/events.mc
  VERBATIM)
add_custom_target(latchkey_event_texts DEPENDS ${LATCHKEY_EVENT_TEXTS})
