/** From here on the series below is good to the last digits of a double. */
const SERIES_FROM = 15

/** Coefficients B(2i) / (2i (2i - 1)) of Stirling's series, i from 1 (Abramowitz and Stegun 6.1.41). */
const STIRLING = [1 / 12, -1 / 360, 1 / 1260, -1 / 1680, 1 / 1188, -691 / 360_360, 1 / 156]

/**
 * The natural logarithm of the gamma function, for x > 0: by Stirling's series, from which smaller arguments are come down
 * to by gamma(x) = gamma(x + 1) / x.
 */
export function lnGamma(x: number): number {
  if (!(x > 0)) throw new RangeError(`lnGamma(${x}): only of positive numbers`)
  let product = 1
  let at = x
  for (; at < SERIES_FROM; at++) product *= at
  let power = at
  let series = 0
  for (const coefficient of STIRLING) {
    series += coefficient / power
    power *= at * at
  }
  return (at - 0.5) * Math.log(at) - at + 0.5 * Math.log(2 * Math.PI) + series - Math.log(product)
}

/** The natural logarithm of the beta function, ln B(a, b), for a, b > 0. */
export function lnBeta(a: number, b: number): number {
  return lnGamma(a) + lnGamma(b) - lnGamma(a + b)
}
