import { join } from 'node:path'
import type { Command } from 'commander'
import envPaths from 'env-paths'
import { certifyTo, importCertificate, nodeIn, ownerOf, ownNode } from '../../node/index.ts'
import {
  CertificateError,
  DEFAULT_CERTIFICATE_MS,
  loadIdentity,
  MAX_CERTIFICATE_MS,
  type Owner,
  UsageError,
} from '../../protocol/index.ts'
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
    .option('--import <FILE>', 'take over a certificate that was made elsewhere for this node')
    .option('--show', "print this node's peer id and who owns it, change nothing")
    .addHelpText('after', OWN_HELP)
    .action(async (options: OwnOptions) => {
      process.stdout.write(`${(await own(options)).join('\n')}\n`)
    })
}

async function own(options: OwnOptions): Promise<string[]> {
  const { data, key, days, node, out } = options
  refuseMixed(options)
  const now = Date.now()
  const term = { now, forMs: days * DAY_MS }
  if (options.show) return [`node      ${await nodeIn(data)}`, `owner     ${await ownerText(data)}`]
  if (options.import !== undefined) return owned(await importCertificate(options.import, data, now))
  if (node === undefined) return owned(await ownNode(await loadIdentity(key), data, term))
  const done = await certifyTo(out as string, await loadIdentity(key), node, term)
  return [
    `owner     ${ownerWords(done)}`,
    `node      ${node}`,
    `Copy ${out} to its machine, and there:  ${COMMAND} node own --import ${out}`,
  ]
}

function refuseMixed({ node, out, import: file, show }: OwnOptions): void {
  if ((node === undefined) !== (out === undefined)) {
    throw new UsageError('option', '--node and --out belong together: whose certificate, and where it is written')
  }
  const ways = [node !== undefined, file !== undefined, show === true].filter(Boolean).length
  if (ways > 1) throw new UsageError('option', '--node, --import and --show are three different things; give one of them')
}

function owned({ node, ...owner }: { node: string } & Owner): string[] {
  return [
    `node      ${node}`,
    `owner     ${ownerWords(owner)}`,
    'It counts from the next connection of the node; one that runs is stopped and started again, or left until it reconnects.',
  ]
}

/** Who owns the node in a folder, in words; a certificate that does not count is said to be so. @throws UsageError `file` */
export async function ownerText(data: string): Promise<string> {
  try {
    const now = Date.now()
    const owner = await ownerOf(data, now)
    if (owner === null) return `none: the node counts under its network (${COMMAND} node own)`
    const soon = owner.expiresAt - now < SOON_MS ? `; soon: renew it with ${COMMAND} node own` : ''
    return `${ownerWords(owner)}${soon}`
  } catch (error) {
    if (!(error instanceof CertificateError)) throw error
    return `${error.message}; coordinators will refuse this node until there is a new one (${COMMAND} node own)`
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

The owner key is a file (mode 0600) that no running node needs. To keep it on another machine:
  on the node:      kernelswarm node own --show
  where the key is: kernelswarm node own --node 12D3Koo... --out node.cert
  on the node:      kernelswarm node own --import node.cert`
