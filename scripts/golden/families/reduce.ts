// Reductions and what else runs along an axis.
import type { Tensor } from '@x/tensor'
import type { Args, Context, Op, Table } from './table.ts'

type Name = 'sum' | 'mean' | 'prod' | 'any' | 'all' | 'logsumexp'

const over =
  (name: Name): Op =>
  ({ input }, { dim, keepdim: keepdims }) =>
    input[name](dim, { keepdims })

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

/** torch.max and min: of everything, or along an axis with the positions beside the values. */
const extreme =
  (name: 'max' | 'min', position: 'argmax' | 'argmin'): Op =>
  ({ input }, { dim, keepdim: keepdims }) =>
    dim === null || dim === undefined
      ? input[name](null, { keepdims })
      : [input[name](dim, { keepdims }), input[position](dim, { keepdims })]

const correction = ({ unbiased = true }: Args): number => (unbiased ? 1 : 0)

export const reduce: Table = {
  'torch.sum': over('sum'),
  'torch.mean': over('mean'),
  'torch.prod': over('prod'),
  'torch.any': over('any'),
  'torch.all': over('all'),
  'torch.logsumexp': over('logsumexp'),
  'torch.amax': ({ input }, args, context) => input.max(extremeAxis(input, args, context), { keepdims: args.keepdim }),
  'torch.amin': ({ input }, args, context) => input.min(extremeAxis(input, args, context), { keepdims: args.keepdim }),
  'torch.max': extreme('max', 'argmax'),
  'torch.min': extreme('min', 'argmin'),
  'torch.argmax': ({ input }, { dim, keepdim: keepdims }) => input.argmax(dim, { keepdims }),
  'torch.argmin': ({ input }, { dim, keepdim: keepdims }) => input.argmin(dim, { keepdims }),
  'torch.var': ({ input }, args) => input.variance(args.dim, { keepdims: args.keepdim, correction: correction(args) }),
  'torch.std': ({ input }, args) => input.std(args.dim, { keepdims: args.keepdim, correction: correction(args) }),
  'torch.softmax': ({ input }, { dim }) => input.softmax(dim),
  'torch.log_softmax': ({ input }, { dim }) => input.logSoftmax(dim),
}
