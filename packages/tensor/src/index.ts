// The public API of @x/tensor.
import './methods.ts'

export { backendName, deterministic, setBackend, useWasm } from './backend/backend.ts'
export type { KernelTable } from './backend/kernels.ts'
export { setNumThreads, type ThreadsStatus, threadsStatus } from './backend/threads.ts'
export { type CompileArgument, type Compiled, compile } from './compile.ts'
export {
  arange,
  type DTypeOption,
  eye,
  full,
  linspace,
  ones,
  type TensorOptions,
  tensor,
  type Values,
  zeros,
} from './create.ts'
export { type DType, promoteTypes, type TypedArray } from './dtype.ts'
export { DisposedError, DTypeError, FormatError, OutOfMemoryError, ShapeError } from './errors.ts'
export { dispose, keep, tidy } from './memory/scope.ts'
export { type MemoryStats, memoryStats, setMemoryLimit } from './memory/storage.ts'
export {
  add,
  type Binary,
  div,
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
  pow,
  sub,
  where,
} from './ops/binary.ts'
export { cast } from './ops/cast.ts'
export { concat, stack } from './ops/concat.ts'
export { contiguous, copy } from './ops/contiguous.ts'
export { gather, take } from './ops/indexing.ts'
export { matmul } from './ops/matmul.ts'
export {
  type ArgReduction,
  all,
  any,
  argmax,
  argmin,
  logsumexp,
  max,
  mean,
  min,
  prod,
  type ReduceOptions,
  type Reduction,
  std,
  sum,
  type VarianceOptions,
  variance,
} from './ops/reduce.ts'
export { at, type Index, pad, Slice, slice } from './ops/slicing.ts'
export { type Along, logSoftmax, softmax } from './ops/softmax.ts'
export {
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
  type Unary,
} from './ops/unary.ts'
export { expand, flatten, permute, reshape, squeeze, transpose, unsqueeze } from './ops/view.ts'
export { defaultGenerator, Generator, manualSeed, normal, type RandomOptions, rand, randn, uniform } from './random.ts'
export type { TensorLike } from './record.ts'
export { loadSafetensors, type SafetensorsFile, saveSafetensors } from './safetensors.ts'
export type { Shape } from './shape.ts'
export { type NestedArray, Tensor } from './tensor.ts'
