import { json } from 'node:stream/consumers'
import { z } from 'zod'
import { askControl } from './client.ts'

const Ban = z.object({ who: z.string(), code: z.string(), until: z.number() })
const BansAnswer = z.object({ peers: z.array(Ban), places: z.array(Ban) })
/** Who a coordinator keeps out: keys, and the places strangers come from. */
export type Bans = z.infer<typeof BansAnswer>

/** Who the coordinator that runs on a data folder keeps out. @throws KernelswarmError `control` when none runs there */
export async function coordinatorBans(data: string): Promise<Bans> {
  return BansAnswer.parse(await json(await askControl(data, '/bans')))
}

/** Ends a ban there; whether there was one. @throws KernelswarmError `control` when none runs there */
export async function liftBan(data: string, who: string): Promise<boolean> {
  const answer = await json(await askControl(data, `/lift?who=${encodeURIComponent(who)}`))
  return z.object({ lifted: z.boolean() }).parse(answer).lifted
}
