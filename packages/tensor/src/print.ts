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

/** Nested brackets: rows broken where the line ends, blank lines between matrices. */
function layout(x: Tensor, isLong: boolean): string {
  const { edgeitems, linewidth } = options
  const { shape, strides } = x
  const at = reader(x)
  const isCut = (d: number): boolean => isLong && shape[d] > 2 * edgeitems
  /** Positions that are shown along axis d, −1 for the dots. */
  const shown = shape.map((n, d) => {
    const some = Array.from({ length: isCut(d) ? 2 * edgeitems + 1 : n }, (_, i) => i)
    return isCut(d) ? some.map((i) => (i < edgeitems ? i : i > edgeitems ? n - 1 - 2 * edgeitems + i : -1)) : some
  })
  const values: Value[] = []
  const collect = (d: number, from: number): void => {
    if (d === shape.length) values.push(at(from))
    else for (const i of shown[d]) if (i >= 0) collect(d + 1, from + i * strides[d])
  }
  collect(0, 0)
  const format = formatter(x.dtype, values)

  const block = (d: number, from: number, indent: string, width: number): string => {
    if (d === shape.length) return format(at(from))
    const part = (i: number): string => (i < 0 ? '...' : block(d + 1, from + i * strides[d], `${indent} `, width - 1))
    if (d < shape.length - 1) {
      return `[${shown[d].map(part).join(`,${'\n'.repeat(shape.length - 1 - d)}${indent}`)}]`
    }
    let done = ''
    let line = indent
    for (const [k, i] of shown[d].entries()) {
      const word = part(i)
      if (line.length + word.length > width - 1 && line.length > indent.length) {
        done += `${line.trimEnd()}\n`
        line = indent
      }
      line += k < shown[d].length - 1 ? `${word}, ` : word
    }
    return `[${(done + line).slice(indent.length)}]`
  }
  return block(0, 0, `${INDENT} `, linewidth - 1)
}

/** Reads the element that lies so many elements behind the first. */
function reader(x: Tensor): (at: number) => Value {
  hostRead('toString')
  const { view, start } = elements(x)
  const half = formatOf(x.dtype)
  return (at) => (half ? fromHalf(view[start + at], half) : view[start + at])
}

/** The form that all numbers of a tensor are written in. */
function formatter(dtype: Tensor['dtype'], values: readonly Value[]): (v: Value) => string {
  if (isFloating(dtype)) return floatFormatter(dtype, values as readonly number[])
  const word = dtype === 'bool' ? (v: Value) => String(Boolean(v)) : String
  const width = Math.max(...values.map((v) => word(v).length))
  return (v) => word(v).padStart(width)
}

const NAMES: Readonly<Record<string, string>> = { NaN: 'nan', Infinity: 'inf', '-Infinity': '-inf' }

/** Exponents where sizes differ more than a thousandfold or lie far from 1, else plain decimals; points are aligned. */
function floatFormatter(dtype: Tensor['dtype'], values: readonly number[]): (v: Value) => string {
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
  const before = Math.max(0, ...parts.map(([whole]) => whole.length))
  const after = Math.max(0, ...parts.map(([, fraction]) => fraction.length))
  const exponent = Math.max(0, ...parts.map(([, , e]) => e.length - 2))
  const write = (v: number): string => {
    if (!scientific) {
      const [whole, fraction] = digitsOf(v, dtype, precision, false)
      return `${whole.padStart(before)}.${fraction.padEnd(after)}`
    }
    const [number, e] = rounded(v, after, true).split('e')
    const point = after === 0 ? '.' : ''
    return `${(number + point).padStart(before + 1 + after)}e${e[0]}${e.slice(1).padStart(exponent, '0')}`
  }
  const width = Math.max(0, ...values.map((v) => (Number.isFinite(v) ? write(v) : NAMES[v]).length))
  return (v) => (Number.isFinite(v) ? write(Number(v)) : NAMES[String(v)]).padStart(width)
}

/** By bytes of an element, from where on plain decimals would show digits that the dtype does not hold. */
const LARGE: Readonly<Record<number, number>> = { 2: 1e3, 4: 1e6, 8: 1e8 }

/** What stands before the point, behind it, and as exponent: as few digits as tell the number from its neighbours. */
function digitsOf(
  v: number,
  dtype: Tensor['dtype'],
  precision: number,
  scientific: boolean,
): readonly [whole: string, fraction: string, exponent: string] {
  const text = shortest(v, dtype)
  const places = text.indexOf('e') - text.indexOf('.') - 1
  const fraction = text.includes('.') ? places : 0
  // As many decimals as the shortest form has, but no more than asked for.
  const needed = scientific ? fraction : Math.max(0, fraction - Number(text.slice(text.indexOf('e') + 1)))
  const [number, e = ''] = rounded(v, Math.min(precision, needed), scientific).split('e')
  const [whole, rest = ''] = number.split('.')
  return [whole, rest.replace(/0+$/, ''), e === '' ? '' : `e${e[0]}${e.slice(1).padStart(2, '0')}`]
}

/** The fewest digits that read back as the same number of the dtype, in exponential form. */
function shortest(v: number, dtype: Tensor['dtype']): string {
  if (dtype === 'float64') return v.toExponential()
  const size = Math.abs(v)
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
  const isHalf = /^50*$/.test(exact.slice(cut))
  const last = decimals === 0 ? exact[cut - 2] : exact[cut - 1]
  // A half above an even digit stays below: its digits are those of the exact number, cut off.
  if (!isHalf || Number(last) % 2 === 1) return sign + text
  const below = exact.slice(0, decimals === 0 ? cut - 1 : cut)
  return sign + (scientific ? `${below}e${exponent}` : below)
}
