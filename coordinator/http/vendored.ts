import { fileURLToPath } from 'node:url'

/** One file of a package: `beside` names a neighbour of the module, where the package does not export it by itself. */
interface Origin {
  module: string
  beside?: string
}

const SHA2 = '@noble/hashes/sha2.js'

/**
 * Library files that the explorer loads: the address under the page's folder, and where it comes from. The page has no
 * bundler, so each must run in a browser as it is and import its neighbours only.
 */
const ORIGINS: Readonly<Record<string, Origin>> = {
  'vendor/uplot.js': { module: 'uplot/dist/uPlot.iife.min.js' },
  'vendor/uplot.css': { module: 'uplot/dist/uPlot.min.css' },
  // For browsers without Ed25519, and for pages that came over plain HTTP, where browsers have no WebCrypto.
  'vendor/ed25519.js': { module: '@noble/ed25519' },
  'vendor/hashes/sha2.js': { module: SHA2 },
  'vendor/hashes/_md.js': { module: SHA2, beside: '_md.js' },
  'vendor/hashes/_u64.js': { module: SHA2, beside: '_u64.js' },
  'vendor/hashes/utils.js': { module: SHA2, beside: 'utils.js' },
}

/** The files by the address they are served at. */
export function vendored(): Map<string, string> {
  return new Map(Object.entries(ORIGINS).map(([address, origin]) => [address, fileOf(origin)]))
}

function fileOf({ module, beside }: Origin): string {
  const url = import.meta.resolve(module)
  return fileURLToPath(beside === undefined ? url : new URL(beside, url))
}
