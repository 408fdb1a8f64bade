/** What one run's cgroup is to hold. */
export interface GroupLimits {
  memoryBytes: number
  tasks: number
}

/** What a run's cgroup saw. */
export interface GroupUsage {
  /** Processes the kernel killed for memory: that of the group, or that of the machine. */
  oomKills: number
  /** How often the group was at its own limit; 0 where the machine itself, or a group above, had no more. */
  atLimit: number
  peakBytes: number
}

/** The cgroup of one run: made before its first process, removed after its last. */
export interface RunGroup {
  /** A process that writes 0 into each of these is in. */
  readonly joinFiles: readonly string[]
  usage(): Promise<GroupUsage>
  /** Kills what is left in it and removes it. @throws SandboxFault `jail` when it will not go */
  remove(): Promise<void>
}

/** The cgroups this process may make. */
export interface Cgroups {
  /** For example `cgroup-v1`; null where this controller is not ours to use. */
  readonly memory: string | null
  readonly tasks: string | null
  create(limits: GroupLimits): Promise<RunGroup>
}

/** Neither controller: limits are held by process. */
export const NO_CGROUPS: Cgroups = {
  memory: null,
  tasks: null,
  create: async () => ({ joinFiles: [], usage: async () => ({ oomKills: 0, atLimit: 0, peakBytes: 0 }), remove: async () => {} }),
}
