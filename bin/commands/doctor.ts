import { join } from 'node:path'
import type { Command } from 'commander'
import pc from 'picocolors'
import {
  askPreferred,
  type Check,
  checkPreferences,
  compareToolchains,
  createSandbox,
  diagnose,
  findFacts,
  type GpuStatus,
  type MachineSandbox,
  PREFERENCES_FILE,
  type Sandbox,
  SandboxFault,
  type SandboxInit,
  type SelfTestResult,
  selfTest,
  type ToolchainComparison,
  toolchainAdvice,
} from '../../node/index.ts'
import { KernelswarmError, UsageError } from '../../protocol/index.ts'
import { cacheFolder } from '../cache-folder.ts'
import type { Context } from '../context.ts'
import { addGpuOptions, type GpuOption, gpuUse, noNvcc, nvccUse } from '../options.ts'
import { dataOption } from './node/data.ts'

const MARKS: Readonly<Record<Check['state'], string>> = {
  ok: pc.green('ok      '),
  lack: pc.red('lack    '),
  optional: pc.yellow('optional'),
}

/** What `--json` prints, on one line. */
interface Report {
  ok: boolean
  system: string
  checks: Check[]
  /** By what limits are held, as verdicts say it; null where no sandbox could be opened. */
  limits: string[] | null
  /** Who decides whether CUDA programs compile, and what one decision takes; null where no sandbox could be opened. */
  compileStatus: { nvcc: string | null; says: string; ms: number | null } | null
  /** Whether programs run on a GPU, which, and how it is held; null where no sandbox could be opened. */
  gpu: GpuStatus | null
  /** Its classes, beside those that the coordinator prefers; null where none was named, or no sandbox could be opened. */
  toolchain: ToolchainComparison[] | null
  /** Empty where no sandbox could be opened. */
  selfTest: SelfTestResult[]
}

interface DoctorOptions {
  json?: boolean
  nvcc: boolean
  gpu?: GpuOption
  coordinator?: string
  data: string
}

export function addDoctor(node: Command, context: Context): void {
  addGpuOptions(node.command('doctor'))
    .description('what this machine has and lacks, what to type for each, and whether its sandbox holds')
    .option('--json', 'print one JSON object instead of lines')
    .option(
      '--coordinator <ADDRESS>',
      'also compare toolchains with what this coordinator prefers: its multiaddr, or the URL of its page',
    )
    .addOption(dataOption())
    .addOption(noNvcc())
    .addHelpText(
      'after',
      '\nExit code 0 when a node could join from here, 1 when something is lacking, a program got out or the coordinator does not answer.',
    )
    .action(async ({ json = false, nvcc, gpu, coordinator, data }: DoctorOptions) => {
      const report = await examine(
        { cacheDir: cacheFolder(), nvcc: nvccUse({ nvcc }), gpu: gpuUse(gpu) },
        data,
        json ? () => {} : (line) => process.stdout.write(`${line}\n`),
        async (sandbox) => (coordinator === undefined ? null : await compare(sandbox, coordinator, context.signal)),
      )
      if (json) process.stdout.write(`${JSON.stringify(report)}\n`)
      if (!report.ok) context.exitCode = 1
    })
}

/**
 * 1. Looks at the machine and the preferences, whatever is missing.
 * 2. Opens the sandbox, unless something it needs is missing. It cannot be opened: that is a lack, in its own words.
 * 3. Holds what it would announce against what a coordinator prefers, if one is named.
 * 4. Runs the self-test in it.
 */
