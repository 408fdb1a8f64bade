import type { Command } from 'commander'
import { type Bans, coordinatorBans, liftBan } from '../../coordinator/index.ts'
import { defaultData } from '../options.ts'

interface BansOptions {
  data: string
  lift?: string
  json?: boolean
}

/** Who a running coordinator keeps out, and until when. */
export function addBans(coordinator: Command): void {
  coordinator
    .command('bans')
    .description('keys and addresses that a running coordinator keeps out, and until when')
    .option('--data <DIR>', "the coordinator's data folder", defaultData('coordinator'))
    .option('--lift <WHO>', 'end the ban of a key or an address, as the list names it')
    .option('--json', 'print one JSON object, and nothing else')
    .addHelpText(
      'after',
      `
A key that breaks the protocol again and again is kept out for a minute, then two, at most an hour. So are strangers from an
address where others do; nodes that have done work from there come and go as before (docs/operations.md). A coordinator that
is started again has forgotten all bans.`,
    )
    .action(async (_options: unknown, self: Command) => {
      const { data, lift, json } = self.optsWithGlobals<BansOptions>()
      if (lift !== undefined) {
        const lifted = await liftBan(data, lift)
        process.stdout.write(lifted ? `${lift} may come in again\n` : `${lift} is not banned\n`)
        return
      }
      const bans = await coordinatorBans(data)
      process.stdout.write(json ? `${JSON.stringify(bans)}\n` : linesOf(bans))
    })
}

function linesOf({ peers, places }: Bans): string {
  if (peers.length + places.length === 0) return 'nobody is banned\n'
  const line = (kind: string) => (ban: Bans['peers'][number]) =>
    `${kind}  until ${new Date(ban.until).toISOString().slice(0, 19).replace('T', ' ')} UTC  ${ban.code.padEnd(14)}  ${ban.who}\n`
  return [...peers.map(line('key    ')), ...places.map(line('address'))].join('')
}
