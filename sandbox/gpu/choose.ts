import { access, readdir, readFile } from 'node:fs/promises'
import type { Mount } from '../jail/policy.ts'
import { type GpuFacts, minorOf } from './find.ts'
import { shortBus } from './shows.ts'
import type { Gpu, Slice } from './smi.ts'

/** The one GPU, or slice of one, that programs are run on. */
export interface ChosenGpu {
  gpu: Gpu
  slice: Slice | null
  /** Files of /dev a jail shows. */
  devices: Mount[]
  /** For CUDA_VISIBLE_DEVICES. */
  visible: string
}

/** By index, or by UUID of a card or a slice. */
export type GpuWish = { kind: 'first' } | { kind: 'named'; name: string }

/** Always needed; the first is how a GPU is found, the second how its memory is mapped. */
const COMMON = ['nvidiactl', 'nvidia-uvm'] as const

/** @returns the GPU, or why there is none, with what to do */
export async function chooseGpu(facts: GpuFacts, wish: GpuWish): Promise<ChosenGpu | { why: string }> {
  const { list, slices } = facts
  if (list.length === 0) return { why: whyNone(facts) }
  const gpu = wish.kind === 'first' ? list[0] : list.find((one) => isNamed(one, slices, wish.name))
  if (gpu === undefined) return { why: `no GPU ${(wish as { name: string }).name}; there is ${list.map(describe).join('; ')}` }
  const own = slices.filter(({ card }) => card === gpu.uuid)
  const slice = own.find(({ uuid }) => wish.kind === 'named' && uuid === wish.name) ?? own[0] ?? null
  if (gpu.mig && slice === null)
    return { why: `${gpu.name} is split (MIG), and has no slice: make one with nvidia-smi mig -cgi ... -C` }
  const minor = onlyCard(facts) ?? (await minorOf(gpu))
  if (minor === null) return { why: `the driver does not say which file in /dev ${gpu.name} is` }
  const wanted = [...COMMON, `nvidia${minor}`]
  const missing = wanted.filter((name) => !facts.devices.includes(name))
  if (missing.length > 0) return { why: whyNoDevices(missing, facts.closed) }
  const caps = slice === null ? [] : await sliceDevices(minor)
  const visible = slice?.uuid ?? (list.length === 1 || gpu.uuid === null ? '0' : gpu.uuid)
  return { gpu, slice, visible, devices: [...wanted.map((name): Mount => ({ kind: 'device', path: `/dev/${name}` })), ...caps] }
}

/** The number of the only card that is to be seen: a container may be shown one of many, whose number is not its index here. */
function onlyCard({ list, devices }: GpuFacts): number | null {
  const cards = devices.flatMap((name) => /^nvidia(\d+)$/.exec(name)?.[1] ?? [])
  return list.length === 1 && cards.length === 1 ? Number(cards[0]) : null
}

function isNamed(gpu: Gpu, slices: readonly Slice[], name: string): boolean {
  return String(gpu.index) === name || gpu.uuid === name || slices.some(({ card, uuid }) => card === gpu.uuid && uuid === name)
}

function whyNone({ cardWithoutDriver, devices, closed }: GpuFacts): string {
  if (cardWithoutDriver) return 'an NVIDIA card whose driver does not answer'
  if (devices.length + closed.length > 0)
    return `files of a GPU in /dev (${[...devices, ...closed].join(', ')}), and neither nvidia-smi nor /proc/driver/nvidia tells of it`
  return 'no NVIDIA GPU'
}

function whyNoDevices(missing: readonly string[], closed: readonly string[]): string {
  const shut = missing.filter((name) => closed.includes(name))
  if (shut.length > 0)
    return `${shut.map((name) => `/dev/${name}`).join(', ')}: this user may not open it (sudo chmod 0666 makes it as the driver does)`
  return `${missing.map((name) => `/dev/${name}`).join(', ')} not there: sudo nvidia-modprobe -u -c=0 makes it`
}

function describe({ index, name, uuid }: Gpu): string {
  return `${index ?? '?'}: ${name}${uuid === null ? '' : ` (${uuid})`}`
}

/**
 * The files by which a slice may be used. Which of them is whose the driver tells to its own tools only, so all of that card's
 * slices are shown; programs are told of one, and cannot ask for another's memory.
 */
async function sliceDevices(minor: number): Promise<Mount[]> {
  const root = `/proc/driver/nvidia/capabilities/gpu${minor}/mig`
  const names = await readdir(root, { recursive: true }).catch((): string[] => [])
  const texts = await Promise.all(
    names
      .filter((name) => name.endsWith('access'))
      .map(async (name) => await readFile(`${root}/${name}`, 'utf8').catch(() => '')),
  )
  const paths = texts
    .flatMap((text) => /^DeviceFileMinor:\s*(\d+)/m.exec(text)?.[1] ?? [])
    .map((cap) => `/dev/nvidia-caps/nvidia-cap${cap}`)
  const there = await Promise.all(
    paths.map(
      async (path) =>
        await access(path).then(
          () => [path],
          () => [],
        ),
    ),
  )
  return there.flat().map((path) => ({ kind: 'device', path }))
}

/** A name for files: the same GPU has the same in every process of this machine. */
export function lockName({ gpu, slice }: ChosenGpu): string {
  return (slice?.uuid ?? gpu.uuid ?? (gpu.bus === null ? `index-${gpu.index}` : shortBus(gpu.bus))).replace(/[^\w-]/g, '_')
}
