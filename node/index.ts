export { createSandbox, type Sandbox, SandboxFault, selfTest } from '../sandbox/index.ts'
export { Volunteer, type VolunteerInit } from './volunteer.ts'
