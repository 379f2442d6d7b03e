// Elementwise ops: of one tensor, of two.
import { pow, stack, type Tensor, where } from '@x/tensor'
import type { Args, Inputs, Table } from './table.ts'

/** The second operand, which may be a number among the arguments. */
const other = ({ other }: Inputs, args: Args): Tensor | number => other ?? args.other

export const unary: Table = {
  'torch.abs': ({ input }) => input.abs(),
  'torch.neg': ({ input }) => input.neg(),
  'torch.sign': ({ input }) => input.sign(),
  'torch.ceil': ({ input }) => input.ceil(),
  'torch.floor': ({ input }) => input.floor(),
  'torch.round': ({ input }) => input.round(),
  'torch.exp': ({ input }) => input.exp(),
  'torch.expm1': ({ input }) => input.expm1(),
  'torch.log': ({ input }) => input.log(),
  'torch.log1p': ({ input }) => input.log1p(),
  'torch.sqrt': ({ input }) => input.sqrt(),
  'torch.rsqrt': ({ input }) => input.rsqrt(),
  'torch.square': ({ input }) => input.square(),
  'torch.reciprocal': ({ input }) => input.reciprocal(),
  'torch.sin': ({ input }) => input.sin(),
  'torch.cos': ({ input }) => input.cos(),
  'torch.tanh': ({ input }) => input.tanh(),
  'torch.sigmoid': ({ input }) => input.sigmoid(),
  'torch.erf': ({ input }) => input.erf(),
  'torch.relu': ({ input }) => input.relu(),
  'torch.logical_not': ({ input }) => input.logicalNot(),
}

export const binary: Table = {
  'torch.add': (inputs, args) => {
    const b = other(inputs, args)
    const { alpha = 1 } = args
    return inputs.input.add(alpha === 1 || typeof b === 'number' ? b : b.mul(alpha))
  },
  'torch.sub': (inputs, args) => inputs.input.sub(other(inputs, args)),
  'torch.rsub': (inputs, args) => (other(inputs, args) as Tensor).sub(inputs.input),
  'torch.mul': (inputs, args) => inputs.input.mul(other(inputs, args)),
  'torch.div': (inputs, args) => inputs.input.div(other(inputs, args)),
  'torch.true_divide': (inputs, args) => inputs.input.div(other(inputs, args)),
  'torch.pow': ({ input, exponent, other }, args) =>
    args.exponents
      ? stack(args.exponents.map((e: number) => input.pow(e)))
      : input.pow(exponent ?? other ?? args.exponent ?? args.other),
  'torch.pow(scalar,tensor)': ({ exponent }, { base }) => pow(base, exponent),
  'torch.maximum': (inputs, args) => inputs.input.maximum(other(inputs, args)),
  'torch.minimum': (inputs, args) => inputs.input.minimum(other(inputs, args)),
  'torch.eq': ({ input, other }) => input.eq(other),
  'torch.ne': ({ input, other }) => input.ne(other),
  'torch.lt': ({ input, other }) => input.lt(other),
  'torch.le': ({ input, other }) => input.le(other),
  'torch.gt': ({ input, other }) => input.gt(other),
  'torch.ge': ({ input, other }) => input.ge(other),
  'torch.logical_and': ({ input, other }) => input.logicalAnd(other),
  'torch.logical_or': ({ input, other }) => input.logicalOr(other),
  'torch.logical_xor': ({ input, other }) => input.logicalXor(other),
  'torch.where': ({ condition, input, other }) => where(condition, input, other),
  'torch.addcmul': ({ input, tensor1, tensor2 }, { value }) => input.add(tensor1.mul(tensor2).mul(value)),
  'torch.addcdiv': ({ input, tensor1, tensor2 }, { value }) => input.add(tensor1.div(tensor2).mul(value)),
}
