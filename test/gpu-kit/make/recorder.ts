/** Loaded before a program (`node --import`): at its end, writes which files it has loaded, to the file that KIT_MODULES names. */
import { writeFileSync } from 'node:fs'
import { registerHooks } from 'node:module'
import { fileURLToPath } from 'node:url'

const loaded = new Set()
registerHooks({
  load(url, context, next) {
    if (url.startsWith('file:')) loaded.add(fileURLToPath(url))
    return next(url, context)
  },
})
process.on('exit', () => writeFileSync(process.env.KIT_MODULES ?? '', JSON.stringify([...loaded])))
