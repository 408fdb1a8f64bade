/** One GPU as its driver tells. */
export interface Gpu {
  name: string
  driver: string
  memoryMib: number | null
  /** For example `9.0`; null where the driver is too old to say. */
  computeCapability: string | null
  /** Split into several by its owner. */
  mig: boolean
  /** As the driver numbers them; null where it does not say. */
  index: number | null
  uuid: string | null
  /** For example `00000000:0F:00.0`. */
  bus: string | null
}

/** What is asked of nvidia-smi, in this order; older drivers do not know the later ones and refuse the whole question. */
export const GPU_QUESTIONS = [
  'name,driver_version,memory.total,compute_cap,mig.mode.current,index,uuid,pci.bus_id',
  'name,driver_version,memory.total,compute_cap,mig.mode.current',
  'name,driver_version,memory.total',
] as const

const WHOLE = /^\d+$/

/** The answer to `--format=csv,noheader,nounits`, a GPU a line; what is not such a line is left out. */
export function parseGpus(text: string): Gpu[] {
  return text.split('\n').flatMap((line): Gpu[] => {
    const [name, driver, memory, capability, mig, index, uuid, bus] = line.split(',').map((field) => field.trim())
    if (!name || !driver || !/^\d+(\.\d+)+$/.test(driver)) return []
    return [
      {
        name,
        driver,
        memoryMib: memory !== undefined && WHOLE.test(memory) ? Number(memory) : null,
        computeCapability: capability !== undefined && /^\d+\.\d+$/.test(capability) ? capability : null,
        mig: mig === 'Enabled',
        index: index !== undefined && WHOLE.test(index) ? Number(index) : null,
        uuid: uuid !== undefined && /^GPU-[0-9a-f-]+$/i.test(uuid) ? uuid : null,
        bus: bus !== undefined && /^[0-9a-f]+:[0-9a-f]{2}:[0-9a-f]{2}\.\d$/i.test(bus) ? bus : null,
      },
    ]
  })
}

/** A part of a split GPU, as `nvidia-smi -L` lists it below its card. */
export interface Slice {
  /** UUID of the card. */
  card: string
  uuid: string
  /** For example `1g.18gb`. */
  profile: string
  /** The number of its place among the card's slices. */
  device: number
}

/** Lines `GPU 0: NAME (UUID: GPU-...)` and below them `  MIG 1g.18gb Device 0: (UUID: MIG-...)`. */
export function parseSlices(text: string): Slice[] {
  let card = ''
  return text.split('\n').flatMap((line): Slice[] => {
    card = /^GPU \d+:.*\(UUID: (GPU-[0-9a-f-]+)\)/i.exec(line)?.[1] ?? card
    const [, profile, device, uuid] = /^\s+MIG\s+(\S+)\s+Device\s+(\d+):\s+\(UUID:\s+(MIG-[0-9a-zA-Z/-]+)\)/.exec(line) ?? []
    if (profile === undefined || device === undefined || uuid === undefined || card === '') return []
    return [{ card, uuid, profile, device: Number(device) }]
  })
}
