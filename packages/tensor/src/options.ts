// Options objects: what is not known is refused, never ignored.

/** @throws RangeError for a key that is not among `known`; TypeError for what is no options object */
export function checkOptions(op: string, options: object, known: readonly string[]): void {
  if (typeof options !== 'object') throw new TypeError(`${op}: options are { ${known.join(', ')} }, not ${options}`)
  for (const key in options) {
    if (known.includes(key)) continue
    throw new RangeError(
      `${op}: there is no option '${key}'; there ${known.length === 1 ? 'is' : 'are'} ${known.join(', ')}`,
    )
  }
}
