// Sorting, searching, counting, masks.
import * as x from '@x/tensor'
import { bincount, histc } from '@x/tensor/statistics'
import type { Op, Table } from './table.ts'

export const listOf = ({ values, indices }: x.Picked): x.Tensor[] => [values, indices]

/** The values, and what else was asked for. */
const unique =
  (all: (input: x.Tensor, axis?: number | null) => x.Unique): Op =>
  ({ input }, { dim, sorted = true, return_inverse: inverse, return_counts: counts }) => {
    if (!sorted) throw new Error('the library has unique elements in order only')
    const found = all(input, dim)
    return [found.values, ...(inverse ? [found.inverse] : []), ...(counts ? [found.counts] : [])]
  }

export const sorting: Table = {
  'torch.sort': ({ input }, { dim = -1, descending, stable }) =>
    listOf(x.sortWithIndices(input, dim, { descending, stable })),
  'torch.argsort': ({ input }, { dim = -1, descending, stable }) => x.argsort(input, dim, { descending, stable }),
  'torch.msort': ({ input }) => x.msort(input),
  'torch.topk': ({ input }, { k, dim = -1, largest, sorted }) => listOf(x.topk(input, k, dim, { largest, sorted })),
  'torch.kthvalue': ({ input }, { k, dim = -1, keepdim: keepdims }) => listOf(x.kthvalue(input, k, dim, { keepdims })),
  'torch.unique': unique(x.uniqueAll),
  'torch.unique_consecutive': unique(x.uniqueConsecutive),
  'torch.searchsorted': ({ sorted_sequence: sorted, input, sorter }, { right, side = right ? 'right' : 'left' }) =>
    x.searchsorted(sorted, input, { side, sorter }),
  'torch.bucketize': ({ boundaries, input }, { right }) => x.bucketize(input, boundaries, { right }),
  'torch.isin': ({ elements, test_elements: test }) => x.isin(elements, test),
  'torch.bincount': ({ input, weights }, { minlength }) => bincount(input, { weights, minlength }),
  'torch.histc': ({ input }, { bins, min, max }) => histc(input, { bins, min, max }),
  'torch.nonzero': ({ input }) => x.argwhere(input),
  'torch.masked_select': ({ input, mask }) => x.maskedSelect(input, mask),
  'torch.masked_fill': ({ input, mask }, { value }) => x.maskedFill(input, mask, value),
  'torch.masked_scatter': ({ input, mask, source }) => x.maskedScatter(input, mask, source),
}
