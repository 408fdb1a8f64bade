export { allowResearcher, Coordinator, type CoordinatorInit } from './coordinator.ts'
