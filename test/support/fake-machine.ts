import type { MachineSandbox } from '../../node/index.ts'
import { FakeSandbox } from './fake-sandbox.ts'

/** The same as the sandbox of a machine without nvcc and GPU, as a daemon opens it. */
export class FakeMachine extends FakeSandbox implements MachineSandbox {
  readonly compileStatus = {
    nvcc: null,
    says: 'a stand-in',
    trialMs: async () => null,
  } as unknown as MachineSandbox['compileStatus']
  readonly gpu = { used: false, says: 'no NVIDIA GPU', checker: '' }
}
