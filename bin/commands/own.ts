import { join } from 'node:path'
import { type Command, Option } from 'commander'
import envPaths from 'env-paths'
import { certifyTo, importCertificate, nodeIn, type Owned, ownerKey, ownerOf, ownNode } from '../../node/index.ts'
import { CertificateError, DEFAULT_CERTIFICATE_MS, MAX_CERTIFICATE_MS, type Owner, UsageError } from '../../protocol/index.ts'
import { COMMAND, defaultData, positive } from '../options.ts'

interface OwnOptions {
  data: string
  key: string
  days: number
  node?: string
  out?: string
  import?: string
  show?: boolean
}

const DAY_MS = 86_400_000
/** A certificate that ends sooner is worth a word at every start. */
const SOON_MS = 30 * DAY_MS

export function addOwn(node: Command): void {
  node
    .command('own')
    .description("certify a node with your owner key: all nodes you own count as one operator's, wherever they are")
    .option('--data <DIR>', "the node's folder", defaultData('node'))
    .option('--key <FILE>', 'your owner key, made on first use; never needed on the machine of a node', ownerKeyFile())
    .option(
      '--days <N>',
      `how long the certificate holds, at most ${MAX_CERTIFICATE_MS / DAY_MS}`,
      positive,
      DEFAULT_CERTIFICATE_MS / DAY_MS,
    )
    .option('--node <PEER-ID>', 'certify a node that is on another machine')
    .option('--out <FILE>', 'with --node: where its certificate is written')
    .addOption(
      new Option('--import <FILE>', 'take over a certificate that was made elsewhere for this node').conflicts([
        'key',
        'days',
        'node',
        'out',
        'show',
      ]),
    )
    .addOption(
      new Option('--show', "print this node's peer id (made on first use) and who owns it").conflicts([
        'key',
        'days',
        'node',
        'out',
      ]),
    )
    .addHelpText('after', OWN_HELP)
    .action(async (options: OwnOptions) => {
      process.stdout.write(`${(await own(options)).join('\n')}\n`)
    })
}

async function own(options: OwnOptions): Promise<string[]> {
  const { data, key: file, days, node, out } = options
  if ((node === undefined) !== (out === undefined)) {
    throw new UsageError('option', '--node and --out belong together: whose certificate, and where it is written')
  }
  const now = Date.now()
  if (options.show) return [`node      ${await nodeIn(data)}`, `owner     ${await ownerText(data)}`]
  if (options.import !== undefined) return ownedLines(await importCertificate(options.import, data, now))
  const { key, made } = await ownerKey(file)
  const term = { now, forMs: days * DAY_MS }
  const lines = made ? newKeyLines(file) : [`key       ${file}`]
  if (node === undefined) return [...lines, ...ownedLines(await ownNode(key, data, term))]
  const done = await certifyTo(out as string, key, node, term)
  return [
    ...lines,
    `node      ${node}`,
    `owner     ${ownerWords(done)}`,
    `Copy ${out} to its machine, and there:  ${COMMAND} node own --import ${out}`,
  ]
}

/** Who has a key elsewhere already should not come to have two by mistake: they would be two operators. */
function newKeyLines(file: string): string[] {
  return [
    `key       ${file}  (new)`,
    'Keep a copy of the key where nobody else comes: without it you begin anew as an operator nobody knows. If you have one already,',
    'on another machine, certify this node there instead (see --help), or bring that file here and name it with --key.',
  ]
}

function ownedLines({ node, before, ...owner }: Owned): string[] {
  const another = before !== null && before !== owner.owner
  return [
    `node      ${node}`,
    `owner     ${ownerWords(owner)}`,
    ...(another ? [`before    ${before}; from now on the node counts as another operator's`] : []),
    'It counts from the next connection of the node; one that runs is stopped and started again, or left until it reconnects.',
  ]
}

/** Who owns the node in a folder, in words; a certificate that does not count is said to be so. @throws UsageError `file` */
export async function ownerText(data: string): Promise<string> {
  const command = `${COMMAND} node own${data === defaultData('node') ? '' : ` --data ${data}`}`
  try {
    const now = Date.now()
    const owner = await ownerOf(data, now)
    if (owner === null) return `none: the node counts under its network (${command})`
    const soon = owner.expiresAt - now < SOON_MS ? `; soon: renew it (${command})` : ''
    return `${ownerWords(owner)}${soon}`
  } catch (error) {
    if (!(error instanceof CertificateError)) throw error
    return `${error.message}; coordinators refuse this node until there is a new one (${command}), or owner.cert is gone from its folder`
  }
}

function ownerWords({ owner, expiresAt }: Owner): string {
  return `${owner}, until ${new Date(expiresAt).toISOString().slice(0, 10)}`
}

function ownerKeyFile(): string {
  return join(envPaths('kernelswarm', { suffix: '' }).config, 'owner.key')
}

const OWN_HELP = `
An operator is who is behind nodes: verdicts of one operator count once. Without an owner a node counts under its network,
so your nodes at two places count as two, and your neighbours' as yours.

The owner key is a file (mode 0600) that no running node needs. With several machines, keep it on one of them:
  on the node:      kernelswarm node own --show
  where the key is: kernelswarm node own --node 12D3Koo... --out node.cert
  on the node:      kernelswarm node own --import node.cert

A certificate ends after a year (--days); the same lines renew it, and the node says so when it starts in the last month before.
What to do when a key is lost: docs/operators.md`
