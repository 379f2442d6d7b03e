// Normalisation of rows as fused ops, beside their composition: layer norm, RMS norm, and both without weights.
import { ShapeError, type Tensor } from '@x/tensor'
import {
  checkOptions,
  defineOp,
  dense,
  floating,
  ITEM_SIZE,
  isHeld,
  type OpFunction,
  pointer,
  requireTensor,
  run,
  sameShape,
  show,
  sizeOf,
} from '@x/tensor/op'
import { family } from '../kernels.ts'

const forward = family('layerNorm')
const backward = family('layerNormGrad')

interface Rows {
  readonly eps: number
  /** Whether the mean is taken away; RMS normalisation does not. */
  readonly centred: boolean
}

/** What the gradients get in place of a tensor that is not there stands unused; these say which is. */
interface Given extends Rows {
  readonly scaled: boolean
}

const rowsOf = (x: Tensor): [rows: number, n: number] => {
  const n = x.shape[x.ndim - 1]
  return [n === 0 ? 0 : x.size / n, n]
}

/** dx; with weights also, behind it, what is to be summed over the rows for dg. */
const gradOp: OpFunction<Given> = defineOp<Given>({
  name: 'layerNormGrad',
  inputs: ['x', 'g', 'mean', 'rstd', 'dy'],
  shape: ([x], { scaled }) => (scaled ? [2, ...x.shape] : x.shape),
  launch: ([x, g, mean, rstd, dy], y, { centred, scaled }) => {
    const [rows, n] = rowsOf(x)
    const [a, b, d] = [dense(x), scaled ? pointer(dense(g)) : 0, dense(dy)]
    const m = centred ? pointer(mean) : 0
    const dx = pointer(y)
    const dg = scaled ? dx + x.size * ITEM_SIZE[y.dtype] : 0
    run(backward[x.dtype], rows, x.size * 6, pointer(a), b, m, pointer(rstd), pointer(d), dx, dg, n)
  },
  grad: null,
})

type Named = Readonly<Record<string, Tensor>>

/** The same gradients written with plain ops: what is used where they are differentiated again. */
function composed({ x, g, dy }: Named, { eps, centred }: Rows): Named {
  const mean = (t: Tensor): Tensor => t.mean(-1, { keepdims: true })
  const from = centred ? x.sub(mean(x)) : x
  const scale = mean(from.square()).add(eps).rsqrt()
  const normal = from.mul(scale)
  const dn = g ? dy.mul(g) : dy
  const away = normal.mul(mean(dn.mul(normal)))
  const dx = scale.mul((centred ? dn.sub(mean(dn)) : dn).sub(away))
  return { dx, dg: dy.mul(normal) }
}

/** Of rows [rows, n]: x, and as many of g and b [n] as the names say. */
function rowOp(name: string, inputs: readonly string[]): OpFunction<Rows> {
  const scaled = inputs.includes('g')
  return defineOp<Rows>({
    name,
    inputs,
    cast: floating,
    shape: ([x]) => x.shape,
    extra: ([x], { centred }) => [
      { name: 'mean', dtype: x.dtype, shape: [centred ? rowsOf(x)[0] : 0] },
      { name: 'rstd', dtype: x.dtype, shape: [rowsOf(x)[0]] },
    ],
    launch: ([x, ...weights], y, { eps, centred }, [mean, rstd]) => {
      const [rows, n] = rowsOf(x)
      const a = dense(x)
      const [g = 0, b = 0] = weights.map((w) => pointer(dense(w)))
      const m = centred ? pointer(mean) : 0
      run(forward[x.dtype], rows, x.size * 6, pointer(a), g, b, pointer(y), m, pointer(rstd), n, eps)
    },
    prepare: (context, p) => {
      if (isHeld()) return composed(context, p)
      const { x, g, mean, rstd, dy } = context
      const d = gradOp([x, g ?? rstd, mean, rstd, dy], { ...p, scaled })
      return scaled ? { dx: d.at(0), dg: d.at(1) } : { dx: d }
    },
    grad: {
      x: ({ dx }) => dx,
      ...(scaled && { g: ({ dg }: Named) => dg.sum(0) }),
      ...(inputs.includes('b') && { b: ({ dy }: Named) => dy.sum(0) }),
    },
  })
}

const layerNormOp: OpFunction<Rows> = rowOp('layerNorm', ['x', 'g', 'b'])
const scaledOp: OpFunction<Rows> = rowOp('normalizeScaled', ['x', 'g'])
const plainOp: OpFunction<Rows> = rowOp('normalizeRows', ['x'])

/** Options of `layerNorm`. */
export interface NormOptions {
  /** Added to the variance. Default 1e-5. */
  eps?: number
  /** The last axes to normalise over, where there are no weights to tell. Default: the last one. */
  normalizedShape?: readonly number[]
}

