import type { Mount } from '../jail/policy.ts'
import { prepareHeaders } from './headers.ts'
import { findParts } from './parts.ts'
import { place } from './place.ts'

export interface CompilerMounts {
  /** What a jail needs of the system to compile and link, and nothing else of it. */
  mounts: Mount[]
  /** Names the headers among them. */
  headers: string
}

/** Asks the compiler what it needs, and finds out how that is shown. @throws SandboxFault `toolchain` or `disk` */
export async function compilerMounts(compiler: string, cacheDir: string): Promise<CompilerMounts> {
  const parts = await findParts(compiler)
  const shown = await place(parts.files)
  const headers = await prepareHeaders(parts.headers, shown, cacheDir)
  return { mounts: [...shown, ...headers.mounts], headers: headers.id }
}
