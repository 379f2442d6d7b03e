// What numbers in options may be, checked in one way.

function checked(what: string, value: number, isIt: boolean, kind: string): number {
  if (typeof value === 'number' && isIt) return value
  throw new RangeError(`${what} ${value} is not ${kind}`)
}

/** @throws RangeError unless it is a whole number ≥ `least`. `what` names owner and option: 'DynaQ: planningSteps' */
export const whole = (what: string, value: number, least = 1): number =>
  checked(what, value, Number.isSafeInteger(value) && value >= least, `a whole number ≥ ${least}`)

/** @throws RangeError unless it is one of the names */
export function oneOf(what: string, value: unknown, names: readonly string[]): void {
  if (names.includes(value as string)) return
  throw new RangeError(`${what} '${value}' is none of '${names.join("', '")}'`)
}

/** @throws RangeError unless min < max */
export function interval(what: string, min: number, max: number): void {
  if (!(min < max)) throw new RangeError(`${what}: [${min}, ${max}] is empty`)
}

/** @throws RangeError unless it is in [0, 1] */
export const share = (what: string, value: number): number =>
  checked(what, value, value >= 0 && value <= 1, 'in [0, 1]')

/** @throws RangeError unless it is a finite number > 0 */
export const above0 = (what: string, value: number): number =>
  checked(what, value, value > 0 && value < Number.POSITIVE_INFINITY, 'a number > 0')

/** @throws RangeError unless it is a finite number ≥ 0 */
export const atLeast0 = (what: string, value: number): number =>
  checked(what, value, value >= 0 && value < Number.POSITIVE_INFINITY, 'a number ≥ 0')