async function examine(
  init: SandboxInit,
  data: string,
  tell: (line: string) => void,
  compare: (sandbox: Sandbox) => Promise<ToolchainComparison[] | KernelswarmError | null>,
): Promise<Report> {
  const facts = await findFacts(init.cacheDir)
  const machine = diagnose(facts)
  const checks = [...machine, await preferencesCheck(data)]
  tell(`${facts.release.name}\n`)
  for (const check of checks) tell(lineOf(check))
  const opened = machine.some(({ state }) => state === 'lack') ? null : await open(init)
  if (opened instanceof SandboxFault) {
    checks.push({ name: 'sandbox', state: 'lack', says: opened.message, remedy: [] })
    tell(lineOf(checks.at(-1) as Check))
  }
  if (opened === null || opened instanceof SandboxFault) {
    const typed = checks.some(({ state, remedy }) => state === 'lack' && remedy.length > 0)
    tell(`\nNo self-test: ${typed ? 'type the lines above first' : 'no sandbox can be opened'}.`)
    const nothing = { limits: null, compileStatus: null, gpu: null, toolchain: null, selfTest: [] }
    return { ok: false, system: facts.release.name, checks, ...nothing }
  }
  const { nvcc, says } = opened.compileStatus
  const compileStatus = { nvcc, says, ms: await opened.compileStatus.trialMs() }
  tell(
    `\ncompile status  ${compileStatusText(compileStatus)}${compileStatus.ms === null ? '' : `: ${compileStatus.ms} ms a program`}`,
  )
  tell(`gpu             ${gpuUseText(opened.gpu)}`)
  if (opened.gpu.used) tell(`                ${opened.gpu.checker}`)
  const compared = await compare(opened)
  if (compared instanceof KernelswarmError) {
    checks.push({ name: 'coordinator', state: 'lack', says: compared.message, remedy: [] })
    tell(`\n${lineOf(checks.at(-1) as Check)}`)
  }
  const toolchain = compared instanceof KernelswarmError ? null : compared
  for (const [at, row] of (toolchain ?? []).entries())
    tell(`${at === 0 ? '\ntoolchain ' : '          '}      ${toolchainAdvice(row)}`)
  const limits = opened.environment('host').limits
  tell(`\nself-test, limits held by ${limits.join(', ')}`)
  const results = await testSandbox(opened, tell)
  return {
    ok: results.every(({ ok }) => ok) && checks.every(({ state }) => state !== 'lack'),
    system: facts.release.name,
    checks,
    limits,
    compileStatus,
    gpu: opened.gpu,
    toolchain,
    selfTest: results,
  }
}

/** A node does not start with a file that is not right: nothing may run that its owner may not want. */
async function preferencesCheck(data: string): Promise<Check> {
  const name = 'preferences'
  const said = (state: Check['state'], says: string): Check => ({ name, state, says, remedy: [] })
  try {
    const isThere = await checkPreferences(data)
    return said(
      'ok',
      isThere ? join(data, PREFERENCES_FILE) : `none in ${data} yet; the first start writes them with all defaults`,
    )
  } catch (error) {
    if (error instanceof UsageError) return said('lack', error.message)
    throw error
  }
}

async function compare(
  sandbox: Sandbox,
  coordinator: string,
  signal: AbortSignal,
): Promise<ToolchainComparison[] | KernelswarmError> {
  const environments = sandbox.executors.map((executor) => sandbox.environment(executor))
  try {
    return compareToolchains(environments, await askPreferred(coordinator, environments, { signal }))
  } catch (error) {
    if (error instanceof KernelswarmError && error.code === 'unreachable') return error
    throw error
  }
}

async function open(init: SandboxInit): Promise<MachineSandbox | SandboxFault> {
  try {
    return await createSandbox(init)
  } catch (error) {
    if (error instanceof SandboxFault) return error
    throw error
  }
}

/** Who decides whether CUDA programs compile. */
export function compileStatusText({ nvcc, says }: Pick<MachineSandbox['compileStatus'], 'nvcc' | 'says'>): string {
  return nvcc === null ? `of CUDA programs decided by g++ (${says})` : `of CUDA programs decided by ${says}`
}

/** Which GPU runs programs, or why none does. */
export function gpuUseText({ used, says }: Pick<GpuStatus, 'used' | 'says'>): string {
  return used ? says : `none used (${says}); CUDA programs run emulated`
}

function lineOf({ name, state, says, remedy }: Check): string {
  return [`${MARKS[state]}  ${name.padEnd(15)} ${says}`, ...remedy.map((line) => `            ${pc.bold(line)}`)].join('\n')
}

/** Runs the self-test and tells what it found, a line a program. */
export async function testSandbox(
  sandbox: Sandbox,
  tell: (line: string) => void = (line) => process.stdout.write(`${line}\n`),
): Promise<SelfTestResult[]> {
  const results = await selfTest(sandbox)
  for (const { name, ok, detail, ms } of results) {
    tell(`${ok ? 'ok  ' : 'FAIL'}  ${name} (${Math.round(ms)} ms)${ok ? '' : `: ${detail}`}`)
  }
  return results
}
