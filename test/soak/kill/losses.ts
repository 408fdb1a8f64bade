import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { check, type Finding } from '../../../coordinator/index.ts'
import { Ledger } from '../../../coordinator/ledger.ts'
import { Store } from '../../../coordinator/store/store.ts'

export interface Losses {
  /** Verdicts in the log. */
  verdicts: number
  /** Verdicts that nodes were told are on disk. */
  acknowledged: number
  wrong: string[]
}

/**
 * Looks for what must not be, in the folder of a coordinator that was stopped and of its nodes:
 *  - a verdict that was acknowledged and is not in the log;
 *  - a verdict that is there twice, or counts twice;
 *  - anything that `coordinator check` finds: content that is missing or half there, a gap, a signature that does not hold.
 */
export async function findLosses(home: string): Promise<Losses> {
  const wrong: string[] = []
  const onFinding = ({ where, what }: Finding) => wrong.push(`coordinator check: ${where}: ${what}`)
  await check({ folder: join(home, 'coordinator'), onFinding })
  const store = await Store.open(join(home, 'coordinator', 'log'), { reserveBytes: 0 })
  const recorded = new Set<string>()
  try {
    for await (const event of store.events()) {
      if (event.t !== 'verdict') continue
      if (recorded.has(event.nonce)) wrong.push(`verdict ${event.nonce} is in the log twice`)
      recorded.add(event.nonce)
    }
    wrong.push(...countedTwice(await Ledger.open(store)))
  } finally {
    await store.close()
  }
  const acknowledged = await acknowledgedIn(home)
  for (const nonce of acknowledged) if (!recorded.has(nonce)) wrong.push(`verdict ${nonce} was acknowledged and is lost`)
  return { verdicts: recorded.size, acknowledged: acknowledged.size, wrong }
}

function countedTwice({ state }: Ledger): string[] {
  const counted = new Set<string>()
  const wrong: string[] = []
  for (const { votes } of state.tasks.values()) {
    const operators = new Set(votes.map(({ operator }) => operator))
    if (operators.size < votes.length) wrong.push(`two votes of one operator: ${votes.map(({ nonce }) => nonce).join(', ')}`)
    for (const { nonce } of votes) {
      if (counted.has(nonce)) wrong.push(`verdict ${nonce} counts twice`)
      counted.add(nonce)
    }
  }
  return wrong
}

async function acknowledgedIn(home: string): Promise<Set<string>> {
  const names = (await readdir(home)).filter((name) => name.startsWith('acknowledged-'))
  const texts = await Promise.all(names.map((name) => readFile(join(home, name), 'utf8')))
  // The last line may be cut where a node was killed: what it did not write to its end it was told as well.
  return new Set(texts.flatMap((text) => text.split('\n').filter((nonce) => /^[0-9a-f]{32}$/.test(nonce))))
}
