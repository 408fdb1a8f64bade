import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { allowNode, type CoordinatorInit } from '../../coordinator/index.ts'
import { nodeIn } from '../../node/index.ts'
import {
  CONFIDENCE_DEFAULTS,
  type ExecutorName,
  encodeReport,
  Flag,
  type ResearcherClient,
  type RoundSpec,
} from '../../protocol/index.ts'
import { line } from '../support/cases.ts'
import { type Behaviour, FakeSandbox } from '../support/fake-sandbox.ts'
import { ended, SPEC, TestSwarm } from '../support/swarm.ts'

/** A swarm whose coordinator serves the explorer, on a port of its own that it keeps over restarts. */
export async function explorerSwarm(
  t: TestContext,
  folder: string,
  port: number,
  change: Pick<Partial<CoordinatorInit>, 'singleOperator'> = {},
): Promise<{ swarm: TestSwarm; url: string }> {
  const swarm = await TestSwarm.start(t, folder, { http: { host: '127.0.0.1', port }, ...change })
  return { swarm, url: `http://127.0.0.1:${port}/` }
}

/** A round whose strict passes are made, so that pages have flags to explain. */
export const STRICT: RoundSpec = { ...SPEC, rule: 'strict', passes: ['isolated', 'races'] }

/**
 * What nodes of the pictures and tests say, by what stands in the code: most translations are right, and every way to be
 * wrong occurs. What a program does depends on nothing but the program, so nodes agree.
 */
export const varied: Behaviour = (program, test, _executor, pass) => {
  const code = program.code
  if (code.includes('NOCOMPILE')) return { status: 'compile_error' }
  if (code.includes('CRASH') && test === 1)
    return { status: 'runtime_error', output: Buffer.from(pass === 'plain' ? 'n = 6\n' : '') }
  if (code.includes('SLOW') && test === 0) return { status: 'timeout' }
  if (pass === 'races') return { findings: code.includes('RACY') ? [RACE] : [] }
  const output = Buffer.from(printed(code.includes('WRONG'), test))
  return { output: pass === 'isolated' ? reported(output) : output }
}

const RACE = { flag: Flag.enum.race, file: 'code', line: 4, what: 'threads 0 and 1 write a[0]' }

/** What the isolated pass says beside what was printed. */
function reported(output: Buffer): Uint8Array {
  const values = Buffer.from('call\nreturn void\narg float 1\n')
  return encodeReport({ v: 1, printed: output, values, launches: 1, error: null })
}

function printed(wrong: boolean, test: number): string {
  const values = Array.from({ length: 6 }, (_, at) => (at * (test + 3) + (wrong && at === 4 ? 1 : 0)) / 2)
  return `n = ${values.length}\n${values.join(' ')}\nsum ${values.reduce((sum, value) => sum + value, 0)}\n`
}

/** Marks of the translations of a problem: which of them are wrong, and how. */
const MARKS = ['', '', 'WRONG', '', 'NOCOMPILE', '', '', 'CRASH', '', 'SLOW', '', '', 'RACY']

function variedLine(at: number): string {
  const mark = MARKS[at % MARKS.length]
  const name = `scale_${Math.floor(at / 5)}`
  const tests = 3 + (Math.floor(at / 5) % 3)
  const inputs = (of: string) =>
    Array.from({ length: tests }, (_, n) => `float a[] = {${at}, ${n}, 2.5f};\nwrapper(${of}, a, 3);`)
  return line(at + 1, {
    id: `${name}#${(at % 5) + 1}`,
    problem: name,
    tests,
    cpp_code: `// Scales a vector in place.\nvoid ${name}(float *a, int n) {\n  for (int i = 0; i < n; i++)\n    a[i] *= ${at + 2}.5f;\n}`,
    cuda_code: `__global__ void ${name}_kernel(float *a, int n) {\n  int i = blockIdx.x * blockDim.x + threadIdx.x; // ${mark}\n  if (i < n)\n    a[i] *= ${at + 2}.5f;\n}`,
    cuda_wrapper: `void ${name}_cuda(float *a, int n) {\n  float *d;\n  cudaMalloc(&d, n * sizeof(float));\n  cudaMemcpy(d, a, n * sizeof(float), cudaMemcpyHostToDevice);\n  ${name}_kernel<<<(n + 255) / 256, 256>>>(d, n);\n  cudaMemcpy(a, d, n * sizeof(float), cudaMemcpyDeviceToHost);\n  cudaFree(d);\n}`,
    consistent_cpp_inputs: inputs(name),
    consistent_cuda_inputs: inputs(`${name}_cuda`),
  })
}

/**
 * Writes a case file into a folder: problems of five translations each, of every fate.
 * @param from which of them are the first: others share no program with them
 */
export async function variedIn(folder: string, count: number, from = 0): Promise<string> {
  const file = join(folder, `cases-${from}-${count}.jsonl`)
  const lines = Array.from({ length: count }, (_, at) => variedLine(from + at))
  await writeFile(file, `${lines.join('\n')}\n`)
  return file
}

/** A node of somebody whom the coordinator's operator knows apart from all others. */
export async function addStranger(
  swarm: TestSwarm,
  name: string,
  behave: Behaviour = varied,
  executors?: readonly ExecutorName[],
): Promise<string> {
  await allowNode(join(swarm.folder, 'coordinator'), await nodeIn(join(swarm.folder, name)), name)
  const { peerId } = await swarm.join(name, new FakeSandbox(behave, executors), 2, name)
  return peerId
}

/** Three strangers, or five checks of a batch. */
const CONFIDENT: RoundSpec = { ...SPEC, policy: { ...CONFIDENCE_DEFAULTS, theta: 0.99 } }
const HONEST = ['attic', 'basement-gpu', 'lab-7', 'old-laptop', 'physics-cluster-02', 'quiet-box', 'workstation']

/**
 * A swarm of strangers in which one was caught: all are honest in a first round of confidence, by which they are established, and in a
 * second one a node says whatever it likes.
 * @returns the second round, and the node that was caught
 */
export async function catchLiar(swarm: TestSwarm, client: ResearcherClient): Promise<{ round: string; liar: string }> {
  let lying = false
  for (const name of HONEST) {
    await addStranger(swarm, name, varied, name.endsWith('gpu') ? ['host', 'emulated', 'gpu'] : undefined)
  }
  const liar = await addStranger(swarm, 'too-good-to-be-true', (...asked) =>
    lying ? { output: Buffer.from('whatever') } : varied(...asked),
  )
  const send = async (name: string, count: number, from: number) => {
    const round = await swarm.submit(client, await variedIn(swarm.folder, count, from), { ...CONFIDENT, name })
    await ended(client, round)
    return round
  }
  await send('by a small model, first try', 45, 1_000)
  lying = true
  return { round: await send('by a small model, second try', 60, 2_000), liar }
}
