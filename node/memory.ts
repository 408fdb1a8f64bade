import { totalmem } from 'node:os'

/** What this machine, or the control group this process is in, can give one test, bytes. */
export function machineMemoryBytes(): number {
  // 0 where Node cannot tell, and more than there is where nothing is set.
  const constrained = process.constrainedMemory()
  return constrained > 0 ? Math.min(constrained, totalmem()) : totalmem()
}
