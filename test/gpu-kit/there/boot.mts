/** Started by run.sh with a Node of the kit: unpacks the rest beside it and hands over. */
import { join } from 'node:path'
import { unpack } from './unpack.mts'

const [kit = '', work = '', out = '', seconds = ''] = process.argv.slice(2)
const project = join(work, 'project')
unpack(join(kit, 'project.zst'), project)
unpack(join(kit, 'products.zst'), project)
const { main } = (await import(join(project, 'test/gpu-kit/there/main.ts'))) as typeof import('./main.ts')
process.exitCode = await main({ kit, work, out, seconds: Number(seconds) })
