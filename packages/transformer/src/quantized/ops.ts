// Quantised weights as ops: packing, the product with them, and their numbers.
import { type DType, DTypeError, ShapeError, type Tensor } from '@x/tensor'
import { defineOp, dense, heap, type OpFunction, pointer, run, runCheck, show, temporary } from '@x/tensor/op'
import { quantizedKernels as kernels } from '../kernels.ts'
import { inputBytes, type Quantization, ROWS, tileBytes } from './format.ts'

const packKernel = kernels('quantPack')
const inputKernel = kernels('quantInput')
const productKernel = kernels('quantMatmul')
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

/** x Wᵀ for packed W [N, K], plus b where it is given: x [M, K] → [M, N]. Weights are multiplied as they lie. */
const product: OpFunction<Packed> = defineOp<Packed>({
  name: 'quantizedLinear',
  inputs: ['x', 'packed', 'b'],
  dtype: float32,
  shape: ([x], { N }) => [x.shape[0], N],
  multiplies: ([x], _, { N }) => x.size * N,
  launch: ([given, packed, b], y, { kind, N, K }) => {
    if (y.size === 0) return
    const x = dense(given)
    const M = x.shape[0]
    const rounded = temporary([M * inputBytes(K)], 'uint8')
    run(inputKernel[kind], M, 2 * x.size, pointer(x), pointer(rounded), K)
    const bias = b ? pointer(dense(b)) : 0
    const cost = (M * N * K) / 2
    run(productKernel[kind], packed.shape[0], cost, pointer(rounded), pointer(packed), bias, pointer(y), N, K, M)
  },
  grad: {
    x: ({ packed, dy }, p) => dy.matmul(dequantizeWeights([packed], p)),
    b: ({ dy }) => dy.sum(0),
  },
})

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
  return product(b ? [rows, packed, b.cast('float32')] : [rows, packed], p).reshape([...x.shape.slice(0, -1), N])
}
