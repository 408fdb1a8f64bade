export { type AuditReport, type AuditStep, audit } from './audit/index.ts'
export { allowResearcher, Coordinator, type CoordinatorInit } from './coordinator.ts'
export { isShare } from './rounds/admission.ts'
export { fewestOperators } from './rules/credibility.ts'
