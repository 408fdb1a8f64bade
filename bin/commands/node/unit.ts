/** What a unit is made from. */
export interface UnitInit {
  /** The executable, an absolute path that `isStartable`. */
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
ExecStart=${[quoted(command), ...args.map(argument)].join(' ')}
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

/** Whether systemd starts a program of that path: with quotes and the like in it there is no way to write it. */
export function isStartable(path: string): boolean {
  return path.startsWith('/') && !/["'\\$\p{Cc}]/u.test(path)
}

/** A word as systemd reads it: in quotes, where nothing is replaced. */
function quoted(word: string): string {
  const escaped = word.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n').replaceAll('%', '%%')
  return `"${escaped}"`
}

/** An argument of a command, where variables are replaced as well. */
function argument(word: string): string {
  return quoted(word).replaceAll('$', '$$$$')
}
