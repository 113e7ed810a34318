#!/usr/bin/env bash
# machine.sh ROOT MOUNT SHARED HARDWARE: becomes systemd, PID 1 of a machine that is a throw-away overlay of ROOT; SHARED is its /shared.
# HARDWARE is tests/e2e/machine.sh, which shows a desktop's firmware, disk and network card: most test hosts have none of their own.
# Called by machine.py in new cgroup, pid, mount, uts, ipc and net namespaces. Every write goes to memory; ROOT stays as it is.
set -e
root=$1 mount=$2 shared=$3 hardware=$4
mount --make-rprivate /
mount -t tmpfs tmpfs "$mount"
mkdir "$mount/upper" "$mount/work" "$mount/root"
mount -t overlay overlay -o "lowerdir=$root,upperdir=$mount/upper,workdir=$mount/work" "$mount/root"
cd "$mount/root"
mkdir -p shared
mount --bind "$shared" shared
mount -o remount,bind,ro shared
mount -t proc proc proc
mount -t sysfs -o ro sysfs sys
mount -t tmpfs -o mode=755 tmpfs run
mount -t tmpfs -o mode=1777 tmpfs tmp
mount -t tmpfs -o mode=1777 tmpfs var/tmp
mount -t tmpfs -o mode=755 tmpfs dev
mkdir dev/pts dev/shm
mount -t devpts -o newinstance,ptmxmode=0666,mode=0620,gid=5 devpts dev/pts
mount -t tmpfs -o mode=1777 tmpfs dev/shm
while read -r name major minor; do mknod -m 666 "dev/$name" c "$major" "$minor"; done <<'DEVICES'
null 1 3
zero 1 5
full 1 7
random 1 8
urandom 1 9
tty 5 0
DEVICES
ln -s pts/ptmx dev/ptmx
ln -s /proc/self/fd dev/fd
ln -s fd/0 dev/stdin
ln -s fd/1 dev/stdout
ln -s fd/2 dev/stderr
# Kernel settings are the host's: the machine may look at them only.
for file in proc/sys proc/sysrq-trigger; do
    [ -e "$file" ] || continue
    mount --bind "$file" "$file"
    mount -o remount,bind,ro "$file"
done
rm -f usr/sbin/policy-rc.d # images of containers forbid there what this is about
: > etc/machine-id
cp "$hardware" hardware.sh
printf '127.0.0.1 localhost machine\n' > etc/hosts
ip link set lo up
hostname machine
mkdir -p .old
pivot_root . .old
umount -l .old
rmdir .old
cat > /boot.sh <<'BOOT'
mkdir -p /sys/fs/cgroup
mount -t cgroup2 cgroup2 /sys/fs/cgroup
exec env -i container=latchkey-test PATH=/usr/sbin:/usr/bin:/sbin:/bin \
    /lib/systemd/systemd --system --log-target=journal --unit=basic.target </dev/null
BOOT
exec bash /hardware.sh --inside bash /boot.sh
