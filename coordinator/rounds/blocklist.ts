import { open, readFile, rename, rm, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { CidText, makeFolder, UsageError } from '../../protocol/index.ts'
import type { Clock } from '../clock.ts'
import type { Ledger } from '../ledger.ts'
import type { Journal } from '../operations/journal.ts'
import type { WorkService } from '../work/service.ts'

/** How often the file is looked at. */
const LOOK_MS = 1_000
/** Largest list that is read: some ten thousand programs, each with a reason. */
const MAX_LIST_BYTES = 4 * 1024 * 1024
/** Longest reason, characters. */
export const MAX_BLOCK_REASON = 200

export interface Blocked {
  program: string
  reason: string
}

/**
 * The operator's kill switch: programs that nobody is to run any more, in a file beside the allow-list, a program's hash and
 * the reason a line (`#` begins a comment). A running coordinator takes an edit up within seconds: what changed becomes an
 * event, so that what follows from it is the same after a restart. A file that cannot be read changes nothing.
 */
export class Blocklist {
  readonly #file: string
  readonly #c: { ledger: Ledger; work: WorkService; clock: Clock; log: Journal }
  #timer: NodeJS.Timeout | null = null
  #looking: Promise<void> = Promise.resolve()
  #seen = ''
  #complaint = ''

  constructor(components: { ledger: Ledger; work: WorkService; clock: Clock; log: Journal }, init: { file: string }) {
    this.#c = components
    this.#file = init.file
  }

  /** Takes up what the file says, and then whatever it comes to say. */
  async start(): Promise<void> {
    await this.#look()
    this.#timer = setInterval(() => {
      this.#looking = this.#looking.then(() => this.#look())
    }, LOOK_MS)
  }

  async stop(): Promise<void> {
    if (this.#timer !== null) clearInterval(this.#timer)
    this.#timer = null
    await this.#looking
  }

  async #look(): Promise<void> {
    const { log } = this.#c
    try {
      const version = await versionOf(this.#file)
      if (version === this.#seen) return
      const wanted = await readBlocked(this.#file)
      this.#take(new Map(wanted.map(({ program, reason }) => [program, reason])))
      this.#seen = version
      this.#complaint = ''
    } catch (error) {
      const { message } = error as Error
      if (message !== this.#complaint) log.error({ event: 'blocklist', detail: message })
      this.#complaint = message
    }
  }

  #take(wanted: ReadonlyMap<string, string>): void {
    const { ledger, work, clock, log } = this.#c
    const { blocked } = ledger.state
    for (const [program, reason] of wanted) {
      if (blocked.get(program)?.reason === reason) continue
      log.warn({ event: 'program-blocked', program })
      ledger.record({ t: 'program-blocked', at: clock.now(), program, reason }).catch(() => undefined)
    }
    for (const program of [...blocked.keys()].filter((known) => !wanted.has(known))) {
      log.warn({ event: 'program-unblocked', program })
      ledger.record({ t: 'program-unblocked', at: clock.now(), program }).catch(() => undefined)
    }
    work.withdrawUnneeded()
  }
}

/** What tells that a file has changed. */
async function versionOf(file: string): Promise<string> {
  const known = await stat(file, { bigint: true }).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null
    throw new UsageError('file', `${file}: cannot be read (${error.message})`)
  })
  return known === null ? 'none' : `${known.ino} ${known.size} ${known.mtimeNs}`
}

/** The programs that are blocked. @throws UsageError when the file cannot be read, or a line is no program */
export async function readBlocked(file: string): Promise<Blocked[]> {
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return ''
    throw new UsageError('file', `${file}: cannot be read (${error.message})`)
  })
  if (Buffer.byteLength(text) > MAX_LIST_BYTES) throw new UsageError('file', `${file}: more than ${MAX_LIST_BYTES} bytes`)
  const lines = text.split('\n').map((line) => line.replace(/#.*/, '').trim())
  return lines.filter(Boolean).map((line) => {
    const [program = '', ...words] = line.split(/\s+/)
    return { program: checkedProgram(program, file), reason: words.join(' ').slice(0, MAX_BLOCK_REASON) }
  })
}

function checkedProgram(text: string, where: string): string {
  if (CidText.safeParse(text).success) return text
  throw new UsageError('option', `${where}: ${text.slice(0, 80)}: not the hash of a program; expected something like bafyrei...`)
}

/** Blocks a program, or gives it another reason. @throws UsageError when it is no program's name or the file cannot be written */
export async function block(file: string, program: string, reason: string): Promise<'blocked' | 'known'> {
  const words = reason.replace(/#/g, ' ').replace(/\s+/g, ' ').trim().slice(0, MAX_BLOCK_REASON)
  const before = await readBlocked(file)
  if (before.some((one) => one.program === checkedProgram(program, 'block') && one.reason === words)) return 'known'
  await write(file, [
    ...before.filter((one) => one.program !== program),
    { program: checkedProgram(program, 'block'), reason: words },
  ])
  return 'blocked'
}

/** Takes a program off the list. */
export async function unblock(file: string, program: string): Promise<'unblocked' | 'unknown'> {
  const before = await readBlocked(file)
  const after = before.filter((one) => one.program !== program)
  if (after.length === before.length) return 'unknown'
  await write(file, after)
  return 'unblocked'
}

/** The whole list, or the one before: never half of one. */
async function write(file: string, list: readonly Blocked[]): Promise<void> {
  const part = `${file}.part`
  try {
    await makeFolder(dirname(file), { secret: true })
    await using handle = await open(part, 'w', 0o600)
    await handle.writeFile(list.map(({ program, reason }) => `${`${program} ${reason}`.trim()}\n`).join(''))
    await handle.sync()
    await rename(part, file)
  } catch (error) {
    await rm(part, { force: true })
    throw error instanceof UsageError ? error : new UsageError('file', `${file}: cannot be written (${(error as Error).message})`)
  }
}
