#!/usr/bin/env bash
# image.sh PACKAGES OUT: OUT/disk.qcow2, a Debian 12 with systemd as it comes out of its box. The agent's deb of PACKAGES lies at
# /shared; nothing of ours is installed. The Debian is made once (OUT/rootfs.tar); the disk is made anew whenever the packages differ.
set -euo pipefail
readonly packages=$1 out=$2
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
readonly here
mkdir -p "$out"
made_of=$(cat "$here"/{image.sh,guest.*} "$packages"/latchkey-agent_*_amd64.deb | sha256sum)
[ "$(cat "$out/made_of" 2>/dev/null)" != "$made_of" ] || exit 0

# What the agent's package depends on and recommends: installing it then needs no network.
if [ ! -f "$out/rootfs.tar" ]; then
    echo "making a Debian for the virtual machines" >&2
    TMPDIR=/dev/shm mmdebstrap --quiet --variant=minbase --mode=root --aptopt='APT::Install-Recommends "false"' \
        --aptopt='Acquire::Languages "none"' --dpkgopt=force-unsafe-io --dpkgopt='path-exclude=/usr/share/doc/*' \
        --dpkgopt='path-exclude=/usr/share/man/*' --dpkgopt='path-exclude=/usr/share/locale/*' \
        --include=systemd,systemd-sysv,dbus,iproute2,perl-base,ca-certificates,libssl3,libsqlite3-0,tpm-udev \
        --include=libtss2-esys-3.0.2-0,libtss2-mu0,libtss2-tcti-device0,tpm2-tools bookworm "$out/rootfs.making.tar"
    mv "$out/rootfs.making.tar" "$out/rootfs.tar"
fi

work=$(mktemp -d /var/tmp/latchkey-image.XXXXXX)
trap 'rm -rf "$work"' EXIT
root=$work/root
mkdir "$root"
tar -xf "$out/rootfs.tar" -C "$root"
install -D -t "$root/shared" "$packages"/latchkey-agent_*_amd64.deb
install -m 0755 "$here/guest.sh" "$root/usr/local/sbin/guest.sh"
install -m 0644 "$here/guest.service" "$root/etc/systemd/system/guest.service"
ln -s ../guest.service -t "$root/etc/systemd/system/multi-user.target.wants"
: > "$root/etc/machine-id"
echo machine > "$root/etc/hostname"
printf '127.0.0.1 localhost machine\n10.0.2.2 keys.example.org\n' > "$root/etc/hosts" # 10.0.2.2: QEMU's name for the host's loopback
rm -f "$root/etc/resolv.conf"
mkdir -p "$root/etc/systemd/network"
printf '[Match]\nName=en*\n[Network]\nDHCP=ipv4\n' > "$root/etc/systemd/network/wired.network"
ln -sf /lib/systemd/system/systemd-networkd.service -t "$root/etc/systemd/system/multi-user.target.wants"
for unit in apt-daily.timer apt-daily-upgrade.timer e2scrub_all.timer e2scrub_reap.service fstrim.timer dpkg-db-backup.timer \
    serial-getty@ttyS0.service getty@tty1.service systemd-pstore.service; do # what only costs time
    ln -sf /dev/null "$root/etc/systemd/system/$unit"
done
truncate -s 1G "$work/disk.raw"
mke2fs -q -t ext4 -O ^has_journal -d "$root" "$work/disk.raw"
qemu-img convert -O qcow2 "$work/disk.raw" "$out/disk.qcow2"
echo "$made_of" > "$out/made_of"
