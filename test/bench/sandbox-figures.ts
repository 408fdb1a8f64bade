import { rounded, type Spread, spreadOf, sum } from './figures.ts'
import { ARMS, type Arm, type BuiltBy, type CaseCost, type SamplesCost } from './measure.ts'

/** Where nothing could be measured, a figure is null and `reasons` says why. */
export interface SandboxFigures {
  /** CPU seconds of the reference's way over ours, sums over all cases; beside it the ratios case by case. */
  case_cpu_ratio: number | null
  case_cpu_ratio_by_case: Spread | null
  case_cpu_ratio_fast: number | null
  case_cpu_ratio_fast_by_case: Spread | null
  /** The same with what the node's own process takes added to ours, and nothing of the kind to the reference's. */
  case_cpu_ratio_with_node: number | null
  case_cpu_ratio_fast_with_node: number | null
  /** The same for translations of one function: by the fast path where it takes them; all by nvcc's own host pass. */
  samples20_cpu_ratio: number | null
  samples20_cpu_ratio_own: number | null
  samples: number
  /** Of `share_cases` cases: those above, and more of which nothing but this is measured. */
  fast_path_share: number | null
  share_cases: number
  /** Why cases are not on the fast path. */
  fallbacks: string[]
  jail_overhead_p95_ms: number | null
  /** Both sides of a case under `compat`, cold: as a node does it here (nvcc decides where it is), and with g++ deciding. */
  emulated_cases_per_cpu_s: number
  emulated_cases_per_cpu_s_gxx: number
  /** All passes of the strict rule, and the plain ones before them, g++ deciding. */
  strict_cases_per_cpu_s: number
  cases: number
  /** CPU seconds a case, by arm. */
  cpu_s: Partial<Record<Arm, Spread>>
  /** The same of the bench's own process, which composes, hashes and waits, as a node does; not in any of the above. */
  own_cpu_s: Partial<Record<Arm, Spread>>
  /** A known second in a jail, as measured. */
  control_cpu_s: number
  /** Once a machine, before all cases. */
  prepare_cpu_s: number
  prepare_wall_s: number
  outputs_compared: number
  outputs_differing: number
  /** The cases these are of. */
  outputs_differing_in: string[]
  faults: string[]
  reasons: Record<string, string>
}

export interface Measured {
  costs: readonly CaseCost[]
  samples: SamplesCost | null
  /** Which way other cases are built by. */
  share: readonly BuiltBy[]
  jailP95Ms: number | null
  control: number
  prepare: { cpu: number; wall: number }
  /** Why there are no figures of GPUs, where there are none. */
  noNvcc: string | null
}

/** Seconds of one case in several arms together; null where it has not all of them. */
function secondsOf({ seconds }: Pick<CaseCost, 'seconds'>, arms: readonly Arm[]): number | null {
  const each = arms.map((arm) => seconds[arm])
  return each.includes(undefined) ? null : sum(each as number[])
}

function withOwn({ seconds, own }: CaseCost, arms: readonly Arm[]): number | null {
  const [children, node] = [secondsOf({ seconds }, arms), secondsOf({ seconds: own }, arms)]
  return children === null || node === null ? null : children + node
}

const REFERENCE: readonly Arm[] = ['reference_cpp', 'reference_cuda']

