// Reductions and what else runs along an axis.

import type { Tensor } from '@x/tensor'
import * as x from '@x/tensor'
import { mode, nanmean, nanquantile, nansum, quantile } from '@x/tensor/statistics'
import { listOf, sorting } from './sorting.ts'
import type { Args, Context, Op, Table } from './table.ts'

const over =
  (reduction: x.Reduction): Op =>
  ({ input }, { dim, keepdim: keepdims }) =>
    reduction(input, dim, { keepdims })

/**
 * torch.amax and amin over axis 0 were in places recorded as a reduction of everything (`dim or ()`): the recorded
 * shape tells which.
 */
function extremeAxis(x: Tensor, { dim, keepdim }: Args, { outputs: [recorded] }: Context): Args['dim'] {
  if (dim !== 0 || !recorded) return dim
  const everything = keepdim ? x.shape.map(() => 1) : []
  const alongAxis = keepdim ? [1, ...x.shape.slice(1)] : x.shape.slice(1)
  return String(recorded.shape) === String(everything) && String(alongAxis) !== String(everything) ? null : 0
}

const extreme =
  (reduction: x.Reduction): Op =>
  ({ input }, args, context) =>
    reduction(input, extremeAxis(input, args, context), { keepdims: args.keepdim })

/** Of everything, or along an axis with the positions beside the values. */
const picking =
  (reduction: x.Reduction, along: x.Picking): Op =>
  ({ input }, { dim, keepdim: keepdims }) =>
    dim === null || dim === undefined ? reduction(input, null, { keepdims }) : listOf(along(input, dim, { keepdims }))

const running =
  (fold: x.RunningExtreme): Op =>
  ({ input }, { dim }) =>
    listOf(fold(input, dim))

const correctionOf = ({ unbiased = true, correction = unbiased ? 1 : 0 }: Args): number => correction

export const reduce: Table = {
  'torch.sum': over(x.sum),
  'torch.mean': over(x.mean),
  'torch.prod': over(x.prod),
  'torch.any': over(x.any),
  'torch.all': over(x.all),
  'torch.logsumexp': over(x.logsumexp),
  'torch.count_nonzero': over(x.countNonzero),
  'torch.nansum': over(nansum),
  'torch.nanmean': over(nanmean),
  'torch.amax': extreme(x.max),
  'torch.amin': extreme(x.min),
  'torch.max': picking(x.max, x.maxWithIndices),
  'torch.min': picking(x.min, x.minWithIndices),
  'torch.median': picking(x.median, x.medianWithIndices),
  'torch.nanmedian': picking(x.nanmedian, x.nanmedianWithIndices),
  'torch.mode': ({ input }, { dim = -1, keepdim: keepdims }) => listOf(mode(input, dim, { keepdims })),
  'torch.argmax': ({ input }, { dim, keepdim: keepdims }) => input.argmax(dim, { keepdims }),
  'torch.argmin': ({ input }, { dim, keepdim: keepdims }) => input.argmin(dim, { keepdims }),
  'torch.var': ({ input }, args) =>
    input.variance(args.dim, { keepdims: args.keepdim, correction: correctionOf(args) }),
  'torch.std': ({ input }, args) => input.std(args.dim, { keepdims: args.keepdim, correction: correctionOf(args) }),
  'torch.linalg.vector_norm': ({ input }, { ord, dim, keepdim: keepdims }) => x.norm(input, ord, dim, { keepdims }),
  'torch.quantile': ({ input }, { q, dim, keepdim: keepdims, interpolation: method }) =>
    quantile(input, q, dim, { keepdims, method }),
  'torch.nanquantile': ({ input }, { q, dim, keepdim: keepdims, interpolation: method }) =>
    nanquantile(input, q, dim, { keepdims, method }),
  'torch.cumsum': ({ input }, { dim }) => x.cumsum(input, dim),
  'torch.cumprod': ({ input }, { dim }) => x.cumprod(input, dim),
  'torch.logcumsumexp': ({ input }, { dim }) => x.logcumsumexp(input, dim),
  'torch.cummax': running(x.cummax),
  'torch.cummin': running(x.cummin),
  'torch.diff': ({ input, prepend, append }, { n, dim }) => x.diff(input, dim, { n, prepend, append }),
  'torch.sort': sorting['torch.sort'],
  'torch.softmax': ({ input }, { dim }) => input.softmax(dim),
  'torch.log_softmax': ({ input }, { dim }) => input.logSoftmax(dim),
}
