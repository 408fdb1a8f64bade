import { readlink } from 'node:fs/promises'

/**
 * Whether orphans stay for good when they have ended: they are inherited by the first process of the machine or container,
 * and where that is a Node (this one, or npm that started it) it takes no note of them.
 */
export async function orphansStay(): Promise<boolean> {
  const first = await readlink('/proc/1/exe').catch(() => '')
  return process.pid === 1 || first === process.execPath
}
