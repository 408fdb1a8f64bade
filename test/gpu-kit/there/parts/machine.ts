import { execFile } from 'node:child_process'
import { access, readdir, readFile, readlink } from 'node:fs/promises'
import { availableParallelism, cpus, release, totalmem, version } from 'node:os'
import { promisify } from 'node:util'
import { findFacts } from '../../../../sandbox/doctor/facts.ts'
import { leftOut, type Part, pass } from '../stand.ts'

const ANSWER_MS = 10_000
const GIB = 1024 ** 3

/** What stands on the machine, without a judgement. */
export const machine: Part = async ({ places, figures, row }) => {
  const facts = await findFacts(places.work)
  figures({
    system: facts.release.name,
    kernel: `${release()} ${version()}`,
    runtime: await runtime(),
    'C library': await libc(),
    user: process.getuid?.() === 0 ? 'root' : `uid ${process.getuid?.()}`,
    processor: `${cpus()[0]?.model ?? 'unknown'}, ${availableParallelism()} cores`,
    'memory, GiB': totalmem() / GIB,
    'free disk where the kit is unpacked, GiB': facts.disk === null ? null : facts.disk.freeBytes / GIB,
    bubblewrap: facts.bubblewrap === null ? 'none, the kit brings it' : facts.bubblewrap.version,
    'g++': facts.compiler,
    nvcc: facts.nvcc === null ? null : `${facts.nvcc.version} in ${facts.nvcc.root}`,
    'cgroup for memory': facts.cgroups.memory,
    'cgroup for processes': facts.cgroups.tasks,
    'user namespaces restricted by AppArmor': facts.namespaces.restrictedByAppArmor,
    'largest number of user namespaces': await line('/proc/sys/user/max_user_namespaces'),
    'unprivileged user namespaces': await line('/proc/sys/kernel/unprivileged_userns_clone'),
    driver: await line('/proc/driver/nvidia/version'),
    'files of the driver': (await deviceFiles()).join(' ') || null,
  })
  for (const gpu of facts.gpus.list) {
    const { name, driver, memoryMib, computeCapability, mig } = gpu
    const detail = `driver ${driver}, ${memoryMib} MiB, compute capability ${computeCapability}${mig ? ', MIG' : ''}`
    row({ name, outcome: 'pass', detail })
  }
  const said = await answer('nvidia-smi', ['-q', '-d', 'COMPUTE,PERFORMANCE,TEMPERATURE,UTILIZATION,CLOCK'])
  if (said !== null) row({ name: 'nvidia-smi -q', outcome: 'pass', detail: said.slice(0, 4000) })
  if (process.arch !== 'x64') return leftOut(`the kit is made for x64 and this is ${process.arch}`)
  return pass()
}

/** What plays the kernel, where it shows. */
async function runtime(): Promise<string> {
  const said = (await line('/proc/version')) ?? ''
  if (/gvisor/i.test(said) || release().startsWith('4.4.0')) return 'perhaps gVisor'
  const init = await readlink('/proc/1/exe').catch(() => null)
  const container = await access('/.dockerenv').then(
    () => 'container',
    () => null,
  )
  return [container, `first process ${init ?? 'not readable'}`].filter((one) => one !== null).join(', ')
}

/** The machine's, not that which the kit brings for its own Node. */
async function libc(): Promise<string | null> {
  return (await answer('getconf', ['GNU_LIBC_VERSION'])) ?? (await answer('ldd', ['--version']))?.split('\n')[0] ?? null
}

async function deviceFiles(): Promise<string[]> {
  const names = await readdir('/dev').catch(() => [])
  return names.filter((name) => name.startsWith('nvidia') || name === 'dxg').map((name) => `/dev/${name}`)
}

async function line(file: string): Promise<string | null> {
  const text = await readFile(file, 'utf8').catch(() => null)
  return text === null ? null : (text.split('\n')[0] ?? '').trim()
}

async function answer(file: string, args: string[]): Promise<string | null> {
  const places = `${process.env.PATH ?? ''}:/usr/bin:/bin:/usr/local/bin:/usr/local/nvidia/bin`
  const options = { env: { PATH: places, LC_ALL: 'C' }, timeout: ANSWER_MS }
  return await promisify(execFile)(file, args, options).then(
    ({ stdout }) => stdout.trim(),
    () => null,
  )
}
