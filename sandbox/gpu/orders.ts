/** How the loader runs a unit: harness/isolated/loader/gpu/orders.h. */
export const MODE = { plain: 0, isolated: 1, checked: 2 } as const

export interface Orders {
  nonce: string
  /** From 0. */
  test: number
  fill: number
  disturb: number
  mostValues: number
  mode: (typeof MODE)[keyof typeof MODE]
}

/** What the loader reads by standard input when its turn has come. */
export function ordersText({ nonce, test, fill, disturb, mostValues, mode }: Orders): string {
  return `${nonce}\n${test} ${fill} ${disturb} ${mostValues} ${mode}\n`
}
