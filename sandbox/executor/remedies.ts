/** What to do where bubblewrap is there but cannot make a jail. */
export const NO_NAMESPACES = [
  'Programs of others run only in a jail, and this machine does not let bubblewrap make one.',
  'Ubuntu 24.04 and later: install the profile that allows it, sudo apt-get install apparmor-profiles && ' +
    'sudo ln -s /usr/share/apparmor/extra-profiles/bwrap-userns-restrict /etc/apparmor.d/ && ' +
    'sudo apparmor_parser -r /etc/apparmor.d/bwrap-userns-restrict.',
  'Debian and others: sudo sysctl -w user.max_user_namespaces=15000 kernel.unprivileged_userns_clone=1.',
  'In a container: it must be started so that it may make user namespaces.',
].join(' ')
