// Tensors as text, laid out as NumPy lays out arrays: one form for all numbers of a tensor, aligned, long axes summarised.
// Source: the behaviour of numpy.array2string and repr, NumPy 2.4.
import { ITEM_SIZE, isFloating } from './dtype.ts'
import { formatOf, fromHalf, toHalf } from './half.ts'
import { hostRead } from './hostRead.ts'
import { checkOptions } from './options.ts'
import { show } from './shape.ts'
import { elements, type Tensor } from './tensor.ts'

/** How tensors are written. */
export interface PrintOptions {
  /** Most digits after the point, 0 to 50. Fewer are shown where fewer tell the number apart. Default 8. */
  readonly precision: number
  /** More elements than this are summarised. Infinity shows all. Default 1000. */
  readonly threshold: number
  /** How many elements a summary shows at each end of an axis. Default 3. */
  readonly edgeitems: number
  /** Characters to a line. Default 75. */
  readonly linewidth: number
  /** Never exponents for small numbers: those below the precision show as 0. Default false. */
  readonly suppress: boolean
}

const options: { -readonly [K in keyof PrintOptions]: PrintOptions[K] } = {
  precision: 8,
  threshold: 1000,
  edgeitems: 3,
  linewidth: 75,
  suppress: false,
}

/** The options in force. */
export const getPrintOptions = (): PrintOptions => ({ ...options })

/**
 * Sets how tensors are written from now on; what is not named stays. Returns what was in force before.
 * @throws RangeError for an option that there is not, and for a value out of range
 * @example
 * import { setPrintOptions, tensor } from '@x/tensor'
 * const before = setPrintOptions({ precision: 3 })
 * String(tensor([Math.PI, 1])) // 'tensor([3.142, 1.   ])'
 * setPrintOptions(before)
 */
export function setPrintOptions(changes: Partial<PrintOptions>): PrintOptions {
  checkOptions('setPrintOptions', changes, Object.keys(options))
  for (const [name, value] of Object.entries(changes)) {
    const fits =
      name === 'suppress'
        ? typeof value === 'boolean'
        : (Number.isInteger(value) || (name === 'threshold' && value === Number.POSITIVE_INFINITY)) &&
          Number(value) >= 0 &&
          (name !== 'precision' || Number(value) <= 50)
    if (!fits) throw new RangeError(`setPrintOptions: ${name} cannot be ${value}`)
  }
  const before = getPrintOptions()
  Object.assign(options, changes)
  return before
}

/** A number, or an int64, which numbers do not hold. */
type Value = number | bigint

/** The values in brackets, then the shape if it does not show, and the dtype unless the values tell it. */
export function print(x: Tensor): string {
  const extras: string[] = []
  const isLong = x.size > options.threshold
  if (isLong || (x.size === 0 && x.ndim > 1) || x.isDisposed) extras.push(`shape=${show(x.shape)}`)
  if (x.dtype !== 'float32' && x.dtype !== 'bool') extras.push(`dtype=${x.dtype}`)
  const body = `tensor(${x.isDisposed ? 'disposed' : x.size === 0 ? '[]' : layout(x, isLong)}`
  if (extras.length === 0) return `${body})`
  const tail = `${extras.join(', ')})`
  const used = body.length - (body.lastIndexOf('\n') + 1) + 2 + tail.length
  return `${body},${used > options.linewidth ? `\n${INDENT}` : ' '}${tail}`
}

/** What notebooks show, by media type. */
export function display(x: Tensor): Record<string, string> {
  const text = print(x)
  return { 'text/plain': text, 'text/html': `<pre>${text}</pre>` }
}

const INDENT = ' '.repeat('tensor('.length)

/** Values in nested lists, dots for those that a summary leaves out. */
type Nested = Value | '...' | readonly Nested[]

/** Nested brackets: rows broken where the line ends, blank lines between matrices. */
function layout(x: Tensor, isLong: boolean): string {
  const { edgeitems, linewidth } = options
  const { shape, strides } = x
  const at = reader(x)
  const read = (d: number, from: number): Nested => {
    const n = shape[d]
    if (n === undefined) return at(from)
    const isCut = isLong && n > 2 * edgeitems
    return Array.from({ length: isCut ? 2 * edgeitems + 1 : n }, (_, i) => {
      if (isCut && i === edgeitems) return '...'
      const place = isCut && i > edgeitems ? n - 1 - 2 * edgeitems + i : i
      return read(d + 1, from + place * strides[d])
    })
  }
  const nested = read(0, 0)
  const values = ([nested] as unknown[]).flat(Number.POSITIVE_INFINITY).filter((v) => v !== '...') as Value[]
  const all = written(x.dtype, values)
  let next = 0

  const block = (part: Nested, d: number): string => {
    if (typeof part !== 'object') return part === '...' ? part : all[next++]
    const indent = `${INDENT} ${' '.repeat(d)}`
    const words = part.map((p) => block(p, d + 1))
    const inner = shape.length - 1 - d
    if (inner > 0) return `[${words.join(`,${'\n'.repeat(inner)}${indent}`)}]`
    let done = ''
    let line = ''
    for (const [k, word] of words.entries()) {
      if (line !== '' && indent.length + line.length + word.length > linewidth - 2 - d) {
        done += `${line.trimEnd()}\n${indent}`
        line = ''
      }
      line += k < words.length - 1 ? `${word}, ` : word
    }
    return `[${done + line}]`
  }
  return block(nested, 0)
}

