/** Which operators are there, each as long as one of its nodes is, in a list to draw from: adding and leaving cost the same in any crowd. */
export class Census {
  readonly #list: string[] = []
  readonly #places = new Map<string, { at: number; nodes: number }>()

  /** In no order that means anything. Changes when somebody comes or goes. */
  get operators(): readonly string[] {
    return this.#list
  }

  /** One more node of an operator. */
  add(operator: string): void {
    const place = this.#places.get(operator)
    if (place !== undefined) place.nodes++
    else this.#places.set(operator, { at: this.#list.push(operator) - 1, nodes: 1 })
  }

  /** One node of an operator less. */
  delete(operator: string): void {
    const place = this.#places.get(operator)
    if (place === undefined || --place.nodes > 0) return
    this.#places.delete(operator)
    const last = this.#list.pop() as string
    if (last === operator) return
    this.#list[place.at] = last
    const moved = this.#places.get(last)
    if (moved !== undefined) moved.at = place.at
  }
}
