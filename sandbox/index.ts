import { type MachineSandbox, openSandbox, type SandboxInit } from './executor/open.ts'
import { projectComposer } from './executor/project-composer.ts'

export { type Check, diagnose } from './doctor/diagnose.ts'
export { findFacts, type MachineFacts } from './doctor/facts.ts'
export type { GpuStatus, MachineSandbox, SandboxInit } from './executor/open.ts'
export { type SelfTestResult, selfTest } from './executor/self-test.ts'
export { findSmi } from './gpu/find.ts'
export type { GpuUse } from './gpu/index.ts'
export { MUTATION_KINDS, type MutationKind } from './mutate/kinds.ts'
export { formatMutant } from './mutate/line.ts'
export { MUTATED_SIDES, type Mutant, type MutatedSide, type MutateOptions, Mutator } from './mutate/mutate.ts'
export * from './types.ts'

/**
 * The sandbox of this machine, with this project's harness and emulator. See `openSandbox` for what it does, in order.
 * @throws SandboxFault naming what this machine lacks and the line to type
 */
export function createSandbox(init: SandboxInit): Promise<MachineSandbox> {
  return openSandbox({ composer: projectComposer }, init)
}
