// Numbers that options give.

/** @throws RangeError unless the value is a whole number of at least `least` */
export function checkCount(op: string, name: string, value: number, least = 0): void {
  if (!Number.isSafeInteger(value) || value < least) {
    throw new RangeError(`${op}: ${name} must be a whole number of at least ${least}, not ${value}`)
  }
}
