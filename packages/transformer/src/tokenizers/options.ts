// What options and arguments are to be.
import { named } from '../named.ts'

/** @throws RangeError unless the value is a whole number of at least `least` */
export function checkCount(op: string, name: string, value: number, least = 0): void {
  if (!Number.isSafeInteger(value) || value < least) {
    throw new RangeError(`${op}: ${name} must be a whole number of at least ${least}, not ${value}`)
  }
}

/** @throws TypeError unless the value is a string */
export function checkText(op: string, text: unknown): void {
  if (typeof text !== 'string') throw new TypeError(`${op}: the text must be a string, not ${named(text)}`)
}

/** @throws TypeError unless the value is a list, of whatever its user checks */
export function checkList(op: string, name: string, list: unknown): void {
  if (!Array.isArray(list)) throw new TypeError(`${op}: ${name} must be a list, not ${named(list)}`)
}

/** @throws TypeError unless the value is a list of texts that are not empty */
export function checkTexts(op: string, name: string, list: unknown): void {
  checkList(op, name, list)
  for (const text of list as unknown[]) {
    if (typeof text !== 'string' || text === '')
      throw new TypeError(`${op}: ${name} must be a list of texts that are not empty; one is ${named(text)}`)
  }
}

/** @throws TypeError for what cannot be ids: a text, a number, a tensor */
export function checkIds(op: string, ids: unknown): void {
  if (typeof ids !== 'object' || typeof (ids as ArrayLike<number> | null)?.length !== 'number')
    throw new TypeError(`${op}: the ids must be a list, not ${named(ids)}; those of a tensor are its data()`)
}
