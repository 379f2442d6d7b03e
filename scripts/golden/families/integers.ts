// Integer arithmetic, casts, and the table of promotions.
import {
  argmax,
  type DType,
  exp,
  ones,
  prod,
  promoteTypes,
  resultType,
  sigmoid,
  slice,
  sqrt,
  sum,
  type Tensor,
  tensor,
  zeros,
} from '@x/tensor'
import { toBytes } from '@x/tensor/op'
import { Mismatch } from '../compare.ts'
import { type Case, DTYPES, valuesOf } from '../read.ts'
import { binary, unary } from './elementwise.ts'
import { reduce } from './reduce.ts'
import type { Op, Table } from './table.ts'

function checkPromotions({ rest }: Case): void {
  for (const [a, b, wanted] of rest.table as [DType, DType, DType][]) {
    const got = promoteTypes(a, b)
    if (got !== wanted) throw new Mismatch(`${a} and ${b} promote to ${got}, not ${wanted}`)
  }
}

/** PyTorch's integers are int64 where nothing says otherwise, the library's int32. */
const ours = (dtype: string, isDefault: boolean): string => (isDefault && dtype === 'int64' ? 'int32' : dtype)

function checkResultTypes(c: Case): void {
  const numbers: Readonly<Record<string, number>> = { int: 1, float: 0.5 }
  for (const [a, b, wanted] of c.rest.table as [DType, string, DType][]) {
    if (b === 'bool' && c.id.includes('scalar')) continue // JavaScript's booleans are no operands
    const other = b in numbers ? numbers[b] : zeros([], { dtype: b as DType })
    const got = resultType(zeros([1], { dtype: a }), other)
    if (got !== ours(wanted, b === 'int' && a === 'bool'))
      throw new Mismatch(`${a} and ${b} meet in ${got}, not ${wanted}`)
  }
}

function checkResults({ rest }: Case): void {
  const ops: Readonly<Record<string, (x: Tensor) => Tensor>> = { sum, prod, sqrt, exp, sigmoid, argmax }
  for (const [op, from, wanted] of rest.table as [string, DType, DType][]) {
    const { dtype } = ops[op](ones([3], { dtype: from }))
    const isDefault = op === 'argmax' || from !== 'int64'
    if (dtype !== ours(wanted, isDefault)) throw new Mismatch(`${op} of ${from} is ${dtype}, not ${wanted}`)
  }
}

/** The bits of a result with 16 of them, whose NaN may be any. */
const bitsAs =
  (dtype: DType): Op =>
  ({ input }, _, { outputs }) => {
    const halves = new Uint16Array(toBytes(input.cast(dtype)).buffer)
    const wanted = valuesOf(outputs[0])
    const values = halves.map((bits, i) => (Number.isNaN(input.at(i).item()) ? Number(wanted[i]) : bits))
    return tensor(Int32Array.from(values), { shape: input.shape })
  }

export const integers: Table = {
  ...unary,
  ...binary,
  ...reduce,
  'torch.prod': ({ input }, { note }) => (note === 'prod of first 5' ? input.at(slice(0, 5)) : input).prod(),
  'Tensor.to': ({ input, x = input }, { dtype, from: _ }) => x.cast(DTYPES[dtype]),
  // PyTorch has uint8 for uint8 here, the library bool.
  'torch.any': ({ input }, _, { outputs }) => input.any().cast(DTYPES[outputs[0].dtype]),
  'torch.all': ({ input }, _, { outputs }) => input.all().cast(DTYPES[outputs[0].dtype]),
  'torch.promote_types': { check: checkPromotions },
  'torch.result_type': { check: checkResultTypes },
  'result dtypes of ops on int64/bool/uint8 inputs': { check: checkResults },
  'float32->float16 (round half even)': bitsAs('float16'),
  'float32->bfloat16 (round half even)': bitsAs('bfloat16'),
}
