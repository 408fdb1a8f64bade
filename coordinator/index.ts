export { type AuditReport, type AuditStep, audit } from './audit/index.ts'
export {
  allowResearcher,
  blockedPrograms,
  blockProgram,
  Coordinator,
  type CoordinatorInit,
  unblockProgram,
} from './coordinator.ts'
export { isShare } from './rounds/admission.ts'
export { fewestOperators } from './rules/credibility.ts'
export { DEFAULT_RESERVE_BYTES } from './store/disk.ts'
