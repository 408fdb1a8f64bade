import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { createServer, type Socket } from 'node:net'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { line } from '../support/cases.ts'

/** A command that has begun: it waits until it is told to go on. */
export interface Call {
  /** Such as `1 generate`, and how often that was begun. */
  step: string
  attempt: string
  goOn(): void
  /** Resolves when its process is gone. */
  gone: Promise<unknown>
}

/** The commands of a plan under a test's control: each says over a socket that it has begun, and waits to be told to go on. */
export class Commands {
  readonly port: number
  readonly #waiting: Call[] = []
  #heard: () => void = () => {}
  #free = false

  private constructor(port: number) {
    this.port = port
  }

  static async start(t: TestContext): Promise<Commands> {
    const server = createServer()
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const commands = new Commands((server.address() as { port: number }).port)
    const sockets = new Set<Socket>()
    server.on('connection', (socket) => {
      sockets.add(socket)
      socket.on('error', () => {})
      const gone = once(socket, 'close')
      socket.on('data', (text) => {
        const [step = '', attempt = ''] = String(text).trim().split(',')
        commands.#take({ step, attempt, gone, goOn: () => void socket.end('go\n') })
      })
    })
    t.after(() => {
      for (const socket of sockets) socket.destroy()
      server.close()
    })
    return commands
  }

  /** From now on none has to wait. */
  letAll(): void {
    this.#free = true
    for (const call of this.#waiting.splice(0)) call.goOn()
  }

  /** The next command that begins. */
  async next(): Promise<Call> {
    for (;;) {
      const call = this.#waiting.shift()
      if (call !== undefined) return call
      await new Promise<void>((resolve) => (this.#heard = resolve))
    }
  }

  #take(call: Call): void {
    if (this.#free) call.goOn()
    else this.#waiting.push(call)
    this.#heard()
  }
}

/** A plan whose commands ask a test what to do; every third case is wrong. */
export async function writePlan(folder: string, port: number, verify: string, rounds = 2): Promise<string> {
  const file = join(folder, 'plan.yaml')
  const cases = Array.from({ length: 6 }, (_, n) => line(n + 1, { wrong: n % 3 === 2 }))
  await writeFile(join(folder, 'lines.json'), JSON.stringify(cases))
  await writeFile(join(folder, 'step.mjs'), STEP)
  const run = (step: string) => `[${process.execPath}, step.mjs, ${step}, '${port}']`
  const text = `name: tested loop
generate: { run: ${run('generate')} }
verify: { ${verify} options: { rule: compat, passes: none } }
train: { run: ${run('train')} }
stop: { rounds: ${rounds} }
`
  await writeFile(file, text)
  return file
}

/** Writes half of what it has to, asks, and writes the other half. A model is the list of rounds that it was trained in. */
const STEP = `
import { appendFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
const { KERNELSWARM_ROUND: round, KERNELSWARM_ATTEMPT: attempt, KERNELSWARM_CASES: cases, KERNELSWARM_MODEL: model } = process.env
const [step, port] = process.argv.slice(2)
const lines = JSON.parse(readFileSync('lines.json', 'utf8')).map((line) => line.replaceAll('a[i]', 'a[' + ' '.repeat(round) + 'i]') + '\\n')
if (step === 'generate') appendFileSync(cases, lines.slice(0, 3).join(''))
const socket = connect(Number(port), '127.0.0.1')
socket.write(round + ' ' + step + ',' + attempt + '\\n')
await new Promise((resolve) => socket.once('data', resolve))
if (step === 'generate') appendFileSync(cases, lines.slice(3).join(''))
else {
  const before = model === '' ? [] : JSON.parse(readFileSync(model + '/model.json', 'utf8'))
  const kept = JSON.parse(readFileSync(process.env.KERNELSWARM_RESULTS + '/translator_sft.json', 'utf8')).length
  writeFileSync(process.env.KERNELSWARM_NEW_MODEL + '/model.json', JSON.stringify([...before, { round, kept }]))
}
console.log('done', existsSync(cases))
socket.destroy()
`
