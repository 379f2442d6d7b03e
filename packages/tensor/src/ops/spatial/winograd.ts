// When a convolution of 3x3 goes by Winograd's method, and how.
import { single32 } from '../../backend/convolutionKernels.ts'
import { run } from '../../backend/launch.ts'
import { temporary } from '../../record.ts'
import type { Shape } from '../../shape.ts'
import { pointer, type Tensor } from '../../tensor.ts'

const weights = single32('winogradWeights', { scratch: true })
const product = single32('winograd', { scratch: true })

/** Channels, in and out, from which on the transforms cost less than they save. */
const LEAST_CHANNELS = 16
/** Kernels whose transforms, 144 bytes each, are not worth their memory any more. */
const MOST_KERNELS = 2 ** 19
const TILES_OF_A_BLOCK = 16

const tilesOf = ([N, , OH, OW]: Shape): number => N * Math.ceil(OH / 4) * Math.ceil(OW / 4)

/**
 * Whether the method does the convolution x → y, and pays. Measured: per pair of channels a tile costs as much as 5 outputs
 * of the plain sum, and the transform of a kernel as much as 32.
 * @param numbers those of a ConvGeometry
 */
export function byWinograd(x: Tensor, y: Shape, numbers: readonly number[]): boolean {
  if (x.dtype !== 'float32' || numbers[5] !== 3 || numbers[6] !== 3) return false
  for (const i of [9, 10, 13, 14, 15]) if (numbers[i] !== 1) return false // strides, dilations, groups
  const [C, O] = [numbers[1], numbers[4]]
  return Math.min(C, O) >= LEAST_CHANNELS && C * O <= MOST_KERNELS && y[0] * y[2] * y[3] > 5 * tilesOf(y) + 32
}

/** How the kernels lie in w, and where they stand. */
export interface Kernels {
  readonly padH: number
  readonly padW: number
  /** Elements of w from output to output channel and from input to input channel. */
  readonly rowStep: number
  readonly depthStep: number
  /** Whether kernels are turned by 180°. */
  readonly flip: boolean
}

/** y ← x ⋆ w with kernels of 3x3; x and w are contiguous. */
export function winogradInto(x: Tensor, w: Tensor, y: Tensor, { padH, padW, rowStep, depthStep, flip }: Kernels): void {
  const [N, C, H, W] = x.shape
  const [, O, OH, OW] = y.shape
  // A matrix for each product of a tile; the kernels leave 16 elements between them.
  const u = temporary([36 * (O * C + 16)], 'float32')
  run(weights, C, 36 * O * C, pointer(w), pointer(u), O, C, rowStep, depthStep, flip ? 1 : 0)
  const tiles = tilesOf(y.shape)
  const places = [pointer(x), pointer(u), pointer(y)]
  run(product, Math.ceil(tiles / TILES_OF_A_BLOCK), tiles * 36 * O * C, ...places, N, C, H, W, O, OH, OW, padH, padW)
}
