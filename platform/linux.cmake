latchkey_library(latchkey_platform
  SOURCES
    arguments_posix.cpp
    clock_linux.cpp
    event_log_text.cpp
    file_rights_linux.cpp
    guarded_worker.cpp
    ${cpuid}
    hardware_cpu_linux.cpp
    hardware_disk_ioctl_linux.cpp
    hardware_disks_linux.cpp
    hardware_firmware_linux.cpp
    hardware_linux.cpp
    hardware_nics_linux.cpp
    hardware_others_linux.cpp
    local_client_posix.cpp
    machine_proxy.cpp
    machine_proxy_linux.cpp
    passwd_posix.cpp
    paths_linux.cpp
    peercred_linux.cpp
    open_files_posix.cpp
    policy_store_none.cpp
    privileges_posix.cpp
    terminal_posix.cpp
    random_linux.cpp
    registry_value.cpp
    secure_file_posix.cpp
    service_credential_linux.cpp
    service_user_posix.cpp
    stream_posix.cpp
    sysfs_linux.cpp
    syslog_line.cpp
    system_log_linux.cpp
    tpm.cpp
    tpm_reading.cpp
    words_linux.cpp
  LINKS latchkey_base Threads::Threads)

latchkey_library(latchkey_platform_io
  SOURCES
    clock_jump_linux.cpp
    local_endpoint_posix.cpp
    network_change_posix.cpp
    network_messages_linux.cpp
    notify_socket_linux.cpp
    service_host_linux.cpp
    service_watches_posix.cpp
    settling.cpp
  LINKS latchkey_platform boost_asio)

# tpm2-tss is loaded at run time where it is installed; only its headers are needed here.
find_path(TSS2_INCLUDE_DIR tss2/tss2_esys.h REQUIRED)
latchkey_library(latchkey_platform_tpm
  SOURCES
    tpm_counter_linux.cpp
    tpm_library_linux.cpp
    tpm_linux.cpp
    tpm_memory_linux.cpp
    tpm_prover_linux.cpp
    tpm_session_linux.cpp
    tpm_tcti_linux.cpp
  LINKS latchkey_platform ${CMAKE_DL_LIBS})

latchkey_library(latchkey_platform_tls
  SOURCES trust_store_linux.cpp
  LINKS latchkey_base OpenSSL::SSL OpenSSL::Crypto)
