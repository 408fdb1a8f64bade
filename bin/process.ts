import { setMaxListeners } from 'node:events'
import { cli } from './cli.ts'
import { complain } from './errors.ts'

const root = new AbortController()
setMaxListeners(0, root.signal)
for (const name of ['SIGINT', 'SIGTERM'] as const) {
  process.on(name, () => {
    // Asked twice: somebody is in a hurry. What is on disk is whole either way.
    if (root.signal.aborted) process.exit(1)
    root.abort(new Error(`stopped by ${name}`))
  })
}

// Whoever reads our output (`| head`) may have seen enough.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0)
  throw error
})

// Time limits below wait with timers that keep no process alive: where nothing else did, it would end in the middle, with 13.
const awake = setInterval(() => {}, 60_000)
try {
  process.exitCode = await cli(process.argv, root.signal).catch(complain)
} finally {
  clearInterval(awake)
}
