/** What `http/vendored.ts` serves under this name. */
export * from '@noble/ed25519'
