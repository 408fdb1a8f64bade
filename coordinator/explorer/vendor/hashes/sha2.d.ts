/** What `http/vendored.ts` serves under this name. */
export * from '@noble/hashes/sha2.js'
