// What options may be, checked in one way. `what` names owner and option: 'DynaQ: planningSteps'.
import { shown } from './errors.ts'

/** @throws RangeError unless it is a number for which `isIt` holds; `kind` says what it has to be */
export function checked(what: string, value: number, isIt: boolean, kind: string): number {
  if (typeof value === 'number' && isIt) return value
  throw new RangeError(`${what} ${shown(value)} is not ${kind}`)
}

/** @throws RangeError unless it is a whole number ≥ `least` */
export const whole = (what: string, value: number, least = 1): number =>
  checked(what, value, Number.isSafeInteger(value) && value >= least, `a whole number ≥ ${least}`)

/** @throws RangeError unless it is a number that is not infinite */
export const finite = (what: string, value: number): number =>
  checked(what, value, Number.isFinite(value), 'a finite number')

/** @throws RangeError unless it is in [0, 1] */
export const share = (what: string, value: number): number =>
  checked(what, value, value >= 0 && value <= 1, 'in [0, 1]')

/** @throws RangeError unless it is in (0, 1] */
export const shareAbove0 = (what: string, value: number): number =>
  checked(what, value, value > 0 && value <= 1, 'in (0, 1]')

/** @throws RangeError unless it is a finite number > 0 */
export const above0 = (what: string, value: number): number =>
  checked(what, value, value > 0 && Number.isFinite(value), 'a number > 0')

/** @throws RangeError unless it is a finite number ≥ 0 */
export const atLeast0 = (what: string, value: number): number =>
  checked(what, value, value >= 0 && Number.isFinite(value), 'a number ≥ 0')

/** @throws RangeError unless all of them are whole numbers ≥ 1 */
export function wholes(owner: string, counts: Readonly<Record<string, number>>): void {
  for (const [name, count] of Object.entries(counts)) whole(`${owner}: ${name}`, count)
}

/** @throws RangeError unless it is one of the names */
export function oneOf<T extends string>(what: string, value: T, names: readonly T[]): T {
  if (names.includes(value)) return value
  throw new RangeError(`${what} ${shown(value)} is none of '${names.join("', '")}'`)
}

/** @throws RangeError unless min < max */
export function interval(what: string, min: number, max: number): void {
  if (!(min < max)) throw new RangeError(`${what}: [${min}, ${max}] is empty`)
}
