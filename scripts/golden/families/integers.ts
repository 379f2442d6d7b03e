// Integer arithmetic, casts, and the table of promotions.
import { type DType, promoteTypes, slice } from '@x/tensor'
import { Mismatch } from '../compare.ts'
import type { Case } from '../read.ts'
import { binary } from './elementwise.ts'
import { reduce } from './reduce.ts'
import type { Table } from './table.ts'

const DTYPES: Readonly<Record<string, DType>> = {
  f32: 'float32',
  f64: 'float64',
  i64: 'int32',
  i32: 'int32',
  u8: 'uint8',
  bool: 'bool',
}

function checkPromotions({ rest }: Case): void {
  for (const [a, b, wanted] of rest.table as [DType, DType, DType][]) {
    const got = promoteTypes(a, b)
    if (got !== wanted) throw new Mismatch(`${a} and ${b} promote to ${got}, not ${wanted}`)
  }
}

export const integers: Table = {
  ...binary,
  ...reduce,
  'torch.prod': ({ input }, { note }) => (note === 'prod of first 5' ? input.at(slice(0, 5)) : input).prod(),
  'Tensor.to': ({ input, x = input }, { dtype, from: _ }) => x.cast(DTYPES[dtype] ?? dtype),
  'torch.promote_types': { check: checkPromotions },
}
