import type { MachineFacts } from './facts.ts'
import { type Ailment, remedyFor } from './remedies.ts'

/** One line of what the doctor says. */
export interface Check {
  name: string
  /** `lack`: nothing of others can run here. `optional`: it can, and more or better could. */
  state: 'ok' | 'lack' | 'optional'
  says: string
  /** Lines to type, where there is something to do. */
  remedy: readonly string[]
}

/** Below this the headers and a round's programs do not fit. */
const LEAST_DISK_BYTES = 2 * 1024 ** 3
const LEAST_NODE = [22, 18] as const

/** Facts -> what is there, what is lacking, what to type. Pure. */
export function diagnose(facts: MachineFacts): Check[] {
  return [
    nodeCheck,
    bubblewrapCheck,
    namespacesCheck,
    compilerCheck,
    sanitizersCheck,
    gcovCheck,
    cgroupsCheck,
    diskCheck,
    nvccCheck,
    gpuCheck,
    checkerCheck,
  ].flatMap((check) => check(facts))
}

function ok(name: string, says: string): Check {
  return { name, state: 'ok', says, remedy: [] }
}

function bad(facts: MachineFacts, state: 'lack' | 'optional', name: string, says: string, ailment: Ailment): Check {
  return { name, state, says, remedy: remedyFor(ailment, facts.release.distribution) }
}

function nodeCheck(facts: MachineFacts): Check {
  const [major = 0, minor = 0] = facts.node.split('.').map(Number)
  const [leastMajor, leastMinor] = LEAST_NODE
  if (major > leastMajor || (major === leastMajor && minor >= leastMinor)) return ok('node', facts.node)
  return bad(facts, 'lack', 'node', `${facts.node}; ${LEAST_NODE.join('.')} or later is needed`, 'node')
}

function bubblewrapCheck(facts: MachineFacts): Check {
  const name = 'bubblewrap'
  if (facts.bubblewrap === null) return bad(facts, 'lack', name, 'not installed', 'bubblewrap')
  const { version, problem } = facts.bubblewrap
  return problem === null ? ok(name, version) : bad(facts, 'lack', name, `${version}: ${problem}`, 'bubblewrap-old')
}

function namespacesCheck(facts: MachineFacts): Check {
  const name = 'user namespaces'
  const { works, said, restrictedByAppArmor } = facts.namespaces
  if (works === true) return ok(name, 'bubblewrap may make them')
  if (works === null) return { name, state: 'lack', says: 'cannot be tried without bubblewrap', remedy: [] }
  if (restrictedByAppArmor) return bad(facts, 'lack', name, `AppArmor lets bubblewrap make none (${said})`, 'apparmor')
  return bad(facts, 'lack', name, `bubblewrap may make none (${said}); in a container, its owner must allow them`, 'namespaces')
}

function compilerCheck(facts: MachineFacts): Check {
  return facts.compiler === null ? bad(facts, 'lack', 'g++', 'not installed', 'compiler') : ok('g++', facts.compiler)
}

function sanitizersCheck(facts: MachineFacts): Check {
  const name = 'sanitizers'
  const { memory, watchable } = facts.cgroups
  if (!facts.sanitizers) return bad(facts, 'optional', name, 'not installed; the sanitized pass is left to others', 'sanitizers')
  if (memory !== null || watchable) return ok(name, 'the sanitized pass can be done')
  return bad(facts, 'optional', name, 'nothing here could hold their memory; the sanitized pass is left to others', 'cgroups')
}

function gcovCheck(facts: MachineFacts): Check {
  const name = 'gcov'
  if (facts.gcov !== null) return ok(name, 'the coverage pass can be done')
  return bad(facts, 'optional', name, "none of g++'s version; the coverage pass is left to others", 'gcov')
}

function cgroupsCheck(facts: MachineFacts): Check {
  const { memory, tasks, watchable } = facts.cgroups
  const says = `memory by ${memory ?? (watchable ? 'a watch and address space' : 'address space')}, processes by ${tasks ?? 'rlimit'}`
  return memory !== null && tasks !== null
    ? ok('cgroups', says)
    : bad(facts, 'optional', 'cgroups', `${says}; exact with cgroups`, 'cgroups')
}