/** x as rows of the last axes, for weights that have them or are not there. @throws ShapeError */
function rowed(
  op: string,
  x: Tensor,
  weights: readonly (Tensor | null)[],
  { normalizedShape }: NormOptions,
): { rows: Tensor; given: Tensor[] } {
  requireTensor(op, 'x', x)
  const there = weights.filter((w) => w !== null)
  for (const w of there) requireTensor(op, 'weight or bias', w)
  const shape = normalizedShape ?? there[0]?.shape ?? x.shape.slice(-1)
  const lead = x.ndim - shape.length
  if (
    shape.length === 0 ||
    lead < 0 ||
    [x.shape.slice(lead), ...there.map((w) => w.shape)].some((s) => !sameShape(s, shape))
  ) {
    const weightShapes = there.map((w) => ` and weights ${show(w.shape)}`).join('')
    throw new ShapeError(`${op}: ${show(shape)}${weightShapes} are not the last axes of x ${show(x.shape)}`)
  }
  const n = sizeOf(shape)
  return { rows: x.reshape([sizeOf(x.shape.slice(0, lead)), n]), given: there.map((w) => w.reshape([n])) }
}

/**
 * Each row of the last axes brought to mean 0 and variance 1, then scaled and shifted:
 * y = (x − E[x]) / √(Var[x] + eps) · g + b. x [..., ...shape], g and b of `shape`, or null for 1 and 0.
 * Source: Ba, Kiros and Hinton 2016, arXiv:1607.06450; the variance is the population's, as in PyTorch.
 * @throws ShapeError
 * @example
 * import { tensor } from '@x/tensor'
 * import { layerNorm } from '@x/nn'
 * layerNorm(tensor([[1, 3]]), null, null, { eps: 0 }).toArray() // [[-1, 1]]
 */
export function layerNorm(x: Tensor, g: Tensor | null, b: Tensor | null, options: NormOptions = {}): Tensor {
  checkOptions('layerNorm', options, ['eps', 'normalizedShape'])
  const { rows, given } = rowed('layerNorm', x, [g, b], options)
  const p = { eps: options.eps ?? 1e-5, centred: true }
  if (g && b) return layerNormOp([rows, ...given], p).reshape(x.shape)
  const y = g ? scaledOp([rows, ...given], p) : plainOp([rows], p)
  return (b ? y.add(given[0]) : y).reshape(x.shape)
}

/** Options of `rmsNorm`. */
export interface RMSNormOptions extends Omit<NormOptions, 'eps'> {
  /** Added to the mean square. Default: the dtype's distance from 1 to the next number, as in PyTorch. */
  eps?: number | null
}

/**
 * Each row of the last axes divided by the root of its mean square: y = x / √(E[x²] + eps) · g. x [..., ...shape], g of
 * `shape` or null for 1.
 * Source: Zhang and Sennrich 2019, arXiv:1910.07467.
 * @throws ShapeError
 * @example
 * import { tensor } from '@x/tensor'
 * import { rmsNorm } from '@x/nn'
 * rmsNorm(tensor([[3, 3]]), tensor([1, 2]), { eps: 0 }).toArray() // [[1, 2]]
 */
export function rmsNorm(x: Tensor, g: Tensor | null = null, options: RMSNormOptions = {}): Tensor {
  checkOptions('rmsNorm', options, ['eps', 'normalizedShape'])
  const { eps, normalizedShape } = options
  const { rows, given } = rowed('rmsNorm', x, [g], { normalizedShape })
  const p = { eps: eps ?? (x.dtype === 'float64' ? 2 ** -52 : 2 ** -23), centred: false }
  return (g ? scaledOp([rows, ...given], p) : plainOp([rows], p)).reshape(x.shape)
}

/** Options of `groupNorm`. */
export interface GroupNormOptions {
  /** [C] */
  weight?: Tensor | null
  /** [C] */
  bias?: Tensor | null
  /** Added to the variance. Default 1e-5. */
  eps?: number
}

/** A number per channel as [C, 1, …] for x [N, C, …]. @throws ShapeError unless there is one for each */
export function perChannel(op: string, what: string, t: Tensor, x: Tensor): Tensor {
  if (x.ndim < 2 || t.ndim !== 1 || t.size !== x.shape[1])
    throw new ShapeError(`${op}: ${what} ${show(t.shape)} has not one number for each channel of x ${show(x.shape)}`)
  return t.reshape([t.size, ...x.shape.slice(2).map(() => 1)])
}

/**
 * The channels of each example in `numGroups` groups, each brought to mean 0 and variance 1 over its channels and places,
 * then scaled and shifted channel by channel. x [N, C, ...].
 * Source: Wu and He 2018, arXiv:1803.08494.
 * @throws ShapeError, also where the groups do not divide the channels
 * @example
 * import { tensor } from '@x/tensor'
 * import { groupNorm } from '@x/nn'
 * groupNorm(tensor([[1, 3, 5, 7]]), 2, { eps: 0 }).toArray() // [[-1, 1, -1, 1]]
 */
export function groupNorm(x: Tensor, numGroups: number, options: GroupNormOptions = {}): Tensor {
  checkOptions('groupNorm', options, ['weight', 'bias', 'eps'])
  const { weight, bias, eps = 1e-5 } = options
  if (x.ndim < 2 || !(numGroups >= 1) || x.shape[1] % numGroups !== 0) {
    throw new ShapeError(
      `groupNorm: ${numGroups} groups do not divide the channels of x ${show(x.shape)} ([N, C, ...])`,
    )
  }
  const rows = x.reshape([x.shape[0] * numGroups, sizeOf(x.shape.slice(1)) / numGroups])
  let y = plainOp([rows], { eps, centred: true }).reshape(x.shape)
  if (weight) y = y.mul(perChannel('groupNorm', 'weight', weight, x))
  return bias ? y.add(perChannel('groupNorm', 'bias', bias, x)) : y
}
