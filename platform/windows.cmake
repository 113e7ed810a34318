# A *_standin_windows.cpp says "not there" or "cannot be read" until the file that does it is written.
latchkey_library(latchkey_platform
  SOURCES
    arguments_windows.cpp
    clock_windows.cpp
    directory_lock_windows.cpp
    guarded_worker.cpp
    ${cpuid}
    hardware_standin_windows.cpp
    local_client_windows.cpp
    open_files_windows.cpp
    paths_windows.cpp
    pipe_windows.cpp
    policy_store_windows.cpp
    privileges_windows.cpp
    random_windows.cpp
    registry_value.cpp
    secret_blob_windows.cpp
    secure_file_windows.cpp
    security_windows.cpp
    stream_windows.cpp
    system_log_standin_windows.cpp
    terminal_windows.cpp
    text_windows.cpp
    tpm.cpp
  LINKS latchkey_base Threads::Threads advapi32 bcrypt crypt32 ole32 shell32)

latchkey_library(latchkey_platform_io
  SOURCES
    local_endpoint_windows.cpp
    network_change_standin_windows.cpp
    service_host_standin_windows.cpp
  LINKS latchkey_platform boost_asio)

latchkey_library(latchkey_platform_tpm
  SOURCES tpm_standin_windows.cpp
  LINKS latchkey_platform)

latchkey_library(latchkey_platform_tls
  SOURCES trust_store_standin_windows.cpp
  LINKS latchkey_base OpenSSL::SSL OpenSSL::Crypto)