function diskCheck(facts: MachineFacts): Check {
  if (facts.disk === null) return bad(facts, 'lack', 'disk', 'the cache folder has no file system that can be read', 'disk')
  const { folder, freeBytes, writable } = facts.disk
  const says = `${(freeBytes / 1024 ** 3).toFixed(1)} GiB free in ${folder}`
  if (!writable) return bad(facts, 'lack', 'disk', `${folder} cannot be written`, 'disk')
  return freeBytes >= LEAST_DISK_BYTES ? ok('disk', says) : bad(facts, 'lack', 'disk', `${says}; 2 GiB are needed`, 'disk')
}

/** Whether it decides only a trial in the jail shows, which the doctor tells after these lines. */
function nvccCheck(facts: MachineFacts): Check {
  if (facts.nvcc !== null) return ok('nvcc', `${facts.nvcc.version} in ${facts.nvcc.root}`)
  return bad(facts, 'optional', 'nvcc', 'not installed; g++ decides whether CUDA programs compile', 'nvcc')
}

/** Whether programs run on it only a trial in the jail shows, which the doctor tells after these lines. */
function gpuCheck(facts: MachineFacts): Check {
  const name = 'gpu'
  const { list, slices, cardWithoutDriver, closed, devices } = facts.gpus
  if (list.length === 0) {
    if (cardWithoutDriver) return bad(facts, 'optional', name, 'an NVIDIA card whose driver does not answer', 'driver')
    return {
      name,
      state: 'optional',
      says: 'none; CUDA programs run emulated, which most rounds ask for. With one, rounds that ask for real GPUs could be done too',
      remedy: [],
    }
  }
  const all = [...list.map(gpuText), ...slices.map(({ profile, uuid }) => `slice ${profile} ${uuid}`)].join('; ')
  const says = list.length + slices.length > 1 ? `${all}; one is used, the first unless --gpu says another` : all
  if (closed.length > 0)
    return bad(facts, 'optional', name, `${says}: this user may not open /dev/${closed.join(', /dev/')}`, 'gpu-files')
  if (!devices.includes('nvidiactl') || !devices.includes('nvidia-uvm')) {
    return bad(facts, 'optional', name, `${says}: its files in /dev are not all there`, 'gpu-no-files')
  }
  if (list[0]?.mig && slices.length === 0) return bad(facts, 'optional', name, `${says}: split, and without a slice`, 'mig')
  // That nvcc is missing has its own line.
  if (facts.nvcc === null) return ok(name, `${says}; programs are built for it by nvcc`)
  if (!facts.nvcc.runtime) return bad(facts, 'optional', name, `${says}: nvcc has no libcudart_static.a beside it`, 'cudart')
  const { version, archs } = facts.nvcc
  const capability = list[0]?.computeCapability ?? null
  const arch = capability === null ? null : `sm_${capability.replace('.', '')}`
  if (arch !== null && archs.length > 0 && !archs.includes(arch)) {
    const range = `${archs[0]} to ${archs.at(-1)}`
    return bad(facts, 'optional', name, `${says}: nvcc ${version} builds nothing for ${arch} (it knows ${range})`, 'nvcc-arch')
  }
  return ok(name, says)
}

/** The passes of a GPU that are asked of compute-sanitizer; nothing to say where no program runs on one. */
function checkerCheck(facts: MachineFacts): Check[] {
  const name = 'compute-sanitizer'
  if (facts.gpus.list.length === 0 || facts.nvcc === null) return []
  if (facts.nvcc.checker) return [ok(name, 'the sanitized pass and races can be asked of the GPU')]
  return [bad(facts, 'optional', name, 'not installed; those passes of the GPU are left to others', 'checker')]
}

function gpuText({ name, driver, memoryMib, computeCapability, mig }: MachineFacts['gpus']['list'][number]): string {
  const parts = [
    `driver ${driver}`,
    computeCapability && `compute ${computeCapability}`,
    memoryMib && `${memoryMib} MiB`,
    mig && 'MIG',
  ]
  return `${name} (${parts.filter(Boolean).join(', ')})`
}
