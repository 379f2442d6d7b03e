// The public API of @x/tensor.
import './methods.ts'

export { backendName, deterministic, setBackend, useWasm } from './backend/backend.ts'
export type { KernelTable } from './backend/kernels.ts'
export { type CompileArgument, type Compiled, compile } from './compile.ts'
export {
  type ArangeOptions,
  arange,
  type DTypeOption,
  empty,
  emptyLike,
  full,
  fullLike,
  type LinspaceOptions,
  linspace,
  ones,
  onesLike,
  type TensorOptions,
  tensor,
  type Values,
  zeros,
  zerosLike,
} from './create.ts'
export { type DType, promoteTypes, type TypedArray } from './dtype.ts'
export { canCast, type FloatInfo, finfo, type IntegerInfo, iinfo, isdtype } from './dtypeInfo.ts'
export { DisposedError, DTypeError, FormatError, InPlaceError, OutOfMemoryError, ShapeError } from './errors.ts'
export { setMemoryLimit } from './memory/pressure.ts'
export { dispose, keep, tidy } from './memory/scope.ts'
export { type MemoryStats, memoryStats } from './memory/storage.ts'
// The array API standard's names where ours are PyTorch's shorter ones: see docs/array-api.md.
export {
  add,
  type Binary,
  eq,
  ge,
  ge as greaterEqual,
  gt,
  gt as greater,
  le,
  le as lessEqual,
  logicalAnd,
  logicalOr,
  logicalXor,
  lt,
  lt as less,
  maximum,
  minimum,
  mul,
  mul as multiply,
  ne,
  ne as notEqual,
  sub,
  sub as subtract,
  where,
} from './ops/elementwise/binary.ts'
export {
  bitwiseAnd,
  bitwiseLeftShift,
  bitwiseNot,
  bitwiseNot as bitwiseInvert,
  bitwiseOr,
  bitwiseRightShift,
  bitwiseXor,
} from './ops/elementwise/bitwise.ts'
export { cast, cast as astype } from './ops/elementwise/cast.ts'
export { type Bound, clamp, clamp as clip } from './ops/elementwise/clamp.ts'
export { type DivOptions, div, div as divide, floorDivide, fmod, pow, remainder } from './ops/elementwise/division.ts'
export {
  acos,
  acosh,
  asin,
  asinh,
  atan,
  atanh,
  cosh,
  deg2rad,
  exp2,
  log2,
  log10,
  rad2deg,
  sinh,
  tan,
} from './ops/elementwise/elementary.ts'
export {
  atan2,
  copysign,
  fmax,
  fmin,
  heaviside,
  hypot,
  logaddexp,
  logaddexp2,
  nextafter,
  xlogy,
} from './ops/elementwise/elementaryPairs.ts'
export {
  addcdiv,
  addcmul,
  allclose,
  equal,
  frac,
  type IscloseOptions,
  isclose,
  isfinite,
  isinf,
  isnan,
  isneginf,
  isposinf,
  lerp,
  type NanToNumOptions,
  nanToNum,
  positive,
  type ScaleOptions,
  signbit,
} from './ops/elementwise/predicates.ts'
export { resultType } from './ops/elementwise/rules.ts'
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
  neg as negative,
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
  type Unary,
} from './ops/elementwise/unary.ts'
export { gather, indexSelect, take, takeAlongAxis } from './ops/indexing/indexing.ts'
export { argwhere, flatnonzero, maskedFill, maskedScatter, maskedSelect, nonzero } from './ops/indexing/masked.ts'
export { type Indices, indexPut, type PutOptions, set } from './ops/indexing/put.ts'
export {
  type IndexAddOptions,
  indexAdd,
  indexCopy,
  indexFill,
  putAlongAxis,
  type ScatterOptions,
  type ScatterReduceOptions,
  scatter,
  scatterAdd,
  scatterReduce,
} from './ops/indexing/scatter.ts'
export { at, type Index, type IndexArray } from './ops/indexing/slicing.ts'
export { Slice, slice } from './ops/indexing/window.ts'
export { matmul } from './ops/products/matmul.ts'
export { dot, inner, kron, outer, tensordot, vdot, vecdot } from './ops/products/products.ts'
export {
  type Cumulative,
  type CumulativeOptions,
  cummax,
  cummin,
  cumprod,
  cumsum,
  logcumsumexp,
  type RunningExtreme,
} from './ops/reductions/cumulative.ts'
export { type DiffOptions, diff, trapezoid } from './ops/reductions/diff.ts'
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
} from './ops/reductions/reduce.ts'
export { type Along, logSoftmax, softmax } from './ops/reductions/softmax.ts'
export { aminmax, countNonzero, median, nanmedian, norm, vectorNorm } from './ops/reductions/statistics.ts'
export {
  atleast1d,
  atleast2d,
  atleast3d,
  broadcastArrays,
  broadcastShapes,
  broadcastTensors,
  broadcastTo,
  expandDims,
  flip,
  fliplr,
  flipud,
  matrixTranspose,
  moveaxis,
  movedim,
  permuteDims,
  rot90,
  swapaxes,
  unflatten,
  unfold,
} from './ops/shape/arrange.ts'
export { columnStack, concat, dstack, hstack, stack, vstack } from './ops/shape/concat.ts'
export { contiguous, copy } from './ops/shape/contiguous.ts'
export {
  type DiagonalOptions,
  diag,
  diagEmbed,
  diagflat,
  diagonal,
  type EyeOptions,
  eye,
  tril,
  trilIndices,
  triu,
  triuIndices,
} from './ops/shape/diagonal.ts'
export {
  cartesianProd,
  geomspace,
  indices,
  type LogspaceOptions,
  logspace,
  type MeshgridOptions,
  meshgrid,
  oneHot,
  type VanderOptions,
  vander,
} from './ops/shape/grids.ts'
export { type PadMode, type PadOptions, type PadWidths, pad } from './ops/shape/pad.ts'
export { repeat, repeatInterleave, roll, tile } from './ops/shape/repeat.ts'
export { arraySplit, chunk, narrow, select, split, tensorSplit, unbind, unstack } from './ops/shape/split.ts'
export { expand, flatten, permute, ravel, reshape, squeeze, transpose, unsqueeze } from './ops/shape/view.ts'
export { bucketize, isin, type SearchOptions, searchsorted } from './ops/sorting/search.ts'
export {
  argsort,
  kthvalue,
  lexsort,
  maxWithIndices,
  medianWithIndices,
  minWithIndices,
  msort,
  nanmedianWithIndices,
  type Picked,
  type Picking,
  type SortOptions,
  sort,
  sortWithIndices,
  type TopkOptions,
  topk,
} from './ops/sorting/sort.ts'
export { type Unique, unique, uniqueAll, uniqueConsecutive } from './ops/sorting/unique.ts'
export { getPrintOptions, type PrintOptions, setPrintOptions } from './print.ts'
export { defaultGenerator, Generator, manualSeed, normal, type RandomOptions, rand, randn, uniform } from './random.ts'
export type { TensorLike } from './record.ts'
export type { Shape } from './shape.ts'
export { fromStrided, type Strided, toStrided } from './strided.ts'
export { type NestedArray, Tensor } from './tensor.ts'
