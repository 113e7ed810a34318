latchkey_library(latchkey_platform
  SOURCES
    arguments_posix.cpp
    clock_mac.cpp
    core_foundation_mac.cpp
    core_foundation_values_mac.cpp
    file_rights_mac.cpp
    guarded_worker.cpp
    hardware_mac.cpp
    local_client_posix.cpp
    machine_proxy.cpp
    machine_proxy_mac.cpp
    open_files_posix.cpp
    passwd_posix.cpp
    paths_mac.cpp
    peercred_mac.cpp
    policy_store_mac.cpp
    policy_values_mac.cpp
    privileges_posix.cpp
    proxy_values_mac.cpp
    random_mac.cpp
    secure_file_posix.cpp
    service_user_mac.cpp
    stream_posix.cpp
    syslog_line.cpp
    system_log_mac.cpp
    terminal_posix.cpp
    tpm.cpp
    tpm_reading.cpp
    words_mac.cpp
  LINKS latchkey_base Threads::Threads)

latchkey_library(latchkey_platform_io
  SOURCES
    clock_jump_mac.cpp
    local_endpoint_posix.cpp
    network_change_posix.cpp
    network_messages_mac.cpp
    notification_mac.cpp
    service_host_mac.cpp
    service_watches_posix.cpp
    settling.cpp
  LINKS latchkey_platform boost_asio)

latchkey_library(latchkey_platform_tpm
  SOURCES tpm_none.cpp
  LINKS latchkey_platform)

latchkey_library(latchkey_platform_tls
  SOURCES trust_store_chain_mac.cpp trust_store_judged.cpp
  LINKS latchkey_platform OpenSSL::SSL OpenSSL::Crypto)
