// What callers give: said in messages, and refused where it is not known.

/** What a value is, in messages. */
export const kindName = (x: unknown): string => {
  if (x === null || x === undefined) return String(x)
  if (typeof x !== 'object') return `a ${typeof x}`
  return Array.isArray(x) ? 'an array' : isTensor(x as object) ? 'a tensor' : 'an object'
}

/** Known by what only tensors have: their class knows this file. */
const isTensor = (x: object): boolean => 'storage' in x

/** The error for a value of another kind than `wanted`. */
export const wrongKind = (op: string, name: string, x: unknown, wanted: string): TypeError =>
  new TypeError(`${op}: ${name} is ${kindName(x)}, not a ${wanted}`)

/** @throws TypeError unless `x` is a number */
export function requireNumber(op: string, name: string, x: unknown): void {
  if (typeof x !== 'number') throw wrongKind(op, name, x, 'number')
}

/** @throws RangeError unless `n` is a whole number of at least `least` */
export function requireWhole(op: string, name: string, n: unknown, least: number = Number.NEGATIVE_INFINITY): void {
  if (Number.isInteger(n) && (n as number) >= least) return
  const from = least > Number.NEGATIVE_INFINITY ? ` ≥ ${least}` : ''
  throw new RangeError(`${op}: ${name} ${typeof n === 'string' ? `'${n}'` : n} is not a whole number${from}`)
}

/** @throws RangeError unless `value` is among `choices` */
export function requireOneOf(op: string, name: string, value: unknown, choices: readonly unknown[]): void {
  if (!choices.includes(value)) throw new RangeError(`${op}: ${name} '${value}' is not one of ${choices.join(', ')}`)
}

/** @throws TypeError unless `xs` is a list */
export function requireList(op: string, name: string, xs: unknown): void {
  if (!Array.isArray(xs)) throw wrongKind(op, name, xs, 'list')
}

/** @throws TypeError unless `f` is a function */
export function requireFunction(op: string, name: string, f: unknown): void {
  if (typeof f !== 'function') throw wrongKind(op, name, f, 'function')
}

/**
 * Refuses options that there are not, in the name of `op`.
 * @throws RangeError for a key that is not among `known`; TypeError for what is no options object
 */
export function checkOptions(op: string, options: object, known: readonly string[]): void {
  if (typeof options !== 'object' || options === null || isTensor(options))
    throw new TypeError(`${op}: options are { ${known.join(', ')} }, not ${kindName(options)}`)
  for (const key in options) {
    if (known.includes(key)) continue
    throw new RangeError(
      `${op}: there is no option '${key}'; there ${known.length === 1 ? 'is' : 'are'} ${known.join(', ')}`,
    )
  }
}

/**
 * The options `given`, with those of `defaults`, which lists all that there are, in the place of the ones left out.
 * @param defaults a new object: it becomes the result
 * @throws RangeError, TypeError as `checkOptions`; TypeError for a value of another type than the default
 */
export function optionsOf<T extends object>(op: string, given: Partial<T> | undefined, defaults: T): T {
  if (given === undefined) return defaults
  checkOptions(op, given, Object.keys(defaults))
  for (const key in given) {
    const value = given[key]
    const usual = defaults[key] ?? value
    if (typeof value === typeof usual) defaults[key] = value as T[typeof key]
    else if (value !== undefined) throw wrongKind(op, key, value, typeof usual)
  }
  return defaults
}
