/** What a unit is made from. */
export interface UnitInit {
  /** The executable, an absolute path. */
  command: string
  /** What follows it. */
  args: readonly string[]
  /** Where the user's programs are found. */
  path: string
}

/** Name of the systemd unit of a user. */
export const UNIT = 'kernelswarm-node.service'

/**
 * A systemd unit of a user that runs a node: started with the machine or the session, again after it failed, not after it was
 * stopped or its command line is wrong. The cgroup is the node's own, so that it can hold programs' memory exactly.
 */
export function unitText({ command, args, path }: UnitInit): string {
  return `[Unit]
Description=kernelswarm node
After=network.target

[Service]
ExecStart=${[command, ...args].map(quoted).join(' ')}
Environment=${quoted(`PATH=${path}`)}
Restart=on-failure
RestartSec=10
RestartPreventExitStatus=2
KillMode=mixed
TimeoutStopSec=10
Delegate=yes
Nice=10

[Install]
WantedBy=default.target
`
}

/** A word as systemd reads it: in quotes, where nothing is replaced. */
export function quoted(word: string): string {
  const escaped = word.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('%', '%%').replaceAll('$', '$$$$')
  return `"${escaped}"`
}