/** Reads the element that lies so many elements behind the first. */
function reader(x: Tensor): (at: number) => Value {
  hostRead('toString')
  const { view, start } = elements(x)
  const half = formatOf(x.dtype)
  return (at) => (half ? fromHalf(view[start + at], half) : view[start + at])
}

/** All numbers of a tensor, in one form and of one width. */
function written(dtype: Tensor['dtype'], values: readonly Value[]): string[] {
  const write = isFloating(dtype)
    ? floatWriter(dtype, values as readonly number[])
    : (v: Value) => String(dtype === 'bool' ? Boolean(v) : v)
  const words = values.map((v) => write(v as number))
  const width = longest(words)
  return words.map((word) => word.padStart(width))
}

const longest = (words: readonly string[]): number => words.reduce((n, word) => Math.max(n, word.length), 0)

const NAMES: Readonly<Record<string, string>> = { NaN: 'nan', Infinity: 'inf', '-Infinity': '-inf' }

/** Exponents where sizes differ more than a thousandfold or lie far from 1, else plain decimals; points are aligned. */
function floatWriter(dtype: Tensor['dtype'], values: readonly number[]): (v: number) => string {
  const { precision, suppress } = options
  const finite = values.filter(Number.isFinite)
  let most = 0
  let least = Number.POSITIVE_INFINITY
  for (const v of finite) {
    if (v === 0) continue
    most = Math.max(most, Math.abs(v))
    least = Math.min(least, Math.abs(v))
  }
  const scientific = most >= LARGE[ITEM_SIZE[dtype]] || (!suppress && (least < 1e-4 || most / least > 1000))
  const parts = finite.map((v) => digitsOf(v, dtype, precision, scientific))
  const [before, after, places] = [0, 1, 2].map((part) => longest(parts.map((p) => p[part])))
  return (v) => {
    if (!Number.isFinite(v)) return NAMES[v]
    // Beside exponents all have as many decimals, those that tell it apart and further ones.
    const [whole, fraction, e] = scientific ? partsOf(rounded(v, after, true)) : digitsOf(v, dtype, precision, false)
    const plain = `${whole.padStart(before)}.${fraction.padEnd(after)}`
    return scientific ? `${plain}e${e[0]}${e.slice(1).padStart(Math.max(2, places - 1), '0')}` : plain
  }
}

/** By bytes of an element, from where on plain decimals would show digits that the dtype does not hold. */
const LARGE: Readonly<Record<number, number>> = { 2: 1e3, 4: 1e6, 8: 1e8 }

type Parts = readonly [whole: string, fraction: string, exponent: string]

/** What stands before the point, behind it, and as exponent: as few digits as tell the number from its neighbours. */
function digitsOf(v: number, dtype: Tensor['dtype'], precision: number, scientific: boolean): Parts {
  const [mantissa, power] = shortest(v, dtype).split('e')
  // As many decimals as the shortest form has, but no more than asked for.
  const needed = Math.max(0, Math.max(0, mantissa.length - '0.'.length) - (scientific ? 0 : Number(power)))
  const [whole, fraction, exponent] = partsOf(rounded(v, Math.min(precision, needed), scientific))
  return [whole, fraction.replace(/0+$/, ''), exponent]
}

/** A number's parts: see `digitsOf`. */
function partsOf(text: string): Parts {
  const [number, exponent = ''] = text.split('e')
  const [whole, fraction = ''] = number.split('.')
  return [whole, fraction, exponent]
}

/** The fewest digits that read back as the same number of the dtype but for its sign, in exponential form. */
function shortest(v: number, dtype: Tensor['dtype']): string {
  const size = Math.abs(v)
  if (dtype === 'float64') return size.toExponential()
  const half = formatOf(dtype)
  const bits = half ? (x: number) => toHalf(x, half) : Math.fround
  for (let digits = 0; ; digits++) {
    const text = size.toExponential(digits)
    if (bits(Number(text)) === bits(size)) return text
  }
}

/** `v` with so many decimals, halves to even (JavaScript rounds them away from 0). */
function rounded(v: number, decimals: number, scientific: boolean): string {
  const sign = v < 0 || Object.is(v, -0) ? '-' : ''
  const write = (x: number, places: number): string => (scientific ? x.toExponential(places) : x.toFixed(places))
  const text = write(Math.abs(v), decimals)
  const [exact, exponent] = write(Math.abs(v), 100).split('e')
  const cut = exact.indexOf('.') + 1 + decimals
  if (!/^50*$/.test(exact.slice(cut))) return sign + text
  // A half above an even digit stays below: its digits are those of the exact number, cut off.
  const below = exact.slice(0, cut).replace(/\.$/, '')
  if (Number(below.slice(-1)) % 2 === 1) return sign + text
  return sign + (scientific ? `${below}e${exponent}` : below)
}
