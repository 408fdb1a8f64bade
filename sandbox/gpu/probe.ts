import type { JailResult } from '../jail/jail.ts'

/** What the loader's probe came to. `refused` are numbers of system calls, where a filter was asked to name them. */
export type Probe =
  | { kind: 'computes'; device: ProbedDevice; refused: number[] }
  | { kind: 'fails'; why: string; refused: number[] }

/** A GPU as its driver tells a program. */
export interface ProbedDevice {
  name: string
  /** For example `9.0`. */
  computeCapability: string
  memoryBytes: number
  /** The newest CUDA that the driver can, and that of the runtime: 13000 is 13.0. */
  driverCuda: number
  runtimeCuda: number
  /** Bytes in free memory that were not 0: somebody's who was there before, which the driver has not cleared. */
  leftBytes: number
}

const DEVICE = /^device (\d+\.\d+) (\d+) (\d+) (\d+) (\d+) (.+)$/m

/** Reads what a probe has said on its report's descriptor, and how it ended. */
export function parseProbe({ stop, exitCode, report, stderr }: JailResult): Probe {
  const text = report.toString('utf8')
  const refused = [...text.matchAll(/^refused (\d+)$/gm)].map(([, number]) => Number(number))
  const [, capability, memory, driver, runtime, left, name] = DEVICE.exec(text) ?? []
  if (stop === 'ended' && exitCode === 0 && capability !== undefined && name !== undefined) {
    const device = {
      ...{ name, computeCapability: capability, memoryBytes: Number(memory) },
      ...{ driverCuda: Number(driver), runtimeCuda: Number(runtime), leftBytes: Number(left) },
    }
    return { kind: 'computes', device, refused }
  }
  const said = /^no-context (.*)$/m.exec(text)?.[1] ?? stderr.toString('utf8').trim().split('\n')[0] ?? ''
  const how = stop === 'ended' ? `exit code ${exitCode}` : `stopped: ${stop}`
  return { kind: 'fails', why: (said === '' ? how : said).slice(0, 300), refused }
}

/** 13000 -> `13.0`, 12040 -> `12.4`. */
export function cudaVersion(number: number): string {
  return `${Math.floor(number / 1000)}.${Math.floor((number % 1000) / 10)}`
}
