// Tensors as text, laid out as NumPy does.
import type { Tensor } from './tensor.ts'

const EDGE = 3
const MOST = 1000
const DIGITS = 4

/** The values in brackets, aligned, long axes summarised, then shape and dtype. */
export function print(x: Tensor): string {
  if (x.isDisposed) return `tensor(disposed, shape=[${x.shape.join(', ')}], dtype=${x.dtype})`
  const summarise = x.size > MOST
  const data = x.data()
  const shown: number[] = []
  const visit = (d: number, at: number, use: (i: number) => void): void => {
    if (d === x.ndim) {
      use(at)
      return
    }
    const n = x.shape[d]
    for (let i = 0; i < n; i++)
      if (!summarise || n <= 2 * EDGE || i < EDGE || i >= n - EDGE) visit(d + 1, at * n + i, use)
  }
  visit(0, 0, (i) => shown.push(data[i]))
  const format = formatter(shown, x.dtype)
  const width = Math.max(0, ...shown.map((v) => format(v).length))
  const build = (d: number, at: number, indent: string): string => {
    if (d === x.ndim) return format(data[at]).padStart(width)
    const n = x.shape[d]
    const parts: string[] = []
    for (let i = 0; i < n; i++) {
      if (summarise && n > 2 * EDGE && i === EDGE) {
        parts.push('...')
        i = n - EDGE
      }
      parts.push(build(d + 1, at * n + i, `${indent} `))
    }
    const last = d === x.ndim - 1
    return `[${parts.join(last ? ', ' : `,${'\n'.repeat(x.ndim - 1 - d)}${indent} `)}]`
  }
  const head = 'tensor('
  const tail = [
    x.size === 0 || summarise ? `, shape=[${x.shape.join(', ')}]` : '',
    x.dtype === 'float32' ? '' : `, dtype=${x.dtype}`,
  ]
  return `${head}${build(0, 0, ' '.repeat(head.length))}${tail.join('')})`
}

/** One form for all values shown: integers with a bare point, fixed decimals, or exponents where sizes differ much. */
function formatter(values: readonly number[], dtype: Tensor['dtype']): (v: number) => string {
  if (dtype === 'bool') return (v) => (v ? 'true' : 'false')
  if (dtype === 'int32' || dtype === 'uint8') return String
  const name = (v: number): string => (Number.isNaN(v) ? 'nan' : v > 0 ? 'inf' : '-inf')
  const finite = values.filter(Number.isFinite)
  const sizes = finite.filter((v) => v !== 0).map(Math.abs)
  const largest = Math.max(0, ...sizes)
  const smallest = Math.min(Number.POSITIVE_INFINITY, ...sizes)
  if (sizes.length > 0 && (largest >= 1e8 || smallest < 1e-4 || largest / smallest > 1e3 * 1e3)) {
    return (v) => (Number.isFinite(v) ? v.toExponential(DIGITS) : name(v))
  }
  if (finite.every(Number.isInteger)) return (v) => (Number.isFinite(v) ? `${Object.is(v, -0) ? '-0' : v}.` : name(v))
  return (v) => (Number.isFinite(v) ? v.toFixed(DIGITS) : name(v))
}
