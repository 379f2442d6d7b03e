// ggml's block formats, to the bit.
import { dequantizeGgml, quantizeGgml } from '@x/transformer'
import { Mismatch } from '../compare.ts'
import { type Case, valuesOf } from '../read.ts'
import type { Check, Table } from './table.ts'

/** The format that a case is of: the end of its id. */
const typeOf = ({ id }: Case): string => id.replace(/^.*\//, '')

/** Bits are compared, so that −0 is not 0. */
function same(what: string, got: ArrayLike<number>, wanted: ArrayLike<number | bigint>): void {
  if (got.length !== wanted.length) throw new Mismatch(`${what}: ${got.length} numbers, not ${wanted.length}`)
  for (let i = 0; i < got.length; i++) {
    if (!Object.is(got[i], wanted[i])) throw new Mismatch(`${what}, element ${i}: got ${got[i]}, want ${wanted[i]}`)
  }
}

const dequantizing: Check = {
  check: (c) => {
    const bytes = valuesOf(c.rest.quantized) as Uint8Array
    same('the numbers', dequantizeGgml(typeOf(c), bytes), valuesOf(c.rest.dequantized))
  },
}

export const quants: Table = {
  'ggml dequantize': dequantizing,
  'ggml quantize+dequantize': {
    check: (c, precision) => {
      const values = Float32Array.from(valuesOf(c.inputs.x) as Float32Array)
      same('the bytes', quantizeGgml(typeOf(c), values), valuesOf(c.rest.quantized))
      dequantizing.check(c, precision)
    },
  },
}
