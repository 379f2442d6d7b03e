// The ops of pooling, over planes with windows of any geometry.
import { family } from '../../backend/convolutionKernels.ts'
import { run } from '../../backend/launch.ts'
import { apply, defineOp, type OpFunction, type OpRecord, requireTensor } from '../../record.ts'
import { type Shape, show } from '../../shape.ts'
import { pointer, type Tensor } from '../../tensor.ts'
import { floating } from '../elementwise/rules.ts'
import { dense } from '../shape/contiguous.ts'
import { checkImages, floatOf, type Pair, pair, type Windows } from './sliding.ts'

/** Planes to pool, and what the kernels take. */
export interface PoolGeometry {
  readonly x: Shape
  readonly y: Shape
  readonly numbers: readonly number[]
}

const planes = ({ x }: PoolGeometry): number => x[0] * x[1]
const sizeOfPlane = (s: Shape): number => s[2] * s[3]

const pool = family('maxPool2d')
const poolGrad = family('maxPool2dGrad')
const poolPick = family('maxPool2dPick')

/** The largest of each window, beside its position in the plane: the first of equals, a NaN above all. */
const maxRecord: OpRecord<PoolGeometry> = {
  name: 'maxPool2d',
  inputs: ['x'],
  cast: floating,
  shape: (_, g) => g.y,
  extra: (_, g) => [{ name: 'index', dtype: 'int32', shape: g.y }],
  launch: ([x], y, g, [index]) => {
    run(pool[floatOf(y)], planes(g), x.size * 2, pointer(dense(x)), pointer(y), pointer(index), ...g.numbers)
  },
  grad: { x: ({ dy, index }, g) => unpoolOp([dy, index], g) },
}
const maxOp: OpFunction<PoolGeometry> = defineOp(maxRecord)

const unpoolOp: OpFunction<PoolGeometry> = defineOp<PoolGeometry>({
  name: 'maxPool2dGrad',
  inputs: ['g', 'index'],
  shape: (_, g) => g.x,
  launch: ([dy, index], dx, g) => {
    const places = [pointer(dense(dy)), pointer(index), pointer(dx)]
    run(poolGrad[floatOf(dx)], planes(g), dx.size, ...places, sizeOfPlane(g.x), sizeOfPlane(g.y))
  },
  grad: { g: ({ dy, index }, p) => pickOp([dy, index], p) },
})

const pickOp: OpFunction<PoolGeometry> = defineOp<PoolGeometry>({
  name: 'maxPool2dPick',
  inputs: ['x', 'index'],
  shape: (_, g) => g.y,
  launch: ([x, index], y, g) => {
    const places = [pointer(dense(x)), pointer(index), pointer(y)]
    run(poolPick[floatOf(y)], planes(g), y.size, ...places, sizeOfPlane(g.x), sizeOfPlane(g.y))
  },
  grad: { x: ({ dy, index }, g) => unpoolOp([dy, index], g) },
})

const mean = family('avgPool2d')
const meanGrad = family('avgPool2dGrad')

/** The mean of each window. After the windows' numbers: whether zeros around count, and a divisor or 0. */
export const avgOp: OpFunction<PoolGeometry> = defineOp<PoolGeometry>({
  name: 'avgPool2d',
  inputs: ['x'],
  cast: floating,
  shape: (_, g) => g.y,
  launch: ([x], y, g) => run(mean[floatOf(y)], planes(g), x.size * 2, pointer(dense(x)), pointer(y), ...g.numbers),
  grad: { x: ({ dy }, g) => avgGradOp([dy], g) },
})

const avgGradOp: OpFunction<PoolGeometry> = defineOp<PoolGeometry>({
  name: 'avgPool2dGrad',
  inputs: ['g'],
  shape: (_, g) => g.x,
  launch: ([dy], dx, g) =>
    run(meanGrad[floatOf(dx)], planes(g), dx.size * 2, pointer(dense(dy)), pointer(dx), ...g.numbers),
  grad: { g: ({ dy }, g) => avgOp([dy], g) },
})

const asTheyAre = (y: Tensor): Tensor => y

/** x as [N, C, H, W] from sequences or images with a batch or without, and the way back for results. */
export function asPlanes(op: string, x: Tensor, rank: 3 | 4): { images: Tensor; back: (y: Tensor) => Tensor } {
  requireTensor(op, 'x', x)
  checkImages(op, x, rank)
  if (x.ndim === 4) return { images: x, back: asTheyAre }
  const lead = x.ndim === rank ? x.shape.slice(0, 2) : [1, x.shape[0]]
  const axes = rank - 2
  return {
    images: x.reshape([...lead, ...(axes === 1 ? [1] : []), ...x.shape.slice(-axes)]),
    back: (y) => y.reshape([...x.shape.slice(0, -axes), ...y.shape.slice(-axes)]),
  }
}

/** Height and width. */
export const planeOf = ({ shape }: Tensor): Shape => [shape[2], shape[3]]

export function poolGeometry(
  images: Tensor,
  { outputs, numbers }: Windows,
  more: readonly number[] = [],
): PoolGeometry {
  const [N, C] = images.shape
  return {
    x: images.shape,
    y: [N, C, outputs[0], outputs[1]],
    numbers: more.length > 0 ? [...numbers, ...more] : numbers,
  }
}

/** The result of pooling by maxima: with the positions if they are wanted. */
export type Pooled<R extends boolean> = R extends true ? readonly [values: Tensor, positions: Tensor] : Tensor

/** Pools by maxima. */
export function largest<R extends boolean>(
  images: Tensor,
  g: PoolGeometry,
  back: (y: Tensor) => Tensor,
  indices: R | undefined,
): Pooled<R> {
  if (!indices) return back(maxOp([images], g)) as Pooled<R>
  const { y, extra } = apply(maxRecord, [images], g)
  return [back(y), back(extra[0])] as readonly Tensor[] as Pooled<R>
}

/** Size, stride and padding of a window. @throws RangeError */
export function framed(
  op: string,
  size: Pair,
  { stride, padding = 0 }: { stride?: Pair; padding?: Pair },
): Record<'kernel' | 'stride' | 'padding', readonly [number, number]> {
  const kernel = pair(op, 'size', size, 1)
  const frame = pair(op, 'padding', padding, 0)
  if (2 * frame[0] > kernel[0] || 2 * frame[1] > kernel[1])
    throw new RangeError(`${op}: padding ${show(frame)} is more than half the window ${show(kernel)}`)
  return { kernel, stride: pair(op, 'stride', stride ?? kernel, 1), padding: frame }
}
