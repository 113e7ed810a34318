latchkey_library(latchkey_platform
  SOURCES
    ${cpuid}
    accounts_linux.cpp
    arguments_posix.cpp
    clock_linux.cpp
    file_rights_linux.cpp
    guarded_worker.cpp
    open_files_posix.cpp
    passwd_posix.cpp
    paths_linux.cpp
    privileges_posix.cpp
    random_linux.cpp
    secure_file_posix.cpp
    stream_posix.cpp
    system_parts_none.cpp
    terminal_posix.cpp
    words_linux.cpp
    endpoint/local_client_posix.cpp
    endpoint/peercred_linux.cpp
    hardware/hardware_cpu_linux.cpp
    hardware/hardware_disk_ioctl_linux.cpp
    hardware/hardware_disks_linux.cpp
    hardware/hardware_firmware_linux.cpp
    hardware/hardware_jobs.cpp
    hardware/hardware_linux.cpp
    hardware/hardware_nics_linux.cpp
    hardware/hardware_others_linux.cpp
    hardware/service_credential_linux.cpp
    hardware/sysfs_linux.cpp
    service/event_log_text.cpp
    service/service_user_posix.cpp
    service/syslog_line.cpp
    service/system_log_linux.cpp
    settings/machine_proxy.cpp
    settings/machine_proxy_linux.cpp
    settings/policy_store_none.cpp
    settings/registry_value.cpp
    tpm/tpm.cpp
    tpm/tpm_reading.cpp
  LINKS latchkey_base Threads::Threads)

latchkey_library(latchkey_platform_io
  SOURCES
    clock_jump_linux.cpp
    endpoint/local_endpoint_posix.cpp
    endpoint/peer_account_posix.cpp
    network/network_change_posix.cpp
    network/network_messages_linux.cpp
    network/settling.cpp
    service/notify_socket_linux.cpp
    service/service_host_linux.cpp
    service/service_watches_posix.cpp
  LINKS latchkey_platform boost_asio)

# tpm2-tss is loaded at run time where it is installed; only its headers are needed here.
find_path(TSS2_INCLUDE_DIR tss2/tss2_esys.h REQUIRED)
latchkey_library(latchkey_platform_tpm
  SOURCES
    tpm/tpm_counter_linux.cpp
    tpm/tpm_library_linux.cpp
    tpm/tpm_linux.cpp
    tpm/tpm_memory_linux.cpp
    tpm/tpm_prover_linux.cpp
    tpm/tpm_session_linux.cpp
    tpm/tpm_tcti_linux.cpp
  LINKS latchkey_platform ${CMAKE_DL_LIBS})

latchkey_library(latchkey_platform_tls
  SOURCES trust/trust_store_linux.cpp
  LINKS latchkey_base OpenSSL::SSL OpenSSL::Crypto)
