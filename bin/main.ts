import { enableCompileCache } from 'node:module'
import { join } from 'node:path'
import { cacheFolder } from './cache-folder.ts'

// What the engine made of our text is kept, so that a command starts in half the time. Nothing is loaded before; where it cannot be
// kept, all goes on without.
enableCompileCache(join(cacheFolder(), 'code'))
await import('./process.ts')
