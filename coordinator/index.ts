export { DEFAULT_PRUNE_AFTER_MS } from './archives/pruner.ts'
export { type AuditReport, type AuditStep, audit } from './audit/index.ts'
export { type BackupInit, backUp, restore } from './backup/backup.ts'
export type { Manifest } from './backup/folder.ts'
export { check } from './check/check.ts'
export type { Finding } from './check/finding.ts'
export {
  allowResearcher,
  blockedPrograms,
  blockProgram,
  Coordinator,
  type CoordinatorInit,
  unblockProgram,
} from './coordinator.ts'
export { type Exported, type ExportInit, exportExplorer } from './export/index.ts'
export { type PassCurve, passCurve, SampleClasses } from './results/scores/pass-curve.ts'
export type { Counts } from './results/scores/problems.ts'
export { isShare } from './rounds/admission.ts'
export { fewestOperators } from './rules/credibility.ts'
export { DEFAULT_RESERVE_BYTES } from './store/disk.ts'
export { CO_VERIFY, type Workload } from './workload.ts'
