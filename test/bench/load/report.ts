import type { DiskFigures } from './disk.ts'
import type { CoordinatorFigures } from './measure.ts'

/** The figures for people. */
export function linesOf(figures: CoordinatorFigures): string[] {
  const { nodes, nodes_served, connect_s, connect_coordinator_cpu_s, connections_lost, connections_refused, sizes, long } =
    figures
  return [
    `nodes          ${nodes} connected in ${connect_s} s (${connect_coordinator_cpu_s} CPU s of the coordinator), ${nodes_served} served, ${connections_lost} connections lost, ${connections_refused} tries put off`,
    `verdicts       ${figures.verdicts_per_s} a second, ${figures.decided_tasks_per_s} tasks decided; ${figures.verdicts_per_coordinator_cpu_s} a CPU second of the coordinator`,
    `acknowledged   ${figures.ack_p50_ms} ms in the middle, ${figures.ack_p95_ms} ms for 95 of 100, at ${figures.ack_rate_per_s} verdicts a second; ${figures.ack_full_p95_ms} ms at full rate`,
    ...sizes.map(
      ({ cases, coordinator_cpu_ms_per_task, verdicts_per_s, coordinator_cpu, load_cpu, rss_mib }) =>
        `${String(cases).padEnd(14)} cases: ${coordinator_cpu_ms_per_task} CPU ms a task, ${verdicts_per_s} verdicts a second; cores taken: coordinator ${coordinator_cpu}, load ${load_cpu}; ${rss_mib} MiB`,
    ),
    long === null
      ? 'memory         not looked at (--verdicts)'
      : `memory         ${figures.rss_growth_ratio} times after ${long.verdicts} verdicts, ${long.rss_mib.at(-1)} MiB; ${figures.own_growth_ratio} without mapped files, ${long.own_mib.at(-1)} MiB`,
  ]
}

export function diskLine(disk: DiskFigures): string {
  const { verdicts, store_kib_per_verdict, pruned_store_kib_per_verdict, archive_kib_per_verdict } = disk
  return `disk           ${store_kib_per_verdict} KiB a verdict (of ${verdicts}); pruned ${pruned_store_kib_per_verdict}, and ${archive_kib_per_verdict} in archives; ${disk.contents} contents (${disk.content_mib} MiB) in ${disk.wall_s} s (${disk.cpu_s} of CPU), event loop ${disk.loop_p99_ms} ms for 99 of 100, ${disk.loop_max_ms} at most`
}
