// Calls that must be rejected.

import { grad } from '@x/autograd'
import { MultiheadAttention } from '@x/nn'
import { set, type Tensor, tensor } from '@x/tensor'
import { binary } from './elementwise.ts'
import { indexing } from './indexing.ts'
import { layers } from './layers.ts'
import { linalg } from './linalg.ts'
import { losses } from './losses.ts'
import { products } from './products.ts'
import { reduce } from './reduce.ts'
import { shape } from './shape.ts'
import { sorting } from './sorting.ts'
import type { Table } from './table.ts'

export const errors: Table = {
  ...binary,
  ...reduce,
  ...shape,
  ...sorting,
  ...products,
  ...indexing,
  ...layers,
  ...losses,
  ...linalg,
  'Tensor.backward': ({ input }) => grad(() => input, [input as Tensor])[0],
  'requires_grad on int': ({ input }) => grad(() => input.sum(), [input as Tensor])[0],
  'Tensor.item': ({ input }) => tensor(input.item()),
  'nn.MultiheadAttention(embed 5, heads 2)': (_, { embed_dim, num_heads }) =>
    new MultiheadAttention(embed_dim, num_heads).parameters(),
  // There is no second walk to call: what the first one saved is freed with it, and using that is the error.
  'backward twice without retain_graph': ({ input }) => {
    let saved = input
    grad(() => {
      saved = input.square()
      return saved.square().sum()
    }, input)
    return saved.sum()
  },
  'in-place on leaf requiring grad': ({ input }) =>
    grad(() => {
      set(input, 0, 1)
      return input.sum()
    }, input),
  'in-place modifies tensor saved for backward': ({ input }) =>
    grad(() => {
      const y = input.add(1)
      const z = y.square()
      set(y, 0, 1)
      return z.sum()
    }, input),
}
