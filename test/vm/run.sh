#!/bin/sh
# Tests in a virtual machine whose limits are held by a delegated cgroup of version 2: the machine of the normal volunteer.
#
#     sudo test/vm/run.sh [TEST FILE...]        default: the sandbox, every hostile program, the soak
#
# It needs mmdebstrap, qemu-system-x86, e2fsprogs (Debian's names), root for making the image, and 4 GiB of memory. The
# image (Debian with systemd, g++ and bubblewrap from Debian's mirrors, no network inside) is made once, in
# ~/.cache/kernelswarm-vm; remove that folder to make it again. Nothing is written to it by a run.
# ACCEL=kvm makes it ten times faster where there is KVM that works.
set -eu
here=$(dirname "$(readlink -f "$0")")
root=$(readlink -f "$here/../..")
modules=$(readlink -f "$root/node_modules")
place="${XDG_CACHE_HOME:-$HOME/.cache}/kernelswarm-vm"
suite=${SUITE:-bookworm}
accel=${ACCEL:-tcg,thread=multi}
# A processor that is emulated is ten times slower: time limits of tests are that much longer there.
case $accel in kvm*) slowness=2 ;; *) slowness=15 ;; esac
# The longest a whole run may take, seconds.
limit=${LIMIT:-10800}
[ $# -gt 0 ] || set -- 'test/sandbox/*.test.ts' 'test/hostile/*.test.ts' 'test/soak/*.test.ts'

if [ ! -f "$place/root.ext4" ]; then
  mkdir -p "$place"
  trap 'rm -rf "$place/tree" "$place/draft"' EXIT
  rm -rf "$place/tree"
  mmdebstrap --quiet --variant=minbase --include="$(tr '\n' ',' < "$here/packages")" "$suite" "$place/tree"
  install -m 644 "$here/guest.service" "$place/tree/etc/systemd/system/kernelswarm-test.service"
  mkdir -p "$place/tree/etc/systemd/system/default.target.wants"
  ln -s ../kernelswarm-test.service "$place/tree/etc/systemd/system/default.target.wants/"
  cp "$place"/tree/boot/vmlinuz-* "$place/vmlinuz"
  cp "$place"/tree/boot/initrd.img-* "$place/initrd"
  truncate -s 6G "$place/draft"
  mke2fs -q -F -t ext4 -d "$place/tree" "$place/draft"
  mv "$place/draft" "$place/root.ext4"
  rm -rf "$place/tree"
  trap - EXIT
fi

# The checkout as it is, and what to run, on a disk of its own.
run=$(mktemp -d)
trap 'rm -rf "$run"' EXIT
mkdir "$run/more"
printf 'KERNELSWARM_TEST_SLOWNESS=%s exec node --test --test-concurrency=2 --test-reporter=spec %s\n' "$slowness" "$*" > "$run/more/order"
tar -cf "$run/disk" -C "$root" --exclude=./node_modules --exclude=./.git .
tar -rf "$run/disk" -C "$run/more" order
tar -rf "$run/disk" -C "$(dirname "$modules")" --exclude=node_modules/.cache --exclude=node_modules/@biomejs node_modules

timeout "$limit" qemu-system-x86_64 -accel "$accel" -cpu max -smp 2 -m 4096 -nographic -no-reboot -nic none \
  -kernel "$place/vmlinuz" -initrd "$place/initrd" -append 'root=/dev/vda rw console=ttyS0 quiet' \
  -drive "file=$place/root.ext4,format=raw,if=virtio,snapshot=on" \
  -drive "file=$run/disk,format=raw,if=virtio,readonly=on" < /dev/null | tee "$run/said"
# `ended with 0` is the last line of a run in which all is well.
grep -q '^kernelswarm-vm: ended with 0' "$run/said"
