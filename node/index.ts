export { openSandbox, type Sandbox, SandboxFault } from '../sandbox/index.ts'
export { Volunteer, type VolunteerInit } from './volunteer.ts'
