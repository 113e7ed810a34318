# A *_standin_windows.cpp says "not there" or "cannot be read" until the file that does it is written.
latchkey_library(latchkey_platform
  SOURCES
    arguments_windows.cpp
    clock_windows.cpp
    devices_windows.cpp
    directory_lock_windows.cpp
    guarded_worker.cpp
    ${cpuid}
    hardware_disks_windows.cpp
    hardware_firmware_windows.cpp
    hardware_nics_windows.cpp
    hardware_others_windows.cpp
    hardware_windows.cpp
    local_client_windows.cpp
    open_files_windows.cpp
    paths_windows.cpp
    pipe_windows.cpp
    privileges_windows.cpp
    random_windows.cpp
    registry_windows.cpp
    secret_blob_windows.cpp
    secure_file_windows.cpp
    security_windows.cpp
    service_manager_windows.cpp
    service_user_windows.cpp
    stream_windows.cpp
    system_log_standin_windows.cpp
    terminal_windows.cpp
    text_windows.cpp
    tpm.cpp
    tpm_reading.cpp
  LINKS latchkey_base latchkey_platform_answers Threads::Threads advapi32 bcrypt cfgmgr32 crypt32 iphlpapi ole32 setupapi shell32)

latchkey_library(latchkey_platform_io
  SOURCES
    local_endpoint_windows.cpp
    network_change_standin_windows.cpp
    service_host_windows.cpp
  LINKS latchkey_platform boost_asio)

latchkey_library(latchkey_platform_tpm
  SOURCES
    tpm_tbs_windows.cpp
    tpm_windows.cpp
  LINKS latchkey_platform latchkey_platform_tpm_wire)

latchkey_library(latchkey_platform_tls
  SOURCES trust_store_standin_windows.cpp
  LINKS latchkey_base OpenSSL::SSL OpenSSL::Crypto)
