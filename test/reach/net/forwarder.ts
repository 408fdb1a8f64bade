import { connect, createServer, type Socket } from 'node:net'

/*
 * Forwards connections on one port to another one of this host, and holds what passes for so many milliseconds, each way: a long line.
 *
 *     forwarder.ts FROM TO MS
 */

/** What a line holds; a sender that is faster waits. */
const ON_THE_WAY_BYTES = 4 * 1024 * 1024

const [from = 0, to = 0, ms = 0] = process.argv.slice(2).map(Number)

createServer({ allowHalfOpen: true }, (near) => {
  const far = connect({ port: to, host: '127.0.0.1', allowHalfOpen: true })
  carry(near, far)
  carry(far, near)
}).listen(from, '0.0.0.0', () => process.stdout.write('forwarding\n'))

function carry(source: Socket, sink: Socket): void {
  let held = 0
  source.setNoDelay(true)
  source.on('data', (bytes) => {
    held += bytes.byteLength
    if (held > ON_THE_WAY_BYTES) source.pause()
    setTimeout(() => {
      held -= bytes.byteLength
      if (held <= ON_THE_WAY_BYTES / 2) source.resume()
      if (!sink.destroyed && sink.writable) sink.write(bytes)
    }, ms)
  })
  source.on('end', () => setTimeout(() => sink.end(), ms))
  source.on('error', () => sink.destroy())
  source.on('close', () => setTimeout(() => sink.destroy(), ms))
}
