// Picking elements, and putting them.
import * as x from '@x/tensor'
import { indexWith } from '../views.ts'
import type { Args, Inputs, Table } from './table.ts'

/**
 * PyTorch takes positions first, and then what tensors pick; in the library, as in NumPy, a position beside index tensors
 * is one of them. So an index with both is two: of a view, and of what is picked from it.
 */
function inTwoSteps(index: readonly x.Index[]): readonly (readonly x.Index[])[] {
  if (!index.some((i) => i instanceof x.Tensor) || !index.some((i) => typeof i === 'number')) return [index]
  const axesOf = (i: x.Tensor): x.Index[] => Array.from({ length: i.dtype === 'bool' ? i.ndim : 1 }, () => x.slice())
  return [
    index.flatMap((i) => (i instanceof x.Tensor ? axesOf(i) : [i])),
    index.filter((i) => typeof i !== 'number').map((i) => (i instanceof x.Tensor || i === '...' ? i : x.slice())),
  ]
}

function put(inputs: Inputs, { index }: Args, accumulate = false): x.Tensor {
  const { input, values } = inputs
  const [first, second] = inTwoSteps(indexWith(index, inputs))
  if (!second) return x.indexPut(input, first, values, { accumulate })
  return x.indexPut(input, first, x.indexPut(input.at(...first), second, values, { accumulate }))
}

export const indexing: Table = {
  'torch.gather': ({ input, index }, { dim }) => input.gather(index, dim),
  'torch.take_along_dim': ({ input, indices }, { dim = null }) =>
    dim === null ? x.takeAlongAxis(input.ravel(), indices.ravel(), 0) : x.takeAlongAxis(input, indices, dim),
  'torch.index_select': ({ input, index }, { dim }) => x.indexSelect(input, index, dim),
  'torch.take': ({ input, index }) => input.take(index, null),
  'torch.scatter': ({ input, index, src }, { dim, value, reduce }) =>
    reduce
      ? x.scatterReduce(input, index, src ?? value, { axis: dim, reduce: reduce === 'add' ? 'sum' : 'prod' })
      : x.scatter(input, index, src ?? value, { axis: dim }),
  'torch.scatter_add': ({ input, index, src }, { dim }) => x.scatterAdd(input, index, src, { axis: dim }),
  'torch.scatter_reduce': ({ input, index, src }, { dim, reduce, include_self: includeSelf }) =>
    x.scatterReduce(input, index, src, { axis: dim, reduce, includeSelf }),
  'torch.index_add': ({ input, index, source }, { dim, alpha = 1 }) =>
    x.indexAdd(input, index, source, { axis: dim, alpha }),
  'torch.index_copy': ({ input, index, source }, { dim }) => x.indexCopy(input, index, source, { axis: dim }),
  'torch.index_fill': ({ input, index, value }, args) =>
    x.indexFill(input, index, value ?? args.value, { axis: args.dim }),
  getitem: (inputs, { index }) =>
    inTwoSteps(indexWith(index, inputs)).reduce((view, step) => view.at(...step), inputs.input),
  'numpy.getitem': (inputs, { index }) => inputs.input.at(...indexWith(index, inputs)),
  'torch.masked_fill': ({ input, mask }, { value }) => mask.where(value, input),
  setitem: (inputs, args) => put(inputs, args),
  'setitem-accumulate': (inputs, args) => put(inputs, args, true),
}
