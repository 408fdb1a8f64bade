import envPaths from 'env-paths'

/** Folder of what can be made again (compiled programs, precompiled headers, code as the engine keeps it). */
export function cacheFolder(): string {
  return envPaths('kernelswarm', { suffix: '' }).cache
}
