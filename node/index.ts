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
export { Conditions, type ConditionsComponents, type ConditionsInit } from './conditions/conditions.ts'
export type { Fact, Facts, GpuFact } from './conditions/facts.ts'
export { type Orders, OrdersFile } from './conditions/orders.ts'
export { type Answer, type Gate, type Limits, OPEN_GATE, type Permission, type WhyNot } from './conditions/permission.ts'
export { type MachineSourcesInit, machineSources } from './conditions/sources/machine.ts'
export type { NetworkSource } from './conditions/sources/network.ts'
export type { Source } from './conditions/sources/source.ts'
export type { RunDetail } from './daemon/api.ts'
export { askDaemon, ControlError } from './daemon/client.ts'
export { Daemon, type DaemonInit, EndedEarly, REFUSALS_FILE } from './daemon/daemon.ts'
export { LogFile, lastLines, newLines } from './daemon/log-file.ts'
export { pageToken } from './daemon/page.ts'
export type { NodeStatus } from './daemon/status.ts'
export type { RunRecord } from './history/record.ts'
export type { MembershipStatus } from './membership.ts'
export { certifyTo, importCertificate, nodeIn, type Owned, ownerKey, ownerOf, ownNode } from './owner.ts'
export { askPreferred, compareToolchains, type ToolchainComparison, toolchainAdvice } from './preference.ts'
export { checkPreferences, PREFERENCES_FILE, Preferences, writeDefaultFile } from './preferences/preferences.ts'
export { PREFERENCE_ROWS, type PreferenceRow, type PreferenceValues } from './preferences/schema.ts'
export { NO_REFUSALS, type Refusals, readRefusals, writeRefusals } from './refusals.ts'
export { Volunteer, type VolunteerInit } from './volunteer.ts'
