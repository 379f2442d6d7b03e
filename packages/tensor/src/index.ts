// The public API of @x/tensor.
import './methods.ts'

export { backendName, deterministic, setBackend, useWasm } from './backend/backend.ts'
export type { KernelTable } from './backend/kernels.ts'
export { setNumThreads, type ThreadsStatus, threadsStatus } from './backend/threads.ts'
export { type CompileArgument, type Compiled, compile } from './compile.ts'
export {
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
export { dispose, keep, tidy } from './memory/scope.ts'
export { type MemoryStats, memoryStats, setMemoryLimit } from './memory/storage.ts'
export {
  add,
  type Binary,
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
} from './ops/binary.ts'
export {
  bitwiseAnd,
  bitwiseLeftShift,
  bitwiseNot,
  bitwiseOr,
  bitwiseRightShift,
  bitwiseXor,
} from './ops/bitwise.ts'
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
} from './ops/arrange.ts'
export { cast } from './ops/cast.ts'
export { type Bound, clamp } from './ops/clamp.ts'
export { columnStack, concat, dstack, hstack, stack, vstack } from './ops/concat.ts'
export { contiguous, copy } from './ops/contiguous.ts'
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
} from './ops/diagonal.ts'
export { type DivOptions, div, floorDivide, fmod, pow, remainder } from './ops/division.ts'
export { einsum } from './ops/einsum.ts'
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
} from './ops/grids.ts'
export { gather, indexSelect, take, takeAlongAxis } from './ops/indexing.ts'
export { matmul } from './ops/matmul.ts'
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
} from './ops/predicates.ts'
export { dot, inner, kron, outer, tensordot, vdot, vecdot } from './ops/products.ts'
export {
  type Cumulative,
  type CumulativeOptions,
  cummax,
  cummin,
  cumprod,
  cumsum,
  logcumsumexp,
  type RunningExtreme,
} from './ops/cumulative.ts'
export { type DiffOptions, diff, trapezoid } from './ops/diff.ts'
export {
  type BincountOptions,
  bincount,
  type HistcOptions,
  type Histogram,
  type Histogram2d,
  type Histogram2dOptions,
  type HistogramOptions,
  histc,
  histogram,
  histogram2d,
} from './ops/histogram.ts'
export { argwhere, flatnonzero, maskedFill, maskedScatter, maskedSelect, nonzero } from './ops/masked.ts'
export {
  nancumprod,
  nancumsum,
  nanmax,
  nanmean,
  nanmin,
  nanprod,
  nanstd,
  nansum,
  nanvar,
} from './ops/nan.ts'
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
export { type PadMode, type PadOptions, type PadWidths, pad } from './ops/pad.ts'
export { type Indices, indexPut, type PutOptions, set } from './ops/put.ts'
export { repeat, repeatInterleave, roll, tile } from './ops/repeat.ts'
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
} from './ops/scatter.ts'
export { resultType } from './ops/rules.ts'
export { at, type Index, type IndexArray } from './ops/slicing.ts'
export { bucketize, isin, type SearchOptions, searchsorted } from './ops/search.ts'
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
} from './ops/sort.ts'
export {
  type AverageOptions,
  aminmax,
  average,
  countNonzero,
  median,
  mode,
  nanmedian,
  nanquantile,
  norm,
  type Quantile,
  type QuantileMethod,
  type QuantileOptions,
  quantile,
  vectorNorm,
} from './ops/statistics.ts'
export { type Unique, unique, uniqueAll, uniqueConsecutive } from './ops/unique.ts'
export { type Along, logSoftmax, softmax } from './ops/softmax.ts'
export {
  acos,
  acosh,
  asin,
  asinh,
  atan,
  atanh,
  cosh,
  deg2rad,
  digamma,
  erfc,
  erfinv,
  exp2,
  lgamma,
  log2,
  log10,
  logit,
  polygamma,
  rad2deg,
  sinc,
  sinh,
  tan,
} from './ops/special.ts'
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
} from './ops/specialPairs.ts'
export { arraySplit, chunk, narrow, select, split, tensorSplit, unbind, unstack } from './ops/split.ts'
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
  trunc,
  type Unary,
} from './ops/unary.ts'
export { expand, flatten, permute, ravel, reshape, squeeze, transpose, unsqueeze } from './ops/view.ts'
export { Slice, slice } from './ops/window.ts'
export { getPrintOptions, type PrintOptions, setPrintOptions } from './print.ts'
export { type OpProfile, type Profile, type ProfileOptions, profile } from './profile.ts'
export { defaultGenerator, Generator, manualSeed, normal, type RandomOptions, rand, randn, uniform } from './random.ts'
// The array API standard's names where ours are PyTorch's shorter ones: see docs/array-api.md.
export {
  ge as greaterEqual,
  gt as greater,
  le as lessEqual,
  lt as less,
  mul as multiply,
  ne as notEqual,
  sub as subtract,
} from './ops/binary.ts'
export { bitwiseNot as bitwiseInvert } from './ops/bitwise.ts'
export { cast as astype } from './ops/cast.ts'
export { clamp as clip } from './ops/clamp.ts'
export { div as divide } from './ops/division.ts'
export { neg as negative } from './ops/unary.ts'
export type { TensorLike } from './record.ts'
export { loadSafetensors, type SafetensorsFile, saveSafetensors } from './safetensors.ts'
export type { Shape } from './shape.ts'
export { fromStrided, type Strided, toStrided } from './strided.ts'
export { type NestedArray, Tensor } from './tensor.ts'
