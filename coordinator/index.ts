export { allowResearcher, Coordinator, type CoordinatorInit } from './coordinator.ts'
export { isShare } from './rounds/admission.ts'
export { fewestOperators } from './rules/credibility.ts'
export { DEFAULT_RESERVE_BYTES } from './store/disk.ts'
