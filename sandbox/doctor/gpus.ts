/** One GPU as its driver tells. */
export interface Gpu {
  name: string
  driver: string
  memoryMib: number | null
  /** For example `9.0`; null where the driver is too old to say. */
  computeCapability: string | null
  /** Split into several by its owner. */
  mig: boolean
}

/** What is asked of nvidia-smi, in this order; older drivers do not know the later ones and refuse the whole question. */
export const GPU_QUESTIONS = [
  'name,driver_version,memory.total,compute_cap,mig.mode.current',
  'name,driver_version,memory.total',
] as const

/** The answer to `--format=csv,noheader,nounits`, a GPU a line; what is not such a line is left out. */
export function parseGpus(text: string): Gpu[] {
  return text.split('\n').flatMap((line): Gpu[] => {
    const [name, driver, memory, capability, mig] = line.split(',').map((field) => field.trim())
    if (!name || !driver || !/^\d+(\.\d+)+$/.test(driver)) return []
    return [
      {
        name,
        driver,
        memoryMib: memory !== undefined && /^\d+$/.test(memory) ? Number(memory) : null,
        computeCapability: capability !== undefined && /^\d+\.\d+$/.test(capability) ? capability : null,
        mig: mig === 'Enabled',
      },
    ]
  })
}
