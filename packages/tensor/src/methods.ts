// The fluent form of the ops: x.add(y) is add(x, y). Importing this file installs them on Tensor.
import type { DType } from './dtype.ts'
import * as binary from './ops/binary.ts'
import { cast } from './ops/cast.ts'
import { contiguous, copy } from './ops/contiguous.ts'
import { gather, take } from './ops/indexing.ts'
import { matmul } from './ops/matmul.ts'
import * as reduce from './ops/reduce.ts'
import { type Along, logSoftmax, softmax } from './ops/softmax.ts'
import * as unary from './ops/unary.ts'
import * as view from './ops/view.ts'
import { print } from './print.ts'
import type { TensorLike } from './record.ts'
import type { Shape } from './shape.ts'
import { Tensor } from './tensor.ts'

const unaryNames = [
  'neg',
  'abs',
  'sign',
  'square',
  'sqrt',
  'rsqrt',
  'reciprocal',
  'exp',
  'log',
  'log1p',
  'expm1',
  'sin',
  'cos',
  'tanh',
  'sigmoid',
  'erf',
  'relu',
  'gelu',
  'geluTanh',
  'floor',
  'ceil',
  'round',
  'logicalNot',
] as const

const binaryNames = [
  'add',
  'sub',
  'mul',
  'div',
  'pow',
  'maximum',
  'minimum',
  'eq',
  'ne',
  'lt',
  'le',
  'gt',
  'ge',
  'logicalAnd',
  'logicalOr',
  'logicalXor',
] as const

type UnaryMethods = { readonly [N in (typeof unaryNames)[number]]: () => Tensor }
type BinaryMethods = { readonly [N in (typeof binaryNames)[number]]: (b: TensorLike) => Tensor }
type Reduce = (axis?: number | readonly number[] | null, options?: reduce.ReduceOptions) => Tensor
type ReduceMethods = { readonly [N in 'sum' | 'mean' | 'prod' | 'max' | 'min' | 'any' | 'all' | 'logsumexp']: Reduce }
type Position = (axis?: number | null, options?: reduce.ReduceOptions) => Tensor

/** The methods of a tensor. Each is documented where the function of its name is. */
export interface TensorMethods extends UnaryMethods, BinaryMethods, ReduceMethods {
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
  squeeze(axis?: number | readonly number[]): Tensor
  unsqueeze(axis: number): Tensor
  permute(axes: readonly number[]): Tensor
  transpose(a?: number, b?: number): Tensor
  expand(shape: Shape): Tensor
  at(...index: readonly view.Index[]): Tensor
  pad(widths: readonly (readonly [number, number])[], value?: number): Tensor
  take(index: Tensor, axis?: number): Tensor
  gather(index: Tensor, axis: number): Tensor
  /** The matrix transposed: the last two axes exchanged. */
  readonly mT: Tensor
  toString(): string
  [Symbol.iterator](): IterableIterator<Tensor>
}

type AnyFunction = (x: Tensor, ...rest: never[]) => unknown

function install(name: PropertyKey, value: (this: Tensor, ...args: never[]) => unknown): void {
  Object.defineProperty(Tensor.prototype, name, { value, configurable: true, writable: true })
}

// One closure per arity keeps calls free of argument arrays.
for (const name of unaryNames) {
  const f = unary[name]
  install(name, function () {
    return f(this)
  })
}
for (const name of binaryNames) {
  const f = binary[name]
  install(name, function (b: TensorLike) {
    return f(this, b)
  })
}
const upToTwo: Record<string, AnyFunction> = {
  sum: reduce.sum,
  mean: reduce.mean,
  prod: reduce.prod,
  max: reduce.max,
  min: reduce.min,
  any: reduce.any,
  all: reduce.all,
  argmax: reduce.argmax,
  argmin: reduce.argmin,
  variance: reduce.variance,
  std: reduce.std,
  logsumexp: reduce.logsumexp,
  softmax: softmax satisfies Along,
  logSoftmax,
  matmul,
  where: binary.where,
  cast,
  copy,
  contiguous,
  reshape: view.reshape,
  flatten: view.flatten,
  squeeze: view.squeeze,
  unsqueeze: view.unsqueeze,
  permute: view.permute,
  transpose: view.transpose,
  expand: view.expand,
  pad: view.pad,
  take,
  gather,
}
for (const [name, f] of Object.entries(upToTwo)) {
  install(name, function (a: never, b: never) {
    return f(this, a, b)
  })
}
install('at', function (...index: readonly view.Index[]) {
  return view.at(this, ...index)
})
install('toString', function () {
  return print(this)
})
install(Symbol.for('nodejs.util.inspect.custom'), function () {
  return print(this)
})
install(Symbol.iterator, function* () {
  for (let i = 0; i < (this.shape[0] ?? 0); i++) yield view.at(this, i)
})
Object.defineProperty(Tensor.prototype, 'mT', {
  configurable: true,
  get(this: Tensor) {
    return view.transpose(this)
  },
})