export function figuresOf({ costs, samples, share, jailP95Ms, control, prepare, noNvcc }: Measured): SandboxFigures {
  const column = (arms: readonly Arm[]) => costs.flatMap((cost) => secondsOf(cost, arms) ?? [])
  const ratio = (arms: readonly Arm[]) => (noNvcc === null ? rounded(sum(column(REFERENCE)) / sum(column(arms))) : null)
  const ratioWithNode = (arms: readonly Arm[]) =>
    noNvcc === null ? rounded(sum(column(REFERENCE)) / sum(costs.flatMap((cost) => withOwn(cost, arms) ?? []))) : null
  const byCase = (arms: readonly Arm[]) => {
    const each = costs.map((cost) => (secondsOf(cost, REFERENCE) ?? Number.NaN) / (secondsOf(cost, arms) ?? Number.NaN))
    return noNvcc === null ? spreadOf(each) : null
  }
  const perSecond = (arms: readonly Arm[]) => rounded(costs.length / sum(column(arms)))
  const emulated: readonly Arm[] = ['host', 'emulated_gxx']
  const built = [...costs.flatMap(({ name, built }) => (built === null ? [] : [{ name, ...built }])), ...share]
  const fast = built.filter(({ way }) => way === 'fast')
  const overOurs = (ours: 'fast' | 'own') =>
    samples === null ? null : rounded(samples.reference / (samples.host + samples[ours]))
  return {
    case_cpu_ratio: ratio(['host', 'gpu_own']),
    case_cpu_ratio_by_case: byCase(['host', 'gpu_own']),
    case_cpu_ratio_fast: ratio(['host', 'gpu_fast']),
    case_cpu_ratio_fast_by_case: byCase(['host', 'gpu_fast']),
    case_cpu_ratio_with_node: ratioWithNode(['host', 'gpu_own']),
    case_cpu_ratio_fast_with_node: ratioWithNode(['host', 'gpu_fast']),
    samples20_cpu_ratio: overOurs('fast'),
    samples20_cpu_ratio_own: overOurs('own'),
    samples: samples?.samples ?? 0,
    fast_path_share: built.length === 0 ? null : rounded(fast.length / built.length),
    share_cases: built.length,
    fallbacks: built.flatMap(({ name, way, reason }) => (way === 'fast' ? [] : [`${name}: ${reason}`])),
    jail_overhead_p95_ms: jailP95Ms,
    emulated_cases_per_cpu_s: perSecond(noNvcc === null ? ['host', 'emulated_nvcc'] : emulated),
    emulated_cases_per_cpu_s_gxx: perSecond(emulated),
    strict_cases_per_cpu_s: perSecond([...emulated, 'strict_host', 'strict_emulated']),
    cases: costs.length,
    cpu_s: byArm(costs.map(({ seconds }) => seconds)),
    own_cpu_s: byArm(costs.map(({ own }) => own)),
    control_cpu_s: rounded(control),
    prepare_cpu_s: rounded(prepare.cpu),
    prepare_wall_s: rounded(prepare.wall),
    outputs_compared: sum(costs.map((cost) => cost.compared)),
    outputs_differing: sum(costs.map((cost) => cost.differing)),
    outputs_differing_in: costs.flatMap(({ name, differing }) => (differing > 0 ? [name] : [])),
    faults: costs.flatMap(({ name, faults }) => faults.map((fault) => `${name}: ${fault}`)),
    reasons: reasonsOf(noNvcc, samples, jailP95Ms),
  }
}

function byArm(all: readonly Partial<Record<Arm, number>>[]): Partial<Record<Arm, Spread>> {
  const measured = ARMS.filter((arm) => all.some((one) => one[arm] !== undefined))
  return Object.fromEntries(measured.map((arm) => [arm, spreadOf(all.flatMap((one) => one[arm] ?? []))]))
}

function reasonsOf(noNvcc: string | null, samples: SamplesCost | null, jailP95Ms: number | null): Record<string, string> {
  const gpu = ['case_cpu_ratio', 'case_cpu_ratio_fast', 'samples20_cpu_ratio', 'fast_path_share']
  const nvcc = noNvcc === null ? [] : gpu.map((name) => [name, `nvcc is needed: ${noNvcc}`])
  const left = [
    ...(samples === null && noNvcc === null ? [['samples20_cpu_ratio', 'left out by --samples 0']] : []),
    ...(jailP95Ms === null ? [['jail_overhead_p95_ms', 'left out by --jail-runs 0']] : []),
  ]
  return Object.fromEntries([...nvcc, ...left])
}

/** A line a figure, for people. */
export function figureLines(figures: SandboxFigures): string[] {
  const lines = Object.entries(figures).flatMap(([name, value]): [string, string][] => {
    if (name === 'cpu_s' || name === 'own_cpu_s') {
      const arms = Object.entries(value as SandboxFigures['cpu_s'])
      return arms.map(([arm, { median, p10, p90 }]) => [`${name} ${arm}`, `${median}   (${p10} to ${p90})`])
    }
    if (name === 'reasons') return Object.entries(value as Record<string, string>).map(([of, why]) => [`no ${of}`, why])
    if (Array.isArray(value)) return value.map((one) => [name, String(one)])
    if (value !== null && typeof value === 'object') {
      const { median, p10, p90 } = value as Spread
      return [[name, `${rounded(median)}   (${rounded(p10)} to ${rounded(p90)})`]]
    }
    return [[name, String(value)]]
  })
  return lines.map(([name, value]) => `${name.padEnd(30)} ${value}`)
}
