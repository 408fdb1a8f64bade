import { execFile } from 'node:child_process'
import { access, constants, readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { find, isExecutable } from '../toolchain/find.ts'
import { GPU_QUESTIONS, type Gpu, parseGpus, parseSlices, type Slice } from './smi.ts'

/** A tool that does not answer in this time is broken; nvidia-smi takes seconds where it wakes the driver. */
const ANSWER_MS = 20_000
/** Beside the usual places: containers, and Windows' Linux. */
const SMI_PLACES = ['/usr/local/nvidia/bin/nvidia-smi', '/usr/lib/wsl/lib/nvidia-smi', '/opt/bin/nvidia-smi'] as const
const NVIDIA_VENDOR = '0x10de'
const DRIVER = '/proc/driver/nvidia'
/** May be read and written by everybody. */
const FOR_ALL = 0o006

/** What is known of this machine's GPUs before any of them is used. Nothing in here is a judgement. */
export interface GpuFacts {
  list: Gpu[]
  slices: Slice[]
  /** An NVIDIA card is there, and no driver tells of it. */
  cardWithoutDriver: boolean
  /** Under /dev, of NVIDIA: `nvidia0`, `nvidiactl`, `nvidia-uvm`. Those this user may not open are left out. */
  devices: string[]
  /** Those that are there and may not be opened. */
  closed: string[]
}

/** Asks nvidia-smi where it stands, else reads what the driver tells in /proc; throws nothing that a missing part could cause. */
export async function findGpus(): Promise<GpuFacts> {
  const smi = await findSmi()
  const asked = smi === null ? [] : await askSmi(smi)
  const list = asked.length > 0 ? asked : await readDriver()
  const slices = smi !== null && list.some(({ mig }) => mig) ? parseSlices(await answer(smi, ['-L'])) : []
  const names = (await readdir('/dev').catch(() => []))
    .filter((name) => /^nvidia(\d+|ctl|-uvm|-uvm-tools|-modeset)$/.test(name))
    .sort()
  const open = await Promise.all(names.map((name) => mayOpen(`/dev/${name}`)))
  return {
    list,
    slices,
    cardWithoutDriver: list.length === 0 && (await hasNvidiaCard()),
    devices: names.filter((_, at) => open[at]),
    closed: names.filter((_, at) => !open[at]),
  }
}

/** Where nvidia-smi is, or null. */
export async function findSmi(): Promise<string | null> {
  const usual = await find('nvidia-smi')
  if (usual !== null) return usual
  for (const place of SMI_PLACES) if (await isExecutable(place)) return place
  return null
}

async function askSmi(smi: string): Promise<Gpu[]> {
  for (const question of GPU_QUESTIONS) {
    const list = parseGpus(await answer(smi, [`--query-gpu=${question}`, '--format=csv,noheader,nounits']))
    if (list.length > 0) return list
  }
  return []
}

/** Empty where it failed. */
async function answer(file: string, args: string[]): Promise<string> {
  const options = { cwd: '/', env: { PATH: '/usr/bin:/bin', LC_ALL: 'C' }, timeout: ANSWER_MS }
  return await promisify(execFile)(file, args, options).then(
    ({ stdout }) => stdout,
    () => '',
  )
}

/** A folder a GPU, named by its place on the bus; compute capability is not told there. */
async function readDriver(): Promise<Gpu[]> {
  const version = parseDriverVersion(await textOf(`${DRIVER}/version`))
  const buses = await readdir(`${DRIVER}/gpus`).catch(() => [])
  const told = await Promise.all(buses.sort().map((bus) => textOf(`${DRIVER}/gpus/${bus}/information`)))
  return version === null ? [] : told.flatMap((text) => parseInformation(text, version))
}

/** `NVRM version: NVIDIA UNIX Open Kernel Module for x86_64  580.95.05  Release Build ...` -> `580.95.05`. */
export function parseDriverVersion(text: string): string | null {
  return /^NVRM version:.*?\s(\d+\.\d+(?:\.\d+)?)\s/m.exec(text)?.[1] ?? null
}

/** Lines `Model: NVIDIA H200`, `GPU UUID: GPU-...`, `Bus Location: 0000:0f:00.0`, `Device Minor: 0`. */
export function parseInformation(text: string, driver: string): Gpu[] {
  const field = (name: string) => new RegExp(`^${name}:\\s*(.*\\S)`, 'm').exec(text)?.[1] ?? null
  const [name, minor, uuid] = [field('Model'), field('Device Minor'), field('GPU UUID')]
  if (name === null) return []
  return [
    {
      ...{ name, driver, memoryMib: null, computeCapability: null, mig: false },
      index: minor === null ? null : Number(minor),
      uuid: uuid !== null && /^GPU-[0-9a-f-]+$/i.test(uuid) ? uuid : null,
      bus: field('Bus Location'),
    },
  ]
}

/** The number of its file in /dev, by its place on the bus; the driver's index where it does not tell. */
export async function minorOf({ bus, index }: Pick<Gpu, 'bus' | 'index'>): Promise<number | null> {
  if (bus !== null) {
    const folder = `${DRIVER}/gpus/${bus.toLowerCase().replace(/^0000(?=[0-9a-f]{4}:)/, '')}`
    const minor = /^Device Minor:\s*(\d+)/m.exec(await textOf(`${folder}/information`))?.[1]
    if (minor !== undefined) return Number(minor)
  }
  return index
}

/** As root it is asked for all: jails are made by nobody then, who is in no group. */
async function mayOpen(path: string): Promise<boolean> {
  if (process.getuid?.() === 0) {
    const mode = await stat(path).then(
      (found) => found.mode,
      () => 0,
    )
    return (mode & FOR_ALL) === FOR_ALL
  }
  return await access(path, constants.R_OK | constants.W_OK).then(
    () => true,
    () => false,
  )
}

async function hasNvidiaCard(): Promise<boolean> {
  const root = '/sys/bus/pci/devices'
  const names = await readdir(root).catch(() => [])
  const vendors = await Promise.all(names.map((name) => textOf(join(root, name, 'vendor'))))
  return vendors.some((vendor) => vendor.trim() === NVIDIA_VENDOR)
}

async function textOf(file: string): Promise<string> {
  return await readFile(file, 'utf8').catch(() => '')
}
