// cast_S_D(x, y, begin, end): y[i] = x[i] as D. Floats go to integers toward zero, saturating to int32 (NaN to 0),
// to uint8 as the low byte of that; cast_S_bool is x ≠ 0, true for NaN.
import type { KernelFunction } from '../backend/kernels.ts'
import { heap } from '../memory/heap.ts'
import { log2Bytes, type Twins } from './family.ts'

const types = ['f32', 'f64', 'i32', 'u8'] as const
type Type = (typeof types)[number]

/** Conversions that are those of typed arrays, among them rounding to float32 and wrapping to uint8. */
function convert(from: Type, to: Type): KernelFunction {
  const xShift = log2Bytes[from]
  const yShift = log2Bytes[to]
  return (x, y, begin, end) => {
    x >>>= xShift
    heap[to].set(heap[from].subarray(x + begin, x + end), (y >>> yShift) + begin)
  }
}

function truncate(from: 'f32' | 'f64', to: 'i32' | 'u8'): KernelFunction {
  const xShift = log2Bytes[from]
  const yShift = log2Bytes[to]
  return (x, y, begin, end) => {
    const source = heap[from]
    const target = heap[to]
    x >>>= xShift
    y >>>= yShift
    for (let i = begin; i < end; i++) {
      const v = source[x + i]
      target[y + i] = v > 2147483647 ? 2147483647 : v < -2147483648 ? -2147483648 : v
    }
  }
}

function toBool(from: Type): KernelFunction {
  const shift = log2Bytes[from]
  return (x, y, begin, end) => {
    const source = heap[from]
    const { u8 } = heap
    x >>>= shift
    y >>>= 0
    for (let i = begin; i < end; i++) u8[y + i] = Number(source[x + i] !== 0)
  }
}

export const cast: Twins = {}
for (const from of types) {
  cast[`cast_${from}_bool`] = toBool(from)
  for (const to of types) {
    if (from === to) continue
    const narrows = (from === 'f32' || from === 'f64') && (to === 'i32' || to === 'u8')
    cast[`cast_${from}_${to}`] = narrows ? truncate(from, to) : convert(from, to)
  }
}
