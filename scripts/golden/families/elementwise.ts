// Elementwise ops: of one tensor, of two.
import * as x from '@x/tensor'
import { div, floorDivide, fmod, pow, remainder, round, stack, type Tensor, where } from '@x/tensor'
import * as special from '@x/tensor/special'
import type { Args, Inputs, Op, Table } from './table.ts'

/** The second operand, which may be a number among the arguments. */
const other = ({ other }: Inputs, args: Args): Tensor | number => other ?? args.other

/** What torch.add and its like call α times an operand. */
const timesAlpha = (operand: Tensor | number, { alpha = 1 }: Args): Tensor | number =>
  alpha === 1 ? operand : typeof operand === 'number' ? alpha * operand : operand.mul(alpha)

const scaledOther = (inputs: Inputs, args: Args): Tensor | number => timesAlpha(other(inputs, args), args)

const one =
  (f: (x: Tensor) => Tensor): Op =>
  ({ input }) =>
    f(input)
const two =
  (f: (a: Tensor, b: Tensor | number) => Tensor): Op =>
  (inputs, args) =>
    f(inputs.input, other(inputs, args))

export const unary: Table = {
  'torch.abs': one(x.abs),
  'torch.neg': one(x.neg),
  'torch.sign': one(x.sign),
  'torch.ceil': one(x.ceil),
  'torch.floor': one(x.floor),
  'torch.trunc': one(x.trunc),
  'torch.frac': one(x.frac),
  'torch.exp': one(x.exp),
  'torch.exp2': one(x.exp2),
  'torch.expm1': one(x.expm1),
  'torch.log': one(x.log),
  'torch.log2': one(x.log2),
  'torch.log10': one(x.log10),
  'torch.log1p': one(x.log1p),
  'torch.sqrt': one(x.sqrt),
  'torch.rsqrt': one(x.rsqrt),
  'torch.square': one(x.square),
  'torch.reciprocal': one(x.reciprocal),
  'torch.sin': one(x.sin),
  'torch.cos': one(x.cos),
  'torch.tan': one(x.tan),
  'torch.asin': one(x.asin),
  'torch.acos': one(x.acos),
  'torch.atan': one(x.atan),
  'torch.sinh': one(x.sinh),
  'torch.cosh': one(x.cosh),
  'torch.tanh': one(x.tanh),
  'torch.asinh': one(x.asinh),
  'torch.acosh': one(x.acosh),
  'torch.atanh': one(x.atanh),
  'torch.sigmoid': one(x.sigmoid),
  'torch.erf': one(x.erf),
  'torch.erfc': one(special.erfc),
  'torch.erfinv': one(special.erfinv),
  'torch.lgamma': one(special.lgamma),
  'torch.digamma': one(special.digamma),
  'torch.logit': ({ input }, { eps }) => special.logit(input, { eps: eps ?? undefined }),
  'torch.sinc': one(special.sinc),
  'torch.deg2rad': one(x.deg2rad),
  'torch.rad2deg': one(x.rad2deg),
  'torch.relu': one(x.relu),
  'torch.positive': one(x.positive),
  'torch.isnan': one(x.isnan),
  'torch.isinf': one(x.isinf),
  'torch.isfinite': one(x.isfinite),
  'torch.isposinf': one(x.isposinf),
  'torch.isneginf': one(x.isneginf),
  'torch.signbit': one(x.signbit),
  'torch.logical_not': one(x.logicalNot),
  'torch.bitwise_not': one(x.bitwiseNot),
  'torch.round': ({ input }, { decimals }) => (decimals === undefined ? round(input) : round(input, { decimals })),
  'torch.nan_to_num': ({ input }, { nan, posinf, neginf }) => x.nanToNum(input, { nan, posinf, neginf }),
}

export const binary: Table = {
  'torch.add': (inputs, args) => x.add(inputs.input, scaledOther(inputs, args)),
  'torch.sub': (inputs, args) => x.sub(inputs.input, scaledOther(inputs, args)),
  'torch.rsub': (inputs, args) => x.sub(other(inputs, args), timesAlpha(inputs.input, args) as Tensor),
  'torch.mul': two(x.mul),
  'torch.true_divide': two((a, b) => div(a, b)),
  'torch.maximum': two(x.maximum),
  'torch.minimum': two(x.minimum),
  'torch.fmax': two(x.fmax),
  'torch.fmin': two(x.fmin),
  'torch.atan2': two(x.atan2),
  'torch.fmod': two(fmod),
  'torch.remainder': two(remainder),
  'torch.hypot': two(x.hypot),
  'torch.logaddexp': two(x.logaddexp),
  'torch.logaddexp2': two(x.logaddexp2),
  'torch.copysign': two(x.copysign),
  'torch.floor_divide': two(floorDivide),
  'torch.xlogy': two(x.xlogy),
  'torch.heaviside': two(x.heaviside),
  'torch.nextafter': two(x.nextafter),
  'torch.eq': two(x.eq),
  'torch.ne': two(x.ne),
  'torch.lt': two(x.lt),
  'torch.le': two(x.le),
  'torch.gt': two(x.gt),
  'torch.ge': two(x.ge),
  'torch.logical_and': two(x.logicalAnd),
  'torch.logical_or': two(x.logicalOr),
  'torch.logical_xor': two(x.logicalXor),
  'torch.bitwise_and': two(x.bitwiseAnd),
  'torch.bitwise_or': two(x.bitwiseOr),
  'torch.bitwise_xor': two(x.bitwiseXor),
  'torch.bitwise_left_shift': two(x.bitwiseLeftShift),
  'torch.bitwise_right_shift': two(x.bitwiseRightShift),
  'torch.div': (inputs, args) => {
    const { rounding_mode: roundingMode } = args
    return roundingMode === undefined
      ? div(inputs.input, other(inputs, args))
      : div(inputs.input, other(inputs, args), { roundingMode })
  },
  'torch.pow': ({ input, exponent, other }, args) =>
    args.exponents
      ? stack(args.exponents.map((e: number) => input.pow(e)))
      : input.pow(exponent ?? other ?? args.exponent ?? args.other),
  'torch.pow(scalar,tensor)': ({ exponent }, { base }) => pow(base, exponent),
  'torch.where': ({ condition, input, other }) => where(condition, input, other),
  'torch.clamp': ({ input, min, max }, args) => x.clamp(input, min ?? args.min, max ?? args.max),
  'torch.lerp': ({ input, end, weight }, args) => x.lerp(input, end, weight ?? args.weight),
  'torch.isclose': ({ input, other }, { rtol, atol, equal_nan: equalNan }) =>
    x.isclose(input, other, { rtol, atol, equalNan }),
  'torch.addcmul': ({ input, tensor1, tensor2 }, { value }) => x.addcmul(input, tensor1, tensor2, { value }),
  'torch.addcdiv': ({ input, tensor1, tensor2 }, { value }) => x.addcdiv(input, tensor1, tensor2, { value }),
}
