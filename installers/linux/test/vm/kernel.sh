#!/usr/bin/env bash
# kernel.sh OUT: Debian's own kernel as OUT/vmlinuz, and OUT/initrd.gz, which loads the drivers of a desktop with a SATA disk and an
# Intel network card and goes on from that disk. Needs the network (Debian's mirror) and busybox-static.
set -euo pipefail
readonly out=$1
[ ! -f "$out/initrd.gz" ] || exit 0
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$out" "$work/deb" "$work/initrd"/{bin,proc,sys,dev,new,drivers}

package=$(apt-cache depends linux-image-amd64 | sed -n 's/.*Depends: \(linux-image-[0-9].*\)/\1/p' | head -n 1)
(cd "$work" && apt-get download -o APT::Sandbox::User=root "$package" >/dev/null)
dpkg-deb -x "$work"/linux-image-*.deb "$work/deb"
release=$(ls "$work/deb/lib/modules")
depmod -b "$work/deb" "$release"

number=100
for driver in ahci sd_mod ext4 crc32c_generic e1000e; do
    modprobe -d "$work/deb" -S "$release" --show-depends "$driver" | while read -r _ file _; do
        [ -n "$(find "$work/initrd/drivers" -name "*-${file##*/}")" ] || cp "$file" "$work/initrd/drivers/$number-${file##*/}"
        number=$((number + 1))
    done
    number=$((number + 100))
done

cp "$(command -v busybox)" "$work/initrd/bin/busybox"
cat > "$work/initrd/init" <<'INIT'
#!/bin/busybox sh
b=/bin/busybox
$b mount -t proc proc /proc
$b mount -t sysfs sys /sys
$b mount -t devtmpfs dev /dev
for driver in /drivers/*; do $b insmod "$driver"; done
until [ -b /dev/sda ]; do $b sleep 0.1; done
$b mount -t ext4 /dev/sda /new
for at in proc sys dev; do $b mount --move "/$at" "/new/$at"; done
exec $b switch_root /new /lib/systemd/systemd
INIT
chmod +x "$work/initrd/init"
(cd "$work/initrd" && find . | cpio --quiet -o -H newc | gzip -1) > "$work/initrd.gz"
cp "$work/deb/boot/vmlinuz-$release" "$out/vmlinuz"
mv "$work/initrd.gz" "$out/initrd.gz"
