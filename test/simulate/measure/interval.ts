/**
 * Upper end of the two-sided 95 % Clopper-Pearson interval of a proportion ("The use of confidence or fiducial limits
 * illustrated in the case of the binomial", Biometrika 26, 1934): the share at which so few hits or fewer would be seen
 * with a chance of 2.5 %. It is exact, so it errs on the wide side, and of no hit it says 1 - 0.025^(1/n), not 0.
 */
export function upper95(hits: number, draws: number): number {
  return hits >= draws ? 1 : bisect((share) => atMost(hits, draws, share) > TAIL)
}

/** Lower end of the same interval. */
export function lower95(hits: number, draws: number): number {
  return hits === 0 ? 0 : bisect((share) => 1 - atMost(hits - 1, draws, share) < TAIL)
}

/** Half of 5 %. */
const TAIL = 0.025
/** Halvings of the interval: to the last digits of a double. */
const HALVINGS = 60

/** The share at which `below` turns false; it is true at 0. */
function bisect(below: (share: number) => boolean): number {
  let [low, high] = [0, 1]
  for (let halving = 0; halving < HALVINGS; halving++) {
    const middle = (low + high) / 2
    if (below(middle)) low = middle
    else high = middle
  }
  return high
}

/** Chance of at most `hits` among `draws` with this chance each: the binomial sum, each term from the one before. */
function atMost(hits: number, draws: number, share: number): number {
  const odds = Math.log(share) - Math.log1p(-share)
  let term = draws * Math.log1p(-share)
  let sum = Math.exp(term)
  for (let k = 1; k <= hits; k++) {
    term += Math.log((draws - k + 1) / k) + odds
    sum += Math.exp(term)
  }
  return Math.min(1, sum)
}
