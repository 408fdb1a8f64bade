export {
  type Check,
  createSandbox,
  diagnose,
  findFacts,
  formatMutant,
  MUTATED_SIDES,
  MUTATION_KINDS,
  type MutatedSide,
  type MutateOptions,
  type MutationKind,
  Mutator,
  type Sandbox,
  SandboxFault,
  type SelfTestResult,
  selfTest,
} from '../sandbox/index.ts'
export { Volunteer, type VolunteerInit } from './volunteer.ts'
