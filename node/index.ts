export {
  type Check,
  createSandbox,
  diagnose,
  findFacts,
  type MachineSandbox,
  type Sandbox,
  SandboxFault,
  type SandboxInit,
  type SelfTestResult,
  selfTest,
} from '../sandbox/index.ts'
export { Volunteer, type VolunteerInit } from './volunteer.ts'
