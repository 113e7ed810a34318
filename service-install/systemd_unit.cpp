#include "service-install/systemd_unit.h"

#include "platform/service/closed_folders.h"

namespace latchkey::service_install {
namespace {

/// Each with the '-' of what may be missing.
std::string inaccessible_paths() {
    std::string paths;
    for (const auto path : platform::kInaccessiblePaths)
        paths.append(paths.empty() ? "-" : " -").append(path);
    return paths;
}

}  // namespace

// What is not here, and why:
// - network-online.target: the agent must answer without any network.
// - Type=notify-reload: systemd 253; Debian 12 has 252, where the same messages work with notify.
// - ProcSubset=pid: it hides /proc/cpuinfo, which is hardware evidence. ProtectProc= hides /proc/1
// alone, whose
//   word on containers systemd gives as well (/run/systemd/container).
// - A limit of starts: what ends the agent at its start, such as a full disk, passes, and nobody
// may
//   be there then to start it by hand. Four starts a minute are no storm; systemd 252 knows no
//   growing pauses (RestartSteps=, 254).
// - MemoryMax: a kill for memory in the middle of an activation costs more than it saves.
// The kernel shows the serial numbers of SMBIOS to root alone, and they are the strongest evidence
// that a reinstalled machine is the same one: systemd reads them and hands them over as credentials
// (platform/hardware/service_credential_linux.h), so that the agent needs no capability at all. The
// SetCredential= beside each is for machines without SMBIOS: without it they would not start it.
// (Not empty: systemd 252 does not take that in a file.)
std::string systemd_unit(const std::string& bindir) {
    return R"([Unit]
Description=Latchkey software activation agent
Documentation=man:latchkeyd(8)
After=network.target
StartLimitIntervalSec=0

[Service]
Type=notify
NotifyAccess=main
ExecStart=")" +
           bindir + R"(/latchkeyd" run --config /etc/latchkey/agent.toml
ExecReload=/bin/kill -HUP $MAINPID
Restart=on-failure
RestartSec=15s
# A configuration error does not go away by trying again.
RestartPreventExitStatus=78
WatchdogSec=10min
TimeoutStopSec=20s
User=latchkey
Group=latchkey
UMask=0077
StateDirectory=latchkey latchkey/inbox latchkey-anchor
StateDirectoryMode=0700
RuntimeDirectory=latchkey
RuntimeDirectoryMode=0755
ConfigurationDirectory=latchkey
ConfigurationDirectoryMode=0755

# SMBIOS serial numbers are root's; systemd reads them for the agent, where there are any.
LoadCredential=smbios-table:/sys/firmware/dmi/tables/DMI
SetCredential=smbios-table:none
LoadCredential=smbios-entry-point:/sys/firmware/dmi/tables/smbios_entry_point
SetCredential=smbios-entry-point:none
AmbientCapabilities=
CapabilityBoundingSet=
NoNewPrivileges=yes
InaccessiblePaths=)" +
           inaccessible_paths() + R"(
ProtectSystem=strict
ProtectHome=yes
PrivateTmp=yes
PrivateDevices=yes
# The TPM is the one device it may use, where there is one.
BindPaths=-/dev/tpmrm0
DeviceAllow=/dev/tpmrm0 rw
PrivateMounts=yes
ProtectClock=yes
ProtectControlGroups=yes
ProtectHostname=yes
ProtectKernelLogs=yes
ProtectKernelModules=yes
ProtectKernelTunables=yes
ProtectProc=invisible
RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6 AF_NETLINK
RestrictNamespaces=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
LockPersonality=yes
MemoryDenyWriteExecute=yes
RemoveIPC=yes
KeyringMode=private
SystemCallArchitectures=native
SystemCallFilter=@system-service
SystemCallFilter=~@privileged @resources
SystemCallErrorNumber=EPERM
TasksMax=32

[Install]
WantedBy=multi-user.target
)";
}

}  // namespace latchkey::service_install
