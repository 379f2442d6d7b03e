// What options may be: one check for each kind of value. Unknown ones are refused by `checkOptions`.
import { type Tensor, tidy } from '@x/tensor'
import { requireTensor, unheard } from '@x/tensor/op'

/** Calls a function that checks its options, for a layer that is made with them: on no numbers at all. */
export const tried = (fn: () => unknown): void => unheard(() => tidy(() => void fn()))

/** The tensor that an op is given. @throws TypeError unless it is one */
export function tensorOf(op: string, x: Tensor): Tensor {
  requireTensor(op, 'x', x)
  return x
}

/** @throws RangeError unless the value is a number, low ≤ value, and value ≤ high where that is given */
export function inRange(name: string, value: number, low: number, high?: number): number {
  if (typeof value === 'number' && value >= low && value <= (high ?? value)) return value
  throw new RangeError(`${name} ${value} is not ${high === undefined ? `≥ ${low}` : `from ${low} to ${high}`}`)
}

/** @throws RangeError unless the value is a number above 0 */
export function positive(name: string, value: number): number {
  if (typeof value === 'number' && value > 0) return value
  throw new RangeError(`${name} ${value} is not positive`)
}

/** @throws RangeError unless the value is a whole number ≥ low */
export function whole(name: string, value: number, low = 1): number {
  if (Number.isInteger(value) && value >= low) return value
  throw new RangeError(`${name} ${value} is not a whole number ≥ ${low}`)
}

/** @throws RangeError unless all are whole numbers ≥ 1 */
export function checkSizes(owner: string, sizes: Readonly<Record<string, number>>): void {
  for (const [name, size] of Object.entries(sizes)) whole(`${owner}: ${name}`, size)
}

/** @throws RangeError unless the value is a multiple */
export function multiple(name: string, value: number, of: number): void {
  if (value % of !== 0) throw new RangeError(`${name} ${value} is no multiple of ${of}`)
}

/** @throws RangeError unless the value is one of these */
export function oneOf<T extends string>(name: string, value: T, words: readonly T[]): T {
  if (words.includes(value)) return value
  throw new RangeError(`${name} '${value}' is not one of ${words.join(', ')}`)
}
