import type { Manifest } from './records.ts'
import type { Tally } from './tally.ts'

/** What an archive cannot prove, and rests on the coordinator's word, in plain sentences. */
export function onItsWord(manifest: Manifest, tally: Tally): string[] {
  const { partial, spec } = manifest
  const { operators, nodes, late, givenUp } = tally
  const said: [boolean, string][] = [
    [true, 'that nothing was left out: signed verdicts cannot be made up, but an archive does not show what is not in it'],
    [
      true,
      `which of the ${nodes.size} nodes are of one operator: it names ${operators.size}, and votes of one operator count once`,
    ],
    [tally.casesSeen < tally.cases, originOf(manifest, tally)],
    [true, 'when a verdict was asked for and came, and in which order'],
    [late > 0, `that ${late} votes came when their ballots had ended`],
    [givenUp.declined > 0, `that ${givenUp.declined} tasks ended undecided since operators gave them back`],
    [givenUp.limit > 0, `that ${givenUp.limit} tasks ended undecided since a limit of the round was reached`],
    [givenUp.blocked > 0, `that ${givenUp.blocked} tasks ended undecided since their program was blocked`],
    [partial, `that ${tally.pending} cases are not judged, and ${tally.unsettled} tasks not shown for that`],
    ...(spec.policy.kind === 'confidence' ? underConfidence(tally) : []),
  ]
  return said.flatMap(([applies, sentence]) => (applies ? [sentence] : []))
}

/** Where the cases that were held against no file come from. */
function originOf({ casesDigest, parent, additions = [] }: Manifest, { cases, casesSeen }: Tally): string {
  const added = additions.length === 0 ? '' : ` and of ${additions.length} that were added`
  const rest = casesSeen === 0 ? 'the cases' : `the other ${cases - casesSeen} cases`
  if (parent !== undefined) return `that ${rest} are those that round ${parent.round} has at the places that are named${added}`
  return `that ${rest} are those of the file with the SHA-256 ${casesDigest.slice(0, 16)}...${added} (--cases FILE holds files against them)`
}

function underConfidence(tally: Tally): [boolean, string][] {
  const { checksSeen, checksElsewhere, batchesElsewhere, borrowed, voided, excused, newcomers, shownHere, shownElsewhere } = tally
  return [
    [true, `that checks were drawn by chance, after the answers were in: ${checksSeen} were seen here to be passed`],
    [batchesElsewhere > 0, `that ${batchesElsewhere} votes are of batches that stood in other rounds`],
    [checksElsewhere > 0, `that ${checksElsewhere} checks were passed by tasks of other rounds`],
    [
      true,
      `who was established when: of the answers by which operators came in ${shownHere} are confirmed here, ${shownElsewhere} in other rounds; ${newcomers} votes counted as of newcomers`,
    ],
    [tally.bootstrap > 0, `that ${tally.bootstrap} tasks were decided before enough operators were established`],
    [borrowed > 0, `what ${borrowed} votes of earlier rounds are worth, which are signed and were checked here like the others`],
    [voided > 0, `that ${voided} votes did not count since their operators were suspended`],
    [excused > 0, `that ${excused} nodes that were to say an answer again were not there`],
  ]
}
