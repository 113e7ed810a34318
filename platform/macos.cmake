latchkey_library(latchkey_platform
  SOURCES
    ${cpuid}
    accounts_mac.cpp
    arguments_posix.cpp
    clock_mac.cpp
    core_foundation_mac.cpp
    core_foundation_values_mac.cpp
    file_rights_mac.cpp
    guarded_worker.cpp
    open_files_posix.cpp
    passwd_posix.cpp
    paths_mac.cpp
    privileges_posix.cpp
    random_mac.cpp
    secure_file_posix.cpp
    security_mac.cpp
    stream_posix.cpp
    system_parts_mac.cpp
    terminal_posix.cpp
    words_mac.cpp
    endpoint/local_client_posix.cpp
    endpoint/peercred_mac.cpp
    hardware/hardware_jobs.cpp
    hardware/hardware_kernel_mac.cpp
    hardware/hardware_mac.cpp
    hardware/hardware_registry_mac.cpp
    hardware/io_reading_mac.cpp
    hardware/io_registry_mac.cpp
    hardware/io_values_mac.cpp
    service/service_user_mac.cpp
    service/syslog_line.cpp
    service/system_log_mac.cpp
    settings/machine_proxy.cpp
    settings/machine_proxy_mac.cpp
    settings/policy_store_mac.cpp
    settings/policy_values_mac.cpp
    settings/proxy_values_mac.cpp
    tpm/tpm.cpp
    tpm/tpm_reading.cpp
  LINKS latchkey_base latchkey_platform_answers Threads::Threads)

latchkey_library(latchkey_platform_io
  SOURCES
    clock_jump_mac.cpp
    endpoint/local_endpoint_posix.cpp
    endpoint/peer_account_posix.cpp
    network/network_change_posix.cpp
    network/network_messages_mac.cpp
    network/notification_mac.cpp
    network/settling.cpp
    service/service_host_mac.cpp
    service/service_watches_posix.cpp
  LINKS latchkey_platform boost_asio)

latchkey_library(latchkey_platform_tpm
  SOURCES tpm/tpm_none.cpp
  LINKS latchkey_platform)

latchkey_library(latchkey_platform_tls
  SOURCES trust/trust_store_chain_mac.cpp trust/trust_store_judged.cpp
  LINKS latchkey_platform OpenSSL::SSL OpenSSL::Crypto)
