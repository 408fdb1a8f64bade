import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, it, type TestContext } from 'node:test'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { isStartable, UNIT, unitText } from '../../bin/commands/node/unit.ts'
import { holderOf } from '../../node/daemon/claim.ts'
import { scratch } from '../support/scratch.ts'

const run = promisify(execFile)
const BIN = fileURLToPath(new URL('../../bin/kernelswarm', import.meta.url))
const SYSTEMD = '/lib/systemd/systemd'
const NOBODY = '/ip4/127.0.0.1/tcp/1/p2p/12D3KooWGzxzKZYveHXtpG6AsrUJBcWxHBFS2HsEoGTxrMLvKXtF'

/** Words of all that a shell or systemd would make something else of. */
const WORDS = ["it's", `$HOME $${'{'}HOME} $$`, '%h %%', 'tab\tx', 'two\nlines', 'quote"', 'back\\n', ';', '', 'ümlaut', '-x']
/** Writes its arguments, as JSON, beside itself. */
const TELLS = `#!${process.execPath}
require('node:fs').writeFileSync(__dirname + '/told', JSON.stringify([process.argv.slice(2), process.env.PATH]))
`

async function fails(file: string, args: string[]): Promise<boolean> {
  return await run(file, args).then(
    () => false,
    () => true,
  )
}

const noAnalyze = (await fails('systemd-analyze', ['--version'])) && 'no systemd-analyze on this machine'
const alone = ['-m', '-p', '-f', '--mount-proc']
const noManager =
  ((await fails('unshare', [...alone, 'test', '-x', SYSTEMD])) && 'no systemd that this user may run apart') || false

/**
 * Runs a script under a systemd of its own, as a user has one: in namespaces where /run is empty. It ends with the script.
 * @returns what the script wrote
 */
async function underSystemd(home: string, script: string, env: Record<string, string> = {}): Promise<string> {
  const whole = `set -eu
mount -t tmpfs none /run
mkdir -p /run/systemd/system "$XDG_RUNTIME_DIR"
chmod 700 "$XDG_RUNTIME_DIR"
${SYSTEMD} --user --log-target=null &
until systemctl --user is-system-running >/dev/null 2>&1; do kill -0 $! ; sleep 0.1; done
${script}`
  const own = { HOME: home, XDG_RUNTIME_DIR: '/run/user', XDG_CACHE_HOME: `${home}/.cache`, PATH: process.env.PATH, ...env }
  const { stdout } = await run('unshare', [...alone, 'sh', '-c', whole], { env: own, cwd: home })
  return stdout
}

describe('the unit of systemd', { timeout: 120_000 }, () => {
  async function command(t: TestContext): Promise<{ home: string; command: string }> {
    const home = await scratch(t)
    const folder = join(home, 'a b %h =;ü')
    await mkdir(folder)
    await writeFile(join(folder, 'tells.cjs'), TELLS, { mode: 0o755 })
    return { home, command: join(folder, 'tells.cjs') }
  }

  it('has nothing that systemd does not understand', { skip: noAnalyze }, async (t) => {
    const { home, command: path } = await command(t)
    const file = join(home, UNIT)
    const env = { ...process.env, HOME: home, XDG_RUNTIME_DIR: home }
    const verify = async () => await run('systemd-analyze', ['verify', '--user', '--man=no', file], { env })
    await writeFile(file, unitText({ command: path, args: ['node', 'start', ...WORDS], path: '/usr/bin:/x y/$z' }))
    assert.equal((await verify()).stderr, '')
    await writeFile(file, unitText({ command: `${path}x`, args: [], path: '/usr/bin' }))
    await assert.rejects(verify(), /is not executable/)
  })

  it('starts that very program with those very words', { skip: noManager }, async (t) => {
    const { home, command: path } = await command(t)
    const units = join(home, '.config', 'systemd', 'user')
    await mkdir(units, { recursive: true })
    const search = `${process.env.PATH}:/x y/$z%h`
    await writeFile(join(units, UNIT), unitText({ command: path, args: WORDS, path: search }))
    await underSystemd(
      home,
      `systemctl --user daemon-reload; systemctl --user start ${UNIT}
until test -e "${join(path, '..', 'told')}"; do sleep 0.1; done`,
    )
    assert.deepEqual(JSON.parse(await readFile(join(path, '..', 'told'), 'utf8')), [WORDS, search])
  })

  it('is refused where systemd could not start its program', () => {
    for (const path of ["/it's/k", '/a"b/k', '/back\\slash/k', '/$HOME/k', '/a\nb/k', 'k'])
      assert.equal(isStartable(path), false, path)
    for (const path of ['/usr/bin/k', '/a b/k', '/100%/k', '/ümlaut/k', '/a=b;c/k']) assert.equal(isStartable(path), true, path)
  })
})

describe('kernelswarm node install', { timeout: 120_000 }, () => {
  it('has systemd run the node, which says how it goes; uninstall ends it and leaves its folder', {
    skip: noManager,
  }, async (t) => {
    const home = await scratch(t)
    const data = join(home, 'my node')
    const said = await underSystemd(
      home,
      `"${BIN}" node install --coordinator ${NOBODY} --data "$DATA" --page off --slots 1
until "${BIN}" node status --data "$DATA" --json > status.json 2>/dev/null; do sleep 0.2; done
systemctl --user show --property=MainPID,Delegate,NRestarts ${UNIT} > shown
cp .config/systemd/user/${UNIT} written
cp "$DATA/node.pid" holder
"${BIN}" node uninstall
systemctl --user is-active ${UNIT} > active || true
"${BIN}" node status --data "$DATA" > after 2>&1 || true`,
      { DATA: data },
    )
    const text = async (name: string) => await readFile(join(home, name), 'utf8')
    assert.match(said, /^wrote .*\nstarted .*\nit runs .*enable-linger/s)
    assert.match(said, /removed .*; stopped it/)
    const status = JSON.parse(await text('status.json'))
    assert.deepEqual([status.slots, status.data, status.page], [1, data, null])
    const shown = await text('shown')
    assert.match(shown, new RegExp(`MainPID=${status.pid}\\n`))
    assert.match(shown, /^NRestarts=0$/m)
    assert.match(shown, /^Delegate=yes$/m)
    assert.match(await text('written'), /^ExecStart=".*bin\/kernelswarm" "node" "start"/m)
    assert.match(await text('active'), /^(inactive|unknown)/)
    assert.match(await text('after'), /no node runs on this folder/)
    await readFile(join(data, 'node.key'))
    assert.equal(await holderOf(data), null, 'it ended by itself, and gave the folder back')
  })
})
