// Picking elements, and putting them.
import * as x from '@x/tensor'
import { indexWith } from '../views.ts'
import type { Table } from './table.ts'

export const indexing: Table = {
  'torch.gather': ({ input, index }, { dim }) => input.gather(index, dim),
  'torch.take_along_dim': ({ input, indices }, { dim }) => x.takeAlongAxis(input, indices, dim),
  'torch.index_select': ({ input, index }, { dim }) => x.indexSelect(input, index, dim),
  'torch.take': ({ input, index }) => input.take(index, null),
  'torch.scatter': ({ input, index, src }, { dim, value }) => x.scatter(input, index, src ?? value, { axis: dim }),
  'torch.scatter_add': ({ input, index, src }, { dim }) => x.scatterAdd(input, index, src, { axis: dim }),
  'torch.scatter_reduce': ({ input, index, src }, { dim, reduce, include_self: includeSelf }) =>
    x.scatterReduce(input, index, src, { axis: dim, reduce, includeSelf }),
  'torch.index_add': ({ input, index, source }, { dim, alpha = 1 }) =>
    x.indexAdd(input, index, source, { axis: dim, alpha }),
  'torch.index_copy': ({ input, index, source }, { dim }) => x.indexCopy(input, index, source, { axis: dim }),
  'torch.index_fill': ({ input, index }, { dim, value }) => x.indexFill(input, index, value, { axis: dim }),
  getitem: (inputs, { index }) => inputs.input.at(...indexWith(index, inputs)),
  'numpy.getitem': (inputs, { index }) => inputs.input.at(...indexWith(index, inputs)),
  'torch.masked_fill': ({ input, mask }, { value }) => mask.where(value, input),
  setitem: (inputs, { index }) => x.indexPut(inputs.input, indexWith(index, inputs), inputs.values),
  'setitem-accumulate': (inputs, { index }) =>
    x.indexPut(inputs.input, indexWith(index, inputs), inputs.values, { accumulate: true }),
}
