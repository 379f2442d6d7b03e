// Picking elements.
import type { Tensor } from '@x/tensor'
import { basicIndex, type RecordedIndex } from '../views.ts'
import type { Inputs, Table } from './table.ts'

/** One tensor of positions among full slices is `take` along that axis; any other index is `at`. */
function indexed(x: Tensor, index: readonly RecordedIndex[], inputs: Inputs): Tensor {
  const axis = index.findIndex((i) => i !== null && typeof i === 'object' && 't' in i)
  const isFull = (i: RecordedIndex): boolean => JSON.stringify(i) === '{"slice":[null,null,null]}'
  if (axis >= 0 && index.every((i, k) => k === axis || isFull(i))) {
    return x.take(inputs[(index[axis] as { t: string }).t], axis)
  }
  return x.at(...basicIndex(index))
}

export const indexing: Table = {
  'torch.gather': ({ input, index }, { dim }) => input.gather(index, dim),
  'torch.take_along_dim': ({ input, indices }, { dim }) => input.gather(indices, dim),
  'torch.index_select': ({ input, index }, { dim }) => input.take(index, dim),
  'torch.take': ({ input, index }) => input.reshape([-1]).take(index),
  getitem: (inputs, { index }) => indexed(inputs.input, index, inputs),
  'numpy.getitem': ({ input }, { index }) => input.at(...basicIndex(index)),
  'torch.masked_fill': ({ input, mask }, { value }) => mask.where(value, input),
}
