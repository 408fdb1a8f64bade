import type { Sight } from '../sight.ts'
import type { State } from '../state/state.ts'
import { type IncidentRow, incidentRow } from '../trust/incident.ts'
import type { Incident } from '../trust/model.ts'

/** An incident as the pages tell it. */
export interface ToldIncident extends IncidentRow {
  /** What their owners call the nodes now, in the order of `nodes`, or null. Any text. */
  names: (string | null)[]
}

export function toldIncident({ nodes: known }: Pick<State, 'nodes'>, incident: Incident, sight: Sight): ToldIncident {
  const row = incidentRow(incident, sight)
  return { ...row, names: row.nodes.map((node) => known.get(node)?.name ?? null) }
}
