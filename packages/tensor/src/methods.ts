// The fluent form of the ops: x.add(y) is add(x, y). Importing this file installs them on Tensor.
import type { DType } from './dtype.ts'
import type * as binary from './ops/elementwise/binary.ts'
import {
  add,
  eq,
  ge,
  gt,
  le,
  logicalAnd,
  logicalOr,
  logicalXor,
  lt,
  maximum,
  minimum,
  mul,
  ne,
  sub,
  where,
} from './ops/elementwise/binary.ts'
import { bitwiseAnd, bitwiseNot, bitwiseOr, bitwiseXor } from './ops/elementwise/bitwise.ts'
import { cast } from './ops/elementwise/cast.ts'
import { type Bound, clamp } from './ops/elementwise/clamp.ts'
import { type DivOptions, div, floorDivide, fmod, pow, remainder } from './ops/elementwise/division.ts'
import type * as unary from './ops/elementwise/unary.ts'
import {
  abs,
  ceil,
  cos,
  erf,
  exp,
  expm1,
  floor,
  gelu,
  geluTanh,
  log,
  log1p,
  logicalNot,
  neg,
  reciprocal,
  relu,
  round,
  rsqrt,
  sigmoid,
  sign,
  sin,
  sqrt,
  square,
  tanh,
  trunc,
} from './ops/elementwise/unary.ts'
import { gather, take } from './ops/indexing/indexing.ts'
import { at, type Index } from './ops/indexing/slicing.ts'
import { matmul } from './ops/products/matmul.ts'
import type * as reduce from './ops/reductions/reduce.ts'
import {
  all,
  any,
  argmax,
  argmin,
  logsumexp,
  max,
  mean,
  min,
  prod,
  std,
  sum,
  variance,
} from './ops/reductions/reduce.ts'
import { logSoftmax, softmax } from './ops/reductions/softmax.ts'
import { flip } from './ops/shape/arrange.ts'
import { contiguous, copy } from './ops/shape/contiguous.ts'
import { type PadOptions, type PadWidths, pad } from './ops/shape/pad.ts'
import { chunk, split, unbind } from './ops/shape/split.ts'
import { expand, flatten, permute, ravel, reshape, squeeze, transpose, unsqueeze } from './ops/shape/view.ts'
import { display, print } from './print.ts'
import type { TensorLike } from './record.ts'
import type { Shape } from './shape.ts'
import { type NestedArray, Tensor } from './tensor.ts'

type UnaryMethods = { readonly [N in Exclude<keyof typeof unary, 'round'> | 'bitwiseNot']: () => Tensor }
type Pairs = Exclude<keyof typeof binary, 'where'>
type MorePairs = 'floorDivide' | 'remainder' | 'fmod' | 'pow' | 'bitwiseAnd' | 'bitwiseOr' | 'bitwiseXor'
type BinaryMethods = { readonly [N in Pairs | MorePairs]: (b: TensorLike) => Tensor }
type Reduce = (axis?: number | readonly number[] | null, options?: reduce.ReduceOptions) => Tensor
type ReduceMethods = { readonly [N in 'sum' | 'mean' | 'prod' | 'max' | 'min' | 'any' | 'all' | 'logsumexp']: Reduce }
type Position = (axis?: number | null, options?: reduce.ReduceOptions) => Tensor

