import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { readdir, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { line } from '../support/cases.ts'
import { kernelswarm } from '../support/command.ts'
import { scratch } from '../support/scratch.ts'
import { typed } from '../support/typed.ts'

const PEER = '12D3KooWDpJ7As7BWAwRMfu1VU2WCqNjvq387JEYKDBj4kx6nXTN'
const SUBMIT = ['submit', 'good.jsonl', '--key', '.key']
const SOMEWHERE = ['--coordinator', `/ip4/127.0.0.1/tcp/1/p2p/${PEER}`]

const files = [
  { id: 'a malformed line', text: `${line(1)}\n{oops\n`, says: /bad\.jsonl, line 2: not a JSON object/ },
  { id: 'a missing field', text: JSON.stringify({ cpp_code: 'x' }), says: /line 1, field cuda_code: missing; expected string/ },
  {
    id: 'different numbers of inputs',
    text: line(1, { consistent_cpp_inputs: ['x'] }),
    says: /line 1, field consistent_cuda_inputs: 2 inputs, but consistent_cpp_inputs has 1/,
  },
  {
    id: 'an empty test',
    text: line(1, { consistent_cpp_inputs: ['x', ''] }),
    says: /line 1, field consistent_cpp_inputs, input 2: must not be empty/,
  },
  { id: 'a 5 MB line', text: line(1, { note: 'x'.repeat(5_000_000) }), says: /line 1: longer than 4194304 bytes/ },
  { id: 'an empty file', text: '', says: /no cases in it/ },
  {
    id: 'an array of cases',
    text: `[\n${line(1)}\n]\n`,
    says: /line 1: not a JSON object \(it begins an array: write one object a line/,
  },
  { id: 'a number for code', text: line(1, { cpp_code: 5 }), says: /field cpp_code: expected string, received number$/m },
]

const commands = [
  { id: 'a file that is not there', args: ['run', 'none.jsonl', '--out', 'o'], says: /none\.jsonl: no such file/ },
  { id: 'no --out', args: ['run', 'x.jsonl'], says: /required option '--out <DIR>' not specified/ },
  {
    id: 'a folder that cannot be written',
    args: ['run', 'x.jsonl', '--out', '/proc/none'],
    says: /\/proc\/none: cannot be written/,
  },
  {
    id: 'a quorum that is no majority',
    args: ['run', 'x.jsonl', '--out', 'o', '--replicas', '4', '--quorum', '2'],
    says: /--quorum and --replicas: the quorum must be more than half/,
  },
  {
    id: 'fewer nodes than replicas',
    args: ['run', 'x.jsonl', '--out', 'o', '--replicas', '3', '--nodes', '2'],
    says: /--nodes 2: 3 replicas/,
  },
  {
    id: 'a number that is none',
    args: ['run', 'x.jsonl', '--out', 'o', '--nodes', 'many'],
    says: /--nodes.*Expected a whole number/,
  },
  { id: 'a wall time out of range', args: ['run', 'x.jsonl', '--out', 'o', '--wall', '0'], says: /--wall.*Expected seconds/ },
  { id: 'an unknown option', args: ['run', 'x.jsonl', '--out', 'o', '--frobnicate'], says: /unknown option '--frobnicate'/ },
  { id: 'an unknown command', args: ['frobnicate'], says: /unknown command 'frobnicate'/ },
  {
    id: 'the strict rule without its passes',
    args: ['run', 'x.jsonl', '--out', 'o', '--passes', 'none'],
    says: /--passes and --rule: the strict rule needs the strict passes/,
  },
  {
    id: 'a pass that there is not',
    args: ['run', 'x.jsonl', '--out', 'o', '--passes', 'all'],
    says: /--passes.*Expected "none"/,
  },
  {
    id: 'passes without the one they need',
    args: ['run', 'x.jsonl', '--out', 'o', '--passes', 'races'],
    says: /--passes and --rule: the isolated pass is what the strict rule compares/,
  },
  {
    id: 'a tolerance that is none',
    args: ['run', 'x.jsonl', '--out', 'o', '--float-tolerance', '1e-6'],
    says: /--float-tolerance.*Expected two numbers/,
  },
  {
    id: 'a tolerance for exact outputs',
    args: ['run', 'x.jsonl', '--out', 'o', '--compare', 'exact', '--float-tolerance', '1e-6,1e-4'],
    says: /--float-tolerance: tolerances are for --compare numeric/,
  },
  {
    id: 'a confidence that nothing reaches',
    args: ['run', 'x.jsonl', '--out', 'o', '--confidence', '1'],
    says: /--confidence: .*0\.999999/,
  },
  {
    id: 'a confidence with a quorum',
    args: ['run', 'x.jsonl', '--out', 'o', '--confidence', '.999', '--quorum', '2'],
    says: /'--confidence <T>' cannot be used with option '--quorum <M>'/,
  },
  {
    id: 'more saboteurs than can be told from others',
    args: ['run', 'x.jsonl', '--out', 'o', '--confidence', '.99', '--assumed-saboteurs', '0.5'],
    says: /--assumed-saboteurs: .*0\.45/,
  },
  {
    id: 'saboteurs without a confidence',
    args: ['run', 'x.jsonl', '--out', 'o', '--assumed-saboteurs', '0.2'],
    says: /--assumed-saboteurs: is for --confidence/,
  },
  {
    id: 'fewer nodes than the confidence takes',
    args: ['run', 'x.jsonl', '--out', 'o', '--confidence', '.999', '--nodes', '3'],
    says: /--nodes 3: a confidence of 0.999 takes at least 4 nodes/,
  },
  {
    id: 'scores of no results',
    args: ['scores', 'o'],
    says: /o\/outcomes\.jsonl: cannot be read .*expected a folder of results/,
  },
  { id: 'scores for a k that is none', args: ['scores', 'o', '--k', '1,0'], says: /0 is not a whole number from 1/ },
  { id: 'audit', args: ['audit', 'round.car'], says: /round\.car: no such file/ },
  {
    id: 'an address that is none',
    args: [...SUBMIT, '--coordinator', 'localhost:4600'],
    says: /localhost:4600: not a multiaddr; expected something like/,
  },
  {
    id: 'an address without a peer id',
    args: [...SUBMIT, '--coordinator', '/ip4/127.0.0.1/tcp/4600'],
    says: /tcp\/4600: the coordinator's peer id is missing; expected/,
  },
  {
    id: 'an address with a peer id that is none',
    args: ['round', 'watch', 'bafyreib', '--key', '.key', '--coordinator', '/ip4/127.0.0.1/tcp/4600/p2p/me'],
    says: /p2p\/me: me is not a peer id; expected/,
  },
  {
    id: 'a file that is no key',
    args: ['submit', 'good.jsonl', ...SOMEWHERE, '--key', 'x.jsonl'],
    says: /x\.jsonl: cannot be read as a key \(it holds something else\)/,
  },
  {
    id: 'a policy that is not there',
    args: [...SUBMIT, ...SOMEWHERE, '--policy', 'none.yaml'],
    says: /none\.yaml: no such file; expected a YAML file/,
  },
  {
    id: 'a policy that is a file of cases',
    args: [...SUBMIT, ...SOMEWHERE, '--policy', 'x.jsonl'],
    says: /x\.jsonl, line 1, field id: no such field/,
  },
  {
    id: 'a plan that is a file of cases',
    args: ['evolve', 'x.jsonl'],
    says: /x\.jsonl, line 1, field id: no such field/,
  },
  {
    id: 'a listen address that is none',
    args: ['coordinator', '--data', 'd', '--listen', 'here'],
    says: /here: not a multiaddr/,
  },
  {
    id: 'an --http that is none',
    args: ['coordinator', '--data', 'd', '--http', 'here'],
    says: /--http here: expected HOST:PORT/,
  },
  { id: 'a key that is none', args: ['coordinator', 'allow', 'me', '--data', 'd'], says: /me: not a peer id/ },
]

/** All is typed in one process, one after the other; a few are processes of their own, as people have them. */
describe('bad input: one clear line, exit code 2, nothing half done', { timeout: 400_000 }, () => {
  for (const [number, { id, text, says }] of files.entries()) {
    it(id, async (t) => {
      const home = await scratch(t)
      await writeFile(join(home, 'bad.jsonl'), text)
      for (const args of [
        ['run', 'bad.jsonl', '--out', 'o'],
        ['submit', 'bad.jsonl', '--key', '.key', ...SOMEWHERE],
      ]) {
        const { code, stderr } = await (number === 0 ? kernelswarm : typed)(t, home, args)
        assert.equal(code, 2, stderr)
        assert.match(stderr, says)
        assert.equal(stderr.trim().split('\n').length, 1, stderr)
      }
      const left = await readdir(home, { recursive: true })
      assert.deepEqual(left.filter((name) => !name.startsWith('.')).sort(), ['bad.jsonl', 'o'])
    })
  }

  for (const [number, { id, args, says }] of commands.entries()) {
    it(id, async (t) => {
      const home = await scratch(t)
      await writeFile(join(home, 'good.jsonl'), line(1))
      await writeFile(join(home, 'x.jsonl'), line(1))
      const { code, stderr } = await (number < 2 ? kernelswarm : typed)(t, home, args)
      assert.equal(code, 2, stderr)
      assert.match(stderr, says)
      assert.ok(stderr.trim().split('\n').length <= 2, stderr)
    })
  }

  it('a pipe, which can be read only once', async (t) => {
    const home = await scratch(t)
    execFileSync('mkfifo', [join(home, 'cases.jsonl')])
    const { code, stderr } = await kernelswarm(t, home, ['run', 'cases.jsonl', '--out', 'o'])
    assert.equal(code, 2, stderr)
    assert.match(stderr, /cases\.jsonl: a pipe or device, which cannot be read twice/)
    assert.equal(stderr.trim().split('\n').length, 1, stderr)
  })

  it('a port in use', async (t) => {
    const home = await scratch(t)
    const server = createServer().listen(0, '127.0.0.1')
    t.after(() => server.close())
    await once(server, 'listening')
    const { port } = server.address() as { port: number }
    for (const args of [
      ['--listen', `/ip4/127.0.0.1/tcp/${port}`, '--http', 'off'],
      ['--listen', '/ip4/127.0.0.1/tcp/0', '--http', `127.0.0.1:${port}`],
    ]) {
      const { code, stderr } = await kernelswarm(t, home, ['coordinator', '--data', 'd', '--log', 'silent', ...args])
      assert.equal(code, 2, stderr)
      assert.match(stderr, /in use/)
      assert.equal(stderr.trim().split('\n').length, 1, stderr)
    }
  })
})

describe('help', { timeout: 60_000 }, () => {
  it('kernelswarm --help', async (t) => {
    const { code, stdout, stderr } = await kernelswarm(t, await scratch(t), ['--help'])
    assert.equal(code, 0, stderr)
    assert.match(stdout, /Usage: kernelswarm/)
  })

  for (const args of [
    ['run'],
    ['coordinator'],
    ['coordinator', 'allow'],
    ['node'],
    ['node', 'start'],
    ['node', 'doctor'],
    ['submit'],
    ['round'],
    ['round', 'export'],
    ['scores'],
    ['demo'],
  ]) {
    it(['kernelswarm', ...args, '--help'].join(' '), async (t) => {
      const { code, stdout, stderr } = await typed(t, await scratch(t), [...args, '--help'])
      assert.equal(code, 0, stderr)
      assert.ok(stdout.startsWith(`Usage: kernelswarm ${args.join(' ')} `), stdout)
    })
  }
})
