// Settings that change while an agent learns.

/** A number, or a function of the share of the training that remains, from 1 down to 0. */
export type Annealed = number | ((remaining: number) => number)

/** The value while so much remains. @throws RangeError unless it is a finite number ≥ 0 */
export function annealed(value: Annealed, remaining: number): number {
  const now = typeof value === 'function' ? value(remaining) : value
  if (now >= 0 && now < Number.POSITIVE_INFINITY) return now
  throw new RangeError(`a learning rate or a range is ${now} with ${remaining} of the training to go, not a number ≥ 0`)
}
