latchkey_library(latchkey_platform
  SOURCES
    ${cpuid}
    arguments_windows.cpp
    clock_windows.cpp
    directory_lock_windows.cpp
    guarded_worker.cpp
    open_files_windows.cpp
    paths_windows.cpp
    privileges_windows.cpp
    random_windows.cpp
    secret_blob_windows.cpp
    secure_file_windows.cpp
    security_windows.cpp
    stream_windows.cpp
    system_parts_none.cpp
    terminal_windows.cpp
    text_windows.cpp
    words_windows.cpp
    endpoint/local_client_windows.cpp
    endpoint/pipe_windows.cpp
    hardware/devices_windows.cpp
    hardware/hardware_disks_windows.cpp
    hardware/hardware_firmware_windows.cpp
    hardware/hardware_jobs.cpp
    hardware/hardware_nics_windows.cpp
    hardware/hardware_others_windows.cpp
    hardware/hardware_windows.cpp
    hardware/registry_windows.cpp
    service/event_log_text.cpp
    service/service_manager_windows.cpp
    service/service_user_windows.cpp
    service/system_log_windows.cpp
    settings/machine_proxy.cpp
    settings/machine_proxy_windows.cpp
    settings/policy_store_windows.cpp
    settings/registry_value.cpp
    tpm/tpm.cpp
    tpm/tpm_reading.cpp
    trust/certificates_windows.cpp
  LINKS latchkey_base latchkey_platform_answers Threads::Threads advapi32 bcrypt cfgmgr32 crypt32 iphlpapi ole32 setupapi shell32 winhttp)

latchkey_library(latchkey_platform_io
  SOURCES
    endpoint/local_endpoint_windows.cpp
    network/network_change_windows.cpp
    network/settling.cpp
    service/service_host_windows.cpp
  LINKS latchkey_platform boost_asio iphlpapi)

latchkey_library(latchkey_platform_tpm
  SOURCES
    tpm/tpm_tbs_windows.cpp
    tpm/tpm_windows.cpp
  LINKS latchkey_platform latchkey_platform_tpm_wire)

latchkey_library(latchkey_platform_tls
  SOURCES trust/trust_store_chain_windows.cpp trust/trust_store_judged.cpp
  LINKS latchkey_platform OpenSSL::SSL OpenSSL::Crypto crypt32)

# The Event Log's texts, for the program that is named to it as their holder: target_sources(... ${LATCHKEY_EVENT_TEXTS}).
find_program(WINDMC_PROGRAM NAMES x86_64-w64-mingw32-windmc windmc REQUIRED)
set(LATCHKEY_EVENT_TEXTS ${CMAKE_CURRENT_BINARY_DIR}/events.obj)
set(LATCHKEY_EVENT_TEXTS ${LATCHKEY_EVENT_TEXTS} PARENT_SCOPE)
add_custom_command(
  OUTPUT ${LATCHKEY_EVENT_TEXTS}
  COMMAND ${WINDMC_PROGRAM} -h ${CMAKE_CURRENT_BINARY_DIR} -r ${CMAKE_CURRENT_BINARY_DIR} ${CMAKE_CURRENT_SOURCE_DIR}/service/events.mc
  COMMAND ${CMAKE_RC_COMPILER} -I ${CMAKE_CURRENT_BINARY_DIR} -O coff events.rc ${LATCHKEY_EVENT_TEXTS}
  WORKING_DIRECTORY ${CMAKE_CURRENT_BINARY_DIR}
  DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/service/events.mc
  VERBATIM)
add_custom_target(latchkey_event_texts DEPENDS ${LATCHKEY_EVENT_TEXTS})
