import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Fact, type Facts, known, unknown } from '../facts.ts'
import type { Source } from './source.ts'

const EVERY_MS = 10_000

/** One entry of /sys/class/power_supply, its files by name. */
type Supply = Readonly<Record<'type' | 'scope' | 'online' | 'status', string>>

/** Whether the machine is on battery, by the kernel. One without a battery is not. */
export class PowerSource implements Source {
  readonly name = 'the power supply'
  readonly tells = ['onBattery'] as const
  readonly #root: string
  constructor(root = '/sys/class/power_supply') {
    this.#root = root
  }

  everyMs(): number {
    return EVERY_MS
  }

  async look(): Promise<Partial<Facts>> {
    const names = await readdir(this.#root).catch((error: NodeJS.ErrnoException) => {
      // A kernel without any supplies does not even have the folder.
      if (error.code === 'ENOENT') return []
      throw error
    })
    return { onBattery: isOnBattery(await Promise.all(names.map((name) => this.#read(name)))) }
  }

  async #read(name: string): Promise<Supply> {
    const text = async (file: string) => (await readFile(join(this.#root, name, file), 'utf8').catch(() => '')).trim()
    const [type, scope, online, status] = await Promise.all([text('type'), text('scope'), text('online'), text('status')])
    return { type, scope, online, status }
  }
}

/** Batteries of mice and keyboards (scope Device) are not the machine's. */
export function isOnBattery(supplies: readonly Supply[]): Fact<boolean> {
  const own = supplies.filter(({ scope }) => scope !== 'Device')
  const batteries = own.filter(({ type }) => type === 'Battery')
  const mains = own.filter(({ type, online }) => type !== 'Battery' && type !== 'UPS' && online !== '')
  if (batteries.length === 0) return known(false)
  if (mains.some(({ online }) => online !== '0')) return known(false)
  if (batteries.some(({ status }) => status === 'Discharging')) return known(true)
  if (batteries.every(({ status }) => ['Charging', 'Full', 'Not charging'].includes(status))) return known(false)
  return mains.length > 0 ? known(true) : unknown('the battery does not say')
}
