// Calls that must be rejected.

import { grad } from '@x/autograd'
import { type Tensor, tensor } from '@x/tensor'
import { binary } from './elementwise.ts'
import { indexing } from './indexing.ts'
import { layers } from './layers.ts'
import { losses } from './losses.ts'
import { products } from './products.ts'
import { reduce } from './reduce.ts'
import { shape } from './shape.ts'
import type { Table } from './table.ts'

export const errors: Table = {
  ...binary,
  ...reduce,
  ...shape,
  ...products,
  ...indexing,
  ...layers,
  ...losses,
  'Tensor.backward': ({ input }) => grad(() => input, [input as Tensor])[0],
  'requires_grad on int': ({ input }) => grad(() => input.sum(), [input as Tensor])[0],
  'Tensor.item': ({ input }) => tensor(input.item()),
}
