/**
 * Makes a folder with all that is needed to prove the GPU path on a machine with a GPU and nothing else; see docs/gpu-kit.md.
 *
 *     npm run gpu-kit -- [--out DIR] [--arch sm_90,...] [--only REGEX] [--no-node] [--stand-in] [--cache DIR]
 */
import { parseArgs } from 'node:util'
import { CACHE } from '../support/cache.ts'
import { makeKit } from './make/kit.ts'
import { ARCHS } from './there/archs.ts'

const USAGE = 'npm run gpu-kit -- [--out DIR] [--arch sm_90,...] [--only REGEX] [--no-node] [--stand-in] [--cache DIR]'

const { values } = parseArgs({
  options: {
    /** Where the kit is made. */
    out: { type: 'string', default: 'gpu-kit' },
    /** For which GPUs, separated by commas. */
    arch: { type: 'string', default: ARCHS.join() },
    /** Only programs whose name (`corpus/axpy`, `hostile/G1 a kernel that never ends`) matches. */
    only: { type: 'string', default: '' },
    /** Without a copy of Node: the machine's own is used, which must be as new as this one. */
    'no-node': { type: 'boolean', default: false },
    /** With a stand-in for CUDA's runtime, to try the kit itself where there is no GPU. */
    'stand-in': { type: 'boolean', default: false },
    /** Where compiled products are kept between two makings. */
    cache: { type: 'string', default: CACHE },
    help: { type: 'boolean', short: 'h', default: false },
  },
})

if (values.help) console.log(USAGE)
else {
  const stop = new AbortController()
  process.once('SIGINT', () => stop.abort())
  await makeKit(
    {
      out: values.out,
      archs: values.arch.split(','),
      only: values.only,
      node: !values['no-node'],
      cacheDir: values.cache,
      standIn: values['stand-in'],
    },
    { signal: stop.signal, tell: (line) => console.log(line) },
  )
}
