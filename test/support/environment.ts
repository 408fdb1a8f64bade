import type { Environment } from '../../protocol/index.ts'

/** What a verdict says of a node that has nothing special. */
export const ENVIRONMENT: Environment = {
  executor: 'host',
  passes: ['plain'],
  sandbox: '1',
  compiler: 'g++ 12.2.0',
  nvcc: null,
  cpu: 'x86-64',
  limits: [],
  gpu: null,
}
