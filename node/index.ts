export {
  type Check,
  createSandbox,
  diagnose,
  findFacts,
  formatMutant,
  type GpuStatus,
  type GpuUse,
  type MachineSandbox,
  MUTATED_SIDES,
  MUTATION_KINDS,
  type MutatedSide,
  type MutateOptions,
  type MutationKind,
  Mutator,
  type Sandbox,
  SandboxFault,
  type SandboxInit,
  type SelfTestResult,
  selfTest,
} from '../sandbox/index.ts'
export { certifyTo, importCertificate, nodeIn, type Owned, ownerKey, ownerOf, ownNode } from './owner.ts'
export { askPreferred, compareToolchains, type ToolchainComparison, toolchainAdvice } from './preference.ts'
export { waysTo } from './reach.ts'
export { Volunteer, type VolunteerInit } from './volunteer.ts'
