// Quantised weights as ops: packing, the product with them, and their numbers.
import { type DType, DTypeError, ShapeError, type Tensor } from '@x/tensor'
import {
  defineOp,
  dense,
  flipped,
  heap,
  matmulInto,
  type OpFunction,
  pasteTo,
  pointer,
  run,
  runCheck,
  show,
  temporary,
} from '@x/tensor/op'
import { quantizedKernels as kernels } from '../kernels.ts'
import { inputBytes, type Quantization, ROWS, tileBytes } from './format.ts'

const packKernel = kernels('quantPack')
const inputKernel = kernels('quantInput')
const matvecKernel = kernels('quantMatvec')
const tilesKernel = kernels('quantTiles')
const rowsKernel = kernels('quantRows')

/** What packed weights are. */
export interface Packed {
  readonly kind: Quantization
  /** Rows, and columns, of the matrix [N, K]. */
  readonly N: number
  readonly K: number
}

const float32 = (): DType => 'float32'

/** Weights [N, K] → tiles, uint8 [⌈N / 8⌉, bytes of a tile]. */
export const quantizeWeights: OpFunction<Packed> = defineOp<Packed>({
  name: 'quantizeWeights',
  inputs: ['w'],
  cast: float32,
  dtype: () => 'uint8',
  shape: (_, { kind, N, K }) => [Math.ceil(N / ROWS), tileBytes(kind, K)],
  launch: ([w], y, { kind, N, K }) => {
    run(packKernel[kind], y.shape[0], 4 * w.size, pointer(dense(w)), pointer(y), N, K)
  },
  grad: null,
})

/** The numbers that packed weights stand for [N, K]. */
export const dequantizeWeights: OpFunction<Packed> = defineOp<Packed>({
  name: 'dequantizeWeights',
  inputs: ['packed'],
  dtype: float32,
  shape: (_, { N, K }) => [N, K],
  launch: ([packed], y, { kind, N, K }) => {
    run(tilesKernel[kind], packed.shape[0], y.size, pointer(packed), pointer(y), N, K)
  },
  grad: null,
})

/** Rows of packed weights at the positions of an index: [..., K]. */
export const quantizedRows: OpFunction<Packed> = defineOp<Packed>({
  name: 'quantizedRows',
  inputs: ['packed', 'index'],
  dtype: float32,
  shape: ([, index], { K }) => {
    if (index.dtype !== 'int32') throw new DTypeError(`quantizedRows: index has dtype ${index.dtype}, not int32`)
    return [...index.shape, K]
  },
  launch: ([packed, given], y, { kind, N, K }) => {
    const index = dense(given)
    const address = pointer(index)
    runCheck(() => {
      for (let i = 0; i < index.size; i++) {
        const row = heap.i32[(address >>> 2) + i]
        if (!(row >= 0 && row < N)) throw new RangeError(`quantizedRows: index ${row} is outside the ${N} rows`)
      }
    })
    run(rowsKernel[kind], index.size, y.size, pointer(packed), address, pointer(y), K)
  },
  grad: null,
})

/** With so many rows of inputs or fewer, weights are multiplied as they lie; with more, they become float32 first. */
const MOST_ROWS = 8
/** So many weights at a time. */
const CHUNK = 2 ** 21

/** x Wᵀ for packed W [N, K], plus b where it is given, which is for few rows alone: x [M, K] → [M, N]. */
const product: OpFunction<Packed> = defineOp<Packed>({
  name: 'quantizedLinear',
  inputs: ['x', 'packed', 'b'],
  dtype: float32,
  shape: ([x], { N }) => [x.shape[0], N],
  multiplies: ([x], _, { N }) => x.size * N,
  launch: ([given, packed, b], y, p) => {
    const x = dense(given)
    if (y.size === 0) return
    if (x.shape[0] <= MOST_ROWS) asTheyLie(x, packed, b, y, p)
    else throughFloats(x, packed, y, p)
  },
  grad: {
    x: ({ packed, dy }, p) => dy.matmul(dequantizeWeights([packed], p)),
    b: ({ dy }) => dy.sum(0),
  },
})

function asTheyLie(x: Tensor, packed: Tensor, b: Tensor | undefined, y: Tensor, { kind, N, K }: Packed): void {
  const M = x.shape[0]
  const rounded = temporary([M * inputBytes(K)], 'uint8')
  run(inputKernel[kind], M, 2 * x.size, pointer(x), pointer(rounded), K)
  const bias = b ? pointer(dense(b)) : 0
  const to = pointer(y)
  run(matvecKernel[kind], packed.shape[0], (M * N * K) / 2, pointer(rounded), pointer(packed), bias, to, N, K, M)
}

/** In pieces of W, so that never all of it is there in float32. */
function throughFloats(x: Tensor, packed: Tensor, y: Tensor, { kind, N, K }: Packed): void {
  const rows = Math.min(N, Math.max(ROWS, Math.floor(CHUNK / K / ROWS) * ROWS))
  const bytes = tileBytes(kind, K)
  for (let first = 0; first < N; first += rows) {
    const n = Math.min(rows, N - first)
    const w = temporary([n, K], 'float32')
    const from = pointer(packed) + (first / ROWS) * bytes
    run(tilesKernel[kind], Math.ceil(n / ROWS), n * K, from, pointer(w), n, K)
    if (n === N) {
      matmulInto(x, flipped(w), y)
      return
    }
    const part = temporary([x.shape[0], n], 'float32')
    matmulInto(x, flipped(w), part)
    pasteTo(part, y, [N, 1], first)
  }
}

/**
 * x Wᵀ + b for packed W [N, K]: x [..., K] float32, b [N] or null → [..., N].
 * @throws DTypeError, ShapeError
 */
export function quantizedLinear(x: Tensor, packed: Tensor, b: Tensor | null, p: Packed): Tensor {
  const { N, K } = p
  if (x.dtype !== 'float32')
    throw new DTypeError(`quantizedLinear: x has dtype ${x.dtype}; quantised layers compute in float32`)
  if (x.ndim === 0 || x.shape[x.ndim - 1] !== K || (b && show(b.shape) !== show([N])))
    throw new ShapeError(`quantizedLinear: x ${show(x.shape)} and b ${b ? show(b.shape) : b} do not fit [${N}, ${K}]`)
  const rows = x.reshape([x.size / K, K])
  const isFew = rows.shape[0] <= MOST_ROWS
  const y = product(b && isFew ? [rows, packed, b] : [rows, packed], p)
  return (b && !isFew ? y.add(b) : y).reshape([...x.shape.slice(0, -1), N])
}
