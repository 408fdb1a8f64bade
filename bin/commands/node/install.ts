import { execFile } from 'node:child_process'
import { access, rm, writeFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import type { Command } from 'commander'
import { makeFolder, UsageError } from '../../../protocol/index.ts'
import type { Context } from '../../context.ts'
import { COMMAND, defaultData } from '../../options.ts'
import { addStartOptions, placesIn, type StartOptions } from './start.ts'
import { isStartable, UNIT, unitText } from './unit.ts'

const run = promisify(execFile)
/** systemctl answers in milliseconds, unless there is no session to ask. */
const SYSTEMCTL_MS = 20_000

const HELP = `
Writes ~/.config/systemd/user/${UNIT}, for this user alone, and starts it. The same as by hand:
  systemctl --user daemon-reload
  systemctl --user enable --now ${UNIT}
A user's units end when he logs out, unless he lingers; to have the node run with the machine:
  loginctl enable-linger
It logs to  journalctl --user -u kernelswarm-node  and to its folder (kernelswarm node log).`

/** The node as a unit of systemd. */
export function addInstall(node: Command, context: Context): void {
  addStartOptions(
    node.command('install').description('have systemd run the node for this user, from now on and after every start'),
  )
    .option('--print', 'only print the unit')
    .addHelpText('after', HELP)
    .action(async (options: StartOptions & { print?: boolean }, self: Command) => {
      await placesIn('install', options, context.signal)
      const unit = unitText({
        command: await commandPath(),
        args: startArgs(options, self),
        path: process.env.PATH ?? '/usr/bin:/bin',
      })
      process.stdout.write(options.print ? unit : `${(await install(unit, options)).join('\n')}\n`)
    })
  node
    .command('uninstall')
    .description('stop the node that systemd runs for this user, and have it run it no more; its folder stays')
    .action(async () => {
      process.stdout.write(`${(await uninstall()).join('\n')}\n`)
    })
}

async function install(unit: string, { data }: StartOptions): Promise<string[]> {
  const file = unitFile()
  await makeFolder(join(file, '..'))
  await writeFile(file, unit, { mode: 0o600 })
  const said = [`wrote     ${file}`]
  const refused = (await systemctl(['daemon-reload'])) ?? (await systemctl(['enable', '--now', UNIT]))
  if (refused !== null) return [...said, ...withoutSystemd(refused)]
  const lingers = await isLingering()
  const folder = data === defaultData('node') ? '' : ` --data ${data}`
  return [
    ...said,
    `started   ${UNIT}; it says how it goes:  ${COMMAND} node status${folder}`,
    lingers
      ? 'it runs    with the machine, whether you are logged in or not'
      : 'it runs    while you are logged in; to have it run with the machine:  loginctl enable-linger',
  ]
}

function withoutSystemd(why: string): string[] {
  return [
    `systemd does not run units for this user here (${why}).`,
    'Where it does, this starts the node:',
    `    systemctl --user daemon-reload && systemctl --user enable --now ${UNIT}`,
    'Elsewhere have whatever starts programs on this machine run the line ExecStart of that file, as this user.',
  ]
}

async function uninstall(): Promise<string[]> {
  const file = unitFile()
  const isThere = await access(file).then(
    () => true,
    () => false,
  )
  if (!isThere) throw new UsageError('file', `${file}: not there; nothing was installed for this user`)
  const refused = await systemctl(['disable', '--now', UNIT])
  await rm(file)
  await systemctl(['daemon-reload'])
  const stopped =
    refused === null ? 'stopped it' : `systemd could not be told (${refused}); \`${COMMAND} node stop\` stops one that runs`
  return [`removed   ${file}; ${stopped}`, "The node's key, preferences and verdicts stay in its folder."]
}

/** Null when it was done, else why not. */
async function systemctl(args: readonly string[]): Promise<string | null> {
  try {
    await run('systemctl', ['--user', ...args], { timeout: SYSTEMCTL_MS })
    return null
  } catch (error) {
    const { code, stderr, message } = error as Error & { code?: string | number; stderr?: string }
    if (code === 'ENOENT') return 'there is no systemctl'
    return (stderr || message).trim().split('\n')[0] ?? 'it failed'
  }
}

async function isLingering(): Promise<boolean> {
  const asked = await run('loginctl', ['show-user', '--property=Linger'], { timeout: SYSTEMCTL_MS }).catch(() => null)
  return asked?.stdout.includes('Linger=yes') ?? false
}

function unitFile(): string {
  return join(process.env.XDG_CONFIG_HOME ?? join(homedir(), '.config'), 'systemd', 'user', UNIT)
}

/** The line that starts the same node, with every path absolute. */
function startArgs(options: StartOptions, self: Command): string[] {
  const given = (name: string) => self.getOptionValueSource(name) === 'cli'
  const args = [
    'node',
    'start',
    ...(options.coordinator ?? []).flatMap(({ address, share }) => [
      '--coordinator',
      share === 1 ? address : `${address}=${share}`,
    ]),
  ]
  if (options.lan === true) args.push('--lan')
  args.push('--data', resolve(options.data))
  if (given('slots')) args.push('--slots', String(options.slots))
  if (options.memory !== undefined) args.push('--memory', String(options.memory / 1024 ** 3))
  if (options.name !== undefined) args.push('--name', options.name)
  if (given('page')) args.push('--page', options.page)
  if (given('keepDays')) args.push('--keep-days', String(options.keepDays))
  if (!options.nvcc) args.push('--no-nvcc')
  if (typeof options.gpu === 'string') args.push('--gpu', options.gpu)
  if (options.gpu === false) args.push('--no-gpu')
  if (given('log')) args.push('--log', options.log)
  return args
}

/** Of this very installation: the one on the PATH may be another, or none at all for systemd. @throws UsageError */
async function commandPath(): Promise<string> {
  const called = process.env.KERNELSWARM_COMMAND
  if (called === undefined || !called.includes('/'))
    throw new UsageError(
      'option',
      'call it by its path, so that the unit names this installation: for example ./bin/kernelswarm node install',
    )
  const path = resolve(called)
  if (!isStartable(path)) throw new UsageError('option', `${path}: systemd starts nothing from a path with quotes, $ or \\ in it`)
  return path
}
