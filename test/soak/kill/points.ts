import { Level } from 'level'

/*
 * Loaded before a coordinator (`node --import`): its process ends itself with SIGKILL at one of its writes, as
 * KERNELSWARM_KILL_POINT says:
 *
 *     before:<n>            the n-th batch is not begun
 *     during:<n>:<micros>   it is begun, and so much later the process is gone
 *     after:<n>             it is on disk, and nobody has been told
 */
const [where = '', nth = '', micros = '0'] = (process.env.KERNELSWARM_KILL_POINT ?? '').split(':')
const prototype = Level.prototype as unknown as { batch: (...args: unknown[]) => unknown }
const real = prototype.batch
let count = 0

prototype.batch = function (this: unknown, ...args: unknown[]): unknown {
  if (args.length === 0 || ++count !== Number(nth)) return real.apply(this, args)
  if (where === 'before') return die()
  const writing = real.apply(this, args) as Promise<unknown>
  if (where === 'after') return writing.then(die)
  // It is written by a thread of its own: this one is busy until the time has come.
  const until = process.hrtime.bigint() + BigInt(micros) * 1000n
  while (process.hrtime.bigint() < until);
  return die()
}

function die(): Promise<never> {
  process.kill(process.pid, 'SIGKILL')
  return new Promise(() => {})
}
