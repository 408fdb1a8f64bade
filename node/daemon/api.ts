import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { type Program, UsageError } from '../../protocol/index.ts'
import type { RunRecord } from '../history/record.ts'
import type { Face } from './face.ts'
import { MAX_RUNS_SHOWN } from './limits.ts'

/** What a command may say. */
const Snooze = z.strictObject({ minutes: z.number().positive() })
const Finish = z.strictObject({ tasks: z.int().nonnegative().optional(), at: z.int().positive().optional() })
const SwitchGpu = z.strictObject({ name: z.string().min(1).max(100), on: z.boolean() })
const Nothing = z.strictObject({}).nullish()

/** A run with the source of its program, as long as that is kept. */
export interface RunDetail {
  run: RunRecord
  program: Program | null
}

/** A question or order that cannot be answered. */
export class Refused extends Error {
  readonly statusCode: number
  constructor(statusCode: number, message: string) {
    super(message)
    this.statusCode = statusCode
  }
}

/**
 * What a node answers its owner, over the socket of its folder and on its page:
 *
 *     GET  /api/status, /api/runs?limit=N, /api/runs/NONCE, /api/receipts
 *     POST /api/pause, /api/resume, /api/snooze {minutes}, /api/finish {tasks | at}, /api/stop, /api/gpu {name, on}, /api/refusals
 *
 * @param mayAct throws where whoever asks may only look
 */
export function answer(app: FastifyInstance, daemon: Face, mayAct: (headers: Record<string, unknown>) => void): void {
  app.get('/api/status', async () => await daemon.status())
  app.get('/api/runs', async ({ query }) => {
    const asked = z.object({ limit: z.coerce.number().int().min(1).max(MAX_RUNS_SHOWN).default(50) }).safeParse(query)
    if (!asked.success) throw new Refused(400, `limit: expected 1 to ${MAX_RUNS_SHOWN}`)
    return await daemon.runs(asked.data.limit)
  })
  app.get('/api/runs/:nonce', async ({ params }) => await detail(daemon, (params as { nonce: string }).nonce))
  app.get('/api/receipts', async () => {
    const receipts = []
    for await (const { coordinator, bytes } of daemon.history.receipts()) {
      receipts.push({ coordinator, envelope: Buffer.from(bytes).toString('base64') })
    }
    return receipts
  })
  const { conditions } = daemon
  const order = <T>(path: string, form: z.ZodType<T>, act: (said: T) => Promise<unknown> | unknown) =>
    app.post(path, async ({ headers, body }) => {
      mayAct(headers)
      const said = form.safeParse(body)
      if (!said.success) throw new Refused(400, said.error.issues[0]?.message ?? 'not as expected')
      try {
        await act(said.data)
      } catch (error) {
        if (error instanceof UsageError || error instanceof RangeError) throw new Refused(400, error.message)
        throw error
      }
      return await daemon.status()
    })
  order('/api/pause', Nothing, () => conditions.pause())
  order('/api/resume', Nothing, () => daemon.resume())
  order('/api/snooze', Snooze, ({ minutes }) => conditions.snooze(minutes))
  order('/api/finish', Finish, async ({ tasks, at }) => {
    if (tasks !== undefined) await conditions.finishAfter(tasks)
    if (at !== undefined) await conditions.finishAt(at)
    if (tasks === undefined && at === undefined) await conditions.finish()
  })
  order('/api/stop', Nothing, () => daemon.requestStop())
  order('/api/gpu', SwitchGpu, ({ name, on }) => conditions.switchGpu(name, on))
  order('/api/refusals', Nothing, () => daemon.readRefusals())
}

async function detail(daemon: Face, nonce: string): Promise<RunDetail> {
  const run = await daemon.history.find(nonce)
  if (run === null) throw new Refused(404, `${nonce}: no run of that name is kept, or several begin so`)
  return { run, program: await daemon.history.program(run.task.program) }
}
