#!/bin/bash
# machine.sh CMD...: runs CMD on a machine of your choosing.
#
# CMD gets a mount and a host-name namespace of its own whose /sys, /proc/cpuinfo, /proc/meminfo and /etc/machine-id show
# the hardware named by the variables below. The shipped programs have no seam for other hardware: the world around them is
# changed instead. The network is the caller's, so that a key server on loopback can be reached; only /sys/class/net is
# made up (its interfaces do not exist in the network, so ETHTOOL_GPERMADDR says nothing and `address` with
# addr_assign_type 0 counts, as it does for drivers that do not know). Everything lies on one tmpfs inside the namespace:
# when CMD ends, nothing is left. CMD keeps this script's process id, so signals reach it.
#
# Several commands on one machine: machine.sh bash -c '...'
# The same machine again: the same variables again.
#
#   SERIAL UUID BOARD_SERIAL CHASSIS_SERIAL   the unit (SER is short for SERIAL; board's and chassis' follow it)
#   VENDOR PRODUCT BOARD BIOS_VERSION BIOS_DATE
#   DISK [DISK2]     serials of an NVMe and of a SATA disk; DISK="" shows none
#   MAC [MAC2]       addresses of two PCI network cards; MAC="" shows none
#   GPU              vendor:device of the display adapter
#   CPU_MODEL CPU_ID CPUS     name; family, model and stepping; count
#   MEMORY_KB MACHINE_ID HOST (MID is short for MACHINE_ID)
#   BOOT_ID          which boot it is; "" shows the real one
#   HYPERVISOR=1     shows the processor's hypervisor flag
#   SMBIOS SMBIOS_ENTRY     files holding a raw firmware table and its entry point
#   TPM=1            shows a TPM (which nobody can ask: it is a directory of /sys and no more)
#   CLOUD="aws i-0abc"      what cloud-init noted: provider and instance id
# and what goes wrong:
#   STUCK            files of /sys (relative) whose reader waits for ever
#   DEAD             a directory of /sys (relative) whose file system never answers
#
# Needs root, or a kernel that lets users make namespaces.

set -eu

