import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { parseProbe } from '../../../sandbox/gpu/probe.ts'
import { runChild } from '../../../sandbox/jail/child.ts'
import type { GpuMeans } from './means.ts'
import type { Places } from './stand.ts'

const PROBE_MS = 60_000
const MOST_BYTES = 64 * 1024

/**
 * The loader's own probe without a jail, which is nobody else's program: what the GPU does where nothing stands around it, and
 * what a context takes there.
 * @returns null where a kernel computed right, else why none did
 */
export async function probeBare(
  { loader, driver, whose, chosen }: GpuMeans,
  { kit, work }: Places,
  signal: AbortSignal,
): Promise<string | null> {
  const folders = [...new Set(driver.flatMap((mount) => (mount.kind === 'shown' ? [dirname(mount.path)] : [])))]
  const lib = join(work, 'lib')
  const program = join(loader.folder, loader.file)
  const own = whose === 'of the kit'
  const search = [...(own ? [lib] : []), ...folders].join(':')
  const [file = '', ...args] = own
    ? [join(lib, readFileSync(join(kit, 'loader'), 'utf8')), '--library-path', search, program, 'probe']
    : [program, 'probe']
  const env = {
    PATH: '/usr/bin:/bin',
    LD_LIBRARY_PATH: search,
    CUDA_VISIBLE_DEVICES: chosen.visible,
    CUDA_DEVICE_ORDER: 'PCI_BUS_ID',
  }
  const outputs = [1, 2, 3].map((fd) => ({ fd, maxBytes: MOST_BYTES, whenFull: 'discard' as const }))
  const end = await runChild({ file, args, env, inputs: new Map(), outputs, wallMs: PROBE_MS }, { signal })
  const probe = parseProbe({
    stop: end.stopped === null ? 'ended' : 'wall',
    exitCode: end.code,
    stdout: Buffer.alloc(0),
    stderr: end.outputs.get(2) ?? Buffer.alloc(0),
    report: end.outputs.get(3) ?? Buffer.alloc(0),
    wallMs: end.wallMs,
    peakBytes: 0,
  })
  return probe.kind === 'computes' ? null : probe.why
}
