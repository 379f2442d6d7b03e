// The fluent form of the ops: x.add(y) is add(x, y). Importing this file installs them on Tensor.
import type { DType } from './dtype.ts'
import * as binary from './ops/binary.ts'
import { cast } from './ops/cast.ts'
import { contiguous, copy } from './ops/contiguous.ts'
import { gather, take } from './ops/indexing.ts'
import { matmul } from './ops/matmul.ts'
import * as reduce from './ops/reduce.ts'
import { at, type Index, pad } from './ops/slicing.ts'
import { logSoftmax, softmax } from './ops/softmax.ts'
import * as unary from './ops/unary.ts'
import * as view from './ops/view.ts'
import { print } from './print.ts'
import type { TensorLike } from './record.ts'
import type { Shape } from './shape.ts'
import { Tensor } from './tensor.ts'

type UnaryMethods = { readonly [N in keyof typeof unary]: () => Tensor }
type BinaryMethods = { readonly [N in Exclude<keyof typeof binary, 'where'>]: (b: TensorLike) => Tensor }
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
  at(...index: readonly Index[]): Tensor
  pad(widths: readonly (readonly [number, number])[], value?: number): Tensor
  take(index: Tensor, axis?: number): Tensor
  gather(index: Tensor, axis: number): Tensor
  /** The matrix transposed: the last two axes exchanged. */
  readonly mT: Tensor
  toString(): string
  [Symbol.iterator](): IterableIterator<Tensor>
}

function install(name: PropertyKey, value: (this: Tensor, ...args: never[]) => unknown): void {
  Object.defineProperty(Tensor.prototype, name, { value, configurable: true, writable: true })
}

const functions: Record<string, (x: Tensor, a: never, b: never) => unknown> = {
  ...unary,
  ...binary,
  ...reduce,
  ...view,
  softmax,
  logSoftmax,
  matmul,
  cast,
  copy,
  contiguous,
  pad,
  take,
  gather,
}
for (const [name, f] of Object.entries(functions)) {
  // Two arguments beside the tensor are the most; naming them keeps calls free of argument arrays.
  install(name, function (a: never, b: never) {
    return f(this, a, b)
  })
}
install('at', function (...index: readonly Index[]) {
  return at(this, ...index)
})
install('toString', function () {
  return print(this)
})
install(Symbol.for('nodejs.util.inspect.custom'), function () {
  return print(this)
})
install(Symbol.iterator, function* () {
  for (let i = 0; i < (this.shape[0] ?? 0); i++) yield at(this, i)
})
Object.defineProperty(Tensor.prototype, 'mT', {
  configurable: true,
  get(this: Tensor) {
    return view.transpose(this)
  },
})
