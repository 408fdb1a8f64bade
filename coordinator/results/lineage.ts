import type { Ledger } from '../ledger.ts'
import type { RoundEntry } from '../state/model.ts'
import { type Place, placesOf } from './snapshot.ts'

/** A re-run and what it is of, the first round first; a round alone where it is no re-run. */
export async function lineage(ledger: Pick<Ledger, 'roundNamed'>, round: RoundEntry): Promise<RoundEntry[]> {
  const line = [round]
  for (let { parent } = round; parent !== null; ) {
    const of = await ledger.roundNamed(parent.round)
    if (of === undefined) throw new Error(`round ${parent.round} is named in the event log and not known`)
    line.unshift(of)
    parent = of.parent
  }
  return line
}

/**
 * The cases of the first round of a lineage, in its order, each as it was judged last: a case that was run again stands in its
 * place from when its re-run is judged.
 */
export function mergedPlaces(line: readonly RoundEntry[]): Place[] {
  const [first] = line
  const places = first === undefined ? [] : placesOf(first)
  // Where in the first round each case of the one before stands.
  let lines = places.map((_, index) => index)
  for (const round of line.slice(1)) {
    lines = (round.parent?.cases ?? []).map((index) => lines[index] as number)
    for (const [index, place] of placesOf(round).entries()) {
      if (place.entry.judgement !== null) places[lines[index] as number] = place
    }
  }
  return places
}
