export {
  type Check,
  createSandbox,
  diagnose,
  findFacts,
  type Sandbox,
  SandboxFault,
  type SelfTestResult,
  selfTest,
} from '../sandbox/index.ts'
export { Volunteer, type VolunteerInit } from './volunteer.ts'