/** The methods of a tensor. Each is documented where the function of its name is. */
export interface TensorMethods extends UnaryMethods, BinaryMethods, ReduceMethods {
  div(b: TensorLike, options?: DivOptions): Tensor
  round(options?: { decimals?: number }): Tensor
  clamp(min: Bound, max?: Bound): Tensor
  argmax: Position
  argmin: Position
  variance(axis?: number | readonly number[] | null, options?: reduce.VarianceOptions): Tensor
  std(axis?: number | readonly number[] | null, options?: reduce.VarianceOptions): Tensor
  softmax(axis?: number): Tensor
  logSoftmax(axis?: number): Tensor
  matmul(b: Tensor): Tensor
  /** This tensor as a mask: `a` where it is nonzero, `b` elsewhere. */
  where(a: TensorLike, b: TensorLike): Tensor
  cast(dtype: DType): Tensor
  copy(): Tensor
  contiguous(): Tensor
  reshape(shape: Shape): Tensor
  flatten(start?: number, end?: number): Tensor
  ravel(): Tensor
  flip(axis?: number | readonly number[] | null): Tensor
  split(size: number | readonly number[], axis?: number): Tensor[]
  chunk(count: number, axis?: number): Tensor[]
  unbind(axis?: number): Tensor[]
  squeeze(axis?: number | readonly number[]): Tensor
  unsqueeze(axis: number): Tensor
  permute(axes: readonly number[]): Tensor
  transpose(a?: number, b?: number): Tensor
  expand(shape: Shape): Tensor
  at(...index: readonly Index[]): Tensor
  pad(widths: PadWidths, options?: PadOptions | number): Tensor
  take(index: Tensor, axis?: number | null): Tensor
  gather(index: Tensor, axis: number): Tensor
  /** The matrix transposed: the last two axes exchanged. */
  readonly mT: Tensor
  /** All axes in the reverse order. */
  readonly T: Tensor
  /** The values as text, laid out as NumPy prints arrays; see `setPrintOptions`. */
  toString(): string
  /** Dtype, shape and nested values, for JSON. */
  toJSON(): { dtype: DType; shape: Shape; values: NestedArray }
  [Symbol.iterator](): IterableIterator<Tensor>
}

/** Functions that know their names, and others. */
const named = [
  abs,
  cos,
  erf,
  exp,
  expm1,
  log,
  log1p,
  logicalNot,
  neg,
  reciprocal,
  relu,
  rsqrt,
  sigmoid,
  sign,
  sin,
  sqrt,
  square,
  tanh,
  gelu,
  geluTanh,
  add,
  eq,
  ge,
  gt,
  le,
  logicalAnd,
  logicalOr,
  logicalXor,
  lt,
  maximum,
  minimum,
  mul,
  ne,
  sub,
  bitwiseAnd,
  bitwiseOr,
  bitwiseXor,
  floorDivide,
  remainder,
  fmod,
  all,
  any,
  max,
  mean,
  min,
  prod,
  sum,
  logsumexp,
]
const functions: Record<string, (x: Tensor, a: never, b: never) => unknown> = {
  ...Object.fromEntries(named.map((f) => [f.name, f])),
  ceil,
  floor,
  round,
  trunc,
  where,
  bitwiseNot,
  clamp,
  div,
  pow,
  argmax,
  argmin,
  std,
  variance,
  expand,
  flatten,
  permute,
  ravel,
  reshape,
  squeeze,
  transpose,
  unsqueeze,
  softmax,
  logSoftmax,
  matmul,
  cast,
  copy,
  contiguous,
  pad,
  take,
  gather,
  flip,
  split,
  chunk,
  unbind,
}
const methods: Record<PropertyKey, unknown> & ThisType<Tensor> = {
  at(...index: readonly Index[]) {
    return at(this, ...index)
  },
  get mT() {
    return transpose(this)
  },
  get T() {
    return permute(this, [...this.shape.keys()].reverse())
  },
  toString() {
    return print(this)
  },
  [Symbol.for('nodejs.util.inspect.custom')]() {
    return print(this)
  },
  [Symbol.for('Deno.customInspect')]() {
    return print(this)
  },
  [Symbol.for('Jupyter.display')]() {
    return display(this)
  },
  *[Symbol.iterator]() {
    if (this.ndim === 0) throw new TypeError('a scalar has no elements to iterate over; item() gives its value')
    for (let i = 0; i < this.shape[0]; i++) yield at(this, i)
  },
  toJSON() {
    return { dtype: this.dtype, shape: this.shape, values: this.toArray() }
  },
  [Symbol.toPrimitive](hint: string) {
    if (hint !== 'number') return this.toString()
    throw new TypeError('tensors have no operators: write a.add(b), a.mul(2), a.lt(b)')
  },
}
for (const [name, f] of Object.entries(functions)) {
  // Two arguments beside the tensor are the most; naming them keeps calls free of argument arrays.
  methods[name] = function (this: Tensor, a: never, b: never) {
    return f(this, a, b)
  }
}
// Not among what `for … in` lists of a tensor.
for (const name of Reflect.ownKeys(methods)) Object.defineProperty(methods, name, { enumerable: false })
Object.setPrototypeOf(Tensor.prototype, methods)
