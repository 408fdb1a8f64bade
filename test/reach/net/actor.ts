import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import type { HostName, World } from './world.ts'

/** What a process is told to be. */
export type Task =
  | { t: 'relay'; folder: string; coordinator: string; address: string }
  | { t: 'coordinate'; folder: string; relays: string[]; nodes: string[]; cases: string }
  | { t: 'volunteer'; folder: string; names: string[]; coordinator: string; testMs: number }
  | { t: 'leave'; outboxes: string[] }
  | { t: 'be-found'; folder: string; listen: string }
  | { t: 'look' }

/** What it says. */
export type Said =
  | { t: 'ready' }
  | { t: 'failed'; message: string }
  | { t: 'address'; address: string }
  | { t: 'verdicts'; verdicts: number }
  | { t: 'over'; judged: number; undecided: number; outcomes: string; twice: number }
  | { t: 'left'; waiting: number }
  | { t: 'found'; addresses: string[] }

const PROCESS = new URL('site.ts', import.meta.url).pathname

/** A process of its own, on a host of the test's own or on this one. */
export class Actor {
  readonly #child: ChildProcess
  readonly #heard: Said[] = []
  #wake: () => void = () => undefined
  #gone = false

  private constructor(child: ChildProcess) {
    this.#child = child
    child.on('message', (said: Said) => {
      // Only the last count is of use.
      if (said.t === 'verdicts' && this.#heard.at(-1)?.t === 'verdicts') this.#heard.pop()
      this.#heard.push(said)
      this.#wake()
    })
    child.on('exit', () => {
      this.#gone = true
      this.#wake()
    })
  }

  /** @param world null: on this host */
  static async start(world: World | null, host: HostName): Promise<Actor> {
    const stdio = ['ignore', 'inherit', 'inherit', 'ipc'] as const
    const child =
      world === null
        ? spawn(process.execPath, [PROCESS], { stdio: [...stdio] })
        : world.spawn(host, process.execPath, [PROCESS], { stdio: [...stdio] })
    const actor = new Actor(child)
    await actor.hear('ready')
    return actor
  }

  tell(task: Task): void {
    this.#child.send(task)
  }

  /** The next thing of its kind that it says. @throws when it fails or ends before */
  async hear<T extends Said['t']>(kind: T): Promise<Extract<Said, { t: T }>> {
    for (;;) {
      const failed = this.#heard.find((said) => said.t === 'failed')
      if (failed !== undefined) throw new Error((failed as Extract<Said, { t: 'failed' }>).message)
      const at = this.#heard.findIndex((said) => said.t === kind)
      if (at >= 0) return this.#heard.splice(at, 1)[0] as Extract<Said, { t: T }>
      if (this.#gone) throw new Error(`the process ended before it said ${kind}`)
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    }
  }

  /** Waits until so many verdicts have come. */
  async verdicts(least: number): Promise<void> {
    while ((await this.hear('verdicts')).verdicts < least);
  }

  /** At once, as a machine that loses its power. */
  async kill(): Promise<void> {
    if (this.#gone) return
    this.#child.kill('SIGKILL')
    await once(this.#child, 'exit')
  }
}
