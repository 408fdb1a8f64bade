/** What was gone through, and what of it rests on the coordinator's word. Counts only: an archive may be large. */
export class Tally {
  cases = 0
  /** Cases that were held against the file they came from. */
  casesSeen = 0
  tasks = 0
  votes = 0
  repeats = 0
  /** Votes that a ballot did not count since it had ended. */
  late = 0
  decided = 0
  undecided = 0
  /** Tasks of which nothing is shown, or whose ballot has not ended. */
  unsettled = 0
  cells = 0
  comparisons = 0
  judged = 0
  pending = 0
  /** Checks of batches that were seen to be passed, by the votes here; and those in other rounds. */
  checksSeen = 0
  checksElsewhere = 0
  batches = 0
  /** Votes that count as of batches of other rounds, which are not here. */
  batchesElsewhere = 0
  /** Answers found wrong. */
  wrong = 0
  /** Undecided without having been voted on to their end, and why. */
  readonly givenUp = { declined: 0, limit: 0, blocked: 0 }
  voided = 0
  excused = 0
  borrowed = 0
  newcomers = 0
  bootstrap = 0
  /** Confirmed answers that brought somebody in: by tasks here, and elsewhere. */
  shownHere = 0
  shownElsewhere = 0
  readonly compat: Record<string, number> = {}
  readonly strict: Record<string, number> = {}
  readonly operators = new Set<string>()
  readonly nodes = new Set<string>()
  /** Confidences of the cases for which one is stated: how many, the lowest, and their sum. */
  readonly confidence = { cases: 0, lowest: 1, sum: 0 }

  judge(compat: string, strict: string): void {
    this.judged++
    this.compat[compat] = (this.compat[compat] ?? 0) + 1
    this.strict[strict] = (this.strict[strict] ?? 0) + 1
  }

  state(confidence: number): void {
    this.confidence.cases++
    this.confidence.lowest = Math.min(this.confidence.lowest, confidence)
    this.confidence.sum += confidence
  }
}