if [ "${1-}" != --inside ]; then
  [ $# -gt 0 ] || { sed -n '2,/^$/s/^# \{0,1\}//p' "$0" >&2; exit 64; }
  as_root=
  [ "$(id -u)" = 0 ] || as_root='--user --map-root-user'
  exec unshare $as_root --mount --uts bash "$0" --inside "$@"
fi
shift

SERIAL=${SERIAL-${SER-9BK5V33}}
UUID=${UUID-4c4c4544-0042-4b10-8035-b9c04f563333}
VENDOR=${VENDOR-Dell Inc.}
PRODUCT=${PRODUCT-OptiPlex 7090}
BOARD=${BOARD-0M3F6V}
BOARD_SERIAL=${BOARD_SERIAL-/$SERIAL/CNFCW0013700E2/}
CHASSIS_SERIAL=${CHASSIS_SERIAL-$SERIAL}
BIOS_VERSION=${BIOS_VERSION-1.14.1}
BIOS_DATE=${BIOS_DATE-12/10/2022}
MAC=${MAC-a4:bb:6d:12:34:56}
DISK=${DISK-S5GXNX0T123456}
GPU=${GPU-8086:9bc5}
CPU_MODEL=${CPU_MODEL-Intel(R) Core(TM) i7-10700 CPU @ 2.90GHz}
CPU_ID=${CPU_ID-6 165 5}
CPUS=${CPUS-8}
MEMORY_KB=${MEMORY_KB-16252928}
MACHINE_ID=${MACHINE_ID-${MID-0123456789abcdef0123456789abcdef}}
HOST=${HOST-desk-42}

mount --make-rprivate /
mount -t tmpfs -o mode=755 machine /sys
cd /sys

# put FILE VALUE: one attribute, as sysfs writes it. Built-ins alone: a machine is made in a few milliseconds.
put() { printf '%s\n' "$2" > "$1"; }

pci=devices/pci0000:00
dmi=devices/virtual/dmi/id
mkdir -p bus/pci/devices bus/pci/drivers/{e1000e,nvme,ahci,i915} block class/{dmi,net,block,power_supply} $dmi devices/virtual/net/lo made

make_firmware() {
  put $dmi/sys_vendor "$VENDOR"
  put $dmi/product_name "$PRODUCT"
  put $dmi/product_serial "$SERIAL"
  put $dmi/product_uuid "$UUID"
  put $dmi/board_vendor "$VENDOR"
  put $dmi/board_name "$BOARD"
  put $dmi/board_version A00
  put $dmi/board_serial "$BOARD_SERIAL"
  put $dmi/chassis_vendor "$VENDOR"
  put $dmi/chassis_type 3
  put $dmi/chassis_serial "$CHASSIS_SERIAL"
  put $dmi/bios_vendor "$VENDOR"
  put $dmi/bios_version "$BIOS_VERSION"
  put $dmi/bios_date "$BIOS_DATE"
  chmod 400 $dmi/{product_serial,product_uuid,board_serial,chassis_serial}
  ln -s ../../$dmi class/dmi/id
}

# make_pci SLOT CLASS VENDOR DEVICE DRIVER
make_pci() {
  mkdir -p $pci/$1
  put $pci/$1/class "$2"
  put $pci/$1/vendor "0x$3"
  put $pci/$1/device "0x$4"
  put $pci/$1/subsystem_vendor 0x1028
  put $pci/$1/subsystem_device 0x0a52
  ln -s ../../../bus/pci $pci/$1/subsystem
  ln -s ../../../bus/pci/drivers/$5 $pci/$1/driver
  ln -s ../../../$pci/$1 bus/pci/devices/$1
}

make_nvme() {
  make_pci 0000:03:00.0 0x010802 144d a809 nvme
  local controller=$pci/0000:03:00.0/nvme/nvme0
  mkdir -p $controller/nvme0n1
  put $controller/serial "$1      "
  put $controller/model 'Samsung SSD 980 500GB                   '
  put $controller/nvme0n1/size 976773168
  put $controller/nvme0n1/removable 0
  ln -s ../../nvme0 $controller/nvme0n1/device
  ln -s ../$controller/nvme0n1 block/nvme0n1
}

make_sata() {
  make_pci 0000:00:17.0 0x010601 8086 a352 ahci
  local device=$pci/0000:00:17.0/ata1/host0/target0:0:0/0:0:0:0
  local padded=$(printf '%20s' "$1")
  mkdir -p $device/block/sda
  put $device/vendor 'ATA     '
  put $device/model 'WDC WD10EZEX-08W'
  printf '\0\x80\0\x14%s' "$padded" > $device/vpd_pg80
  put $device/wwid "t10.ATA     WDC WD10EZEX-08WN4A0                    $padded"
  put $device/block/sda/size 1953525168
  put $device/block/sda/removable 0
  ln -s ../../../0:0:0:0 $device/block/sda/device
  ln -s ../$device/block/sda block/sda
}

# make_nic NAME SLOT ADDRESS
make_nic() {
  make_pci $2 0x020000 8086 15fa e1000e
  mkdir -p $pci/$2/net/$1
  put $pci/$2/net/$1/address "$3"
  put $pci/$2/net/$1/addr_assign_type 0
  put $pci/$2/net/$1/type 1
  ln -s ../../../$2 $pci/$2/net/$1/device
  ln -s ../../$pci/$2/net/$1 class/net/$1
}

make_loopback() {
  put devices/virtual/net/lo/address 00:00:00:00:00:00
  put devices/virtual/net/lo/addr_assign_type 0
  put devices/virtual/net/lo/type 772
  ln -s ../../devices/virtual/net/lo class/net/lo
}

make_cpuinfo() {
  set -- $CPU_ID
  local cpu
  for ((cpu = 0; cpu < CPUS; cpu++)); do
    printf 'processor\t: %d\nvendor_id\t: GenuineIntel\ncpu family\t: %s\nmodel\t\t: %s\n' $cpu "${1-}" "${2-}"
    printf 'model name\t: %s\nstepping\t: %s\nmicrocode\t: 0xf0\n' "$CPU_MODEL" "${3-}"
    printf 'physical id\t: 0\nsiblings\t: %d\ncore id\t\t: %d\ncpu cores\t: %d\n' "$CPUS" $cpu "$CPUS"
    printf 'flags\t\t: fpu vme de pse tsc msr pae mce cx8 apic sep sse2 ht lm%s\n\n' "${HYPERVISOR:+ hypervisor}"
  done > made/cpuinfo
}

show() { # FILE CONTENT-FILE: what CMD reads as FILE
  mount --bind "made/$2" "$1"
}

make_firmware
make_loopback
make_pci 0000:00:02.0 0x030000 "${GPU%:*}" "${GPU#*:}" i915
put $pci/0000:00:02.0/boot_vga 1
[ -z "$DISK" ] || make_nvme "$DISK"
[ -z "${DISK2-}" ] || make_sata "$DISK2"
[ -z "$MAC" ] || make_nic enp0s31f6 0000:00:1f.6 "$MAC"
[ -z "${MAC2-}" ] || make_nic enp5s0 0000:05:00.0 "$MAC2"

make_cpuinfo
printf 'MemTotal:       %8s kB\nMemFree:        %8s kB\nMemAvailable:   %8s kB\n' "$MEMORY_KB" "$MEMORY_KB" "$MEMORY_KB" > made/meminfo
put made/machine-id "$MACHINE_ID"
show /proc/cpuinfo cpuinfo
show /proc/meminfo meminfo
if [ ! -e /etc/machine-id ]; then # a container's image may have none, and nothing can be mounted over nothing
  mkdir made/etc made/work
  mount -t overlay -o lowerdir=/etc,upperdir=made/etc,workdir=made/work etc /etc
  : > /etc/machine-id
fi
show /etc/machine-id machine-id
if [ -n "${BOOT_ID-}" ]; then
  put made/boot_id "$BOOT_ID"
  show /proc/sys/kernel/random/boot_id boot_id
fi
hostname "$HOST"

if [ -n "${SMBIOS-}" ]; then
  mkdir -p firmware/dmi/tables
  cp "$SMBIOS" firmware/dmi/tables/DMI
  [ -z "${SMBIOS_ENTRY-}" ] || cp "$SMBIOS_ENTRY" firmware/dmi/tables/smbios_entry_point
  chmod 400 firmware/dmi/tables/*
fi
[ -z "${TPM-}" ] || mkdir -p class/tpm/tpm0
if [ -n "${CLOUD-}" ]; then
  mkdir -p made/run made/run-work
  mount -t overlay -o lowerdir=/run,upperdir=made/run,workdir=made/run-work run /run
  mkdir -p /run/cloud-init
  put "/run/cloud-init/cloud-id-${CLOUD% *}" "${CLOUD% *}"
  ln -sf "/run/cloud-init/cloud-id-${CLOUD% *}" /run/cloud-init/cloud-id
  put /run/cloud-init/.instance-id "${CLOUD#* }"
fi
for file in ${STUCK-}; do # nobody will ever write into it
  mkdir -p "${file%/*}"
  rm -f "$file"
  mkfifo "$file"
done
if [ -n "${DEAD-}" ]; then # a FUSE mount without a daemon behind it; CMD holds its end
  exec 5<>/dev/fuse
  mount -i -t fuse -o fd=5,rootmode=40000,user_id=0,group_id=0 dead "/sys/$DEAD"
fi

cd "$OLDPWD"
unset SERIAL SER UUID VENDOR PRODUCT BOARD BOARD_SERIAL CHASSIS_SERIAL BIOS_VERSION BIOS_DATE MAC MAC2 DISK DISK2 GPU \
  CPU_MODEL CPU_ID CPUS MEMORY_KB MACHINE_ID MID HOST BOOT_ID HYPERVISOR SMBIOS SMBIOS_ENTRY TPM CLOUD STUCK DEAD
exec "$@"
