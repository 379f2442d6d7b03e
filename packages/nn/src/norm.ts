// Layer normalisation as a fused op, beside its composition.
import { ShapeError, type Tensor } from '@x/tensor'
import {
  defineOp,
  dense,
  floating,
  ITEM_SIZE,
  isHeld,
  type OpFunction,
  pointer,
  run,
  sameShape,
  show,
  sizeOf,
} from '@x/tensor/op'
import { family } from './kernels.ts'

const forward = family('layerNorm')
const toInput = family('layerNormGrad')
const toScale = family('layerNormGradScale')

interface Normalized {
  readonly eps: number
}

const rowsOf = (x: Tensor): [rows: number, n: number] => {
  const n = x.shape[x.ndim - 1]
  return [n === 0 ? 0 : x.size / n, n]
}

const inputGrad: OpFunction<void> = defineOp<void>({
  name: 'layerNormGrad',
  inputs: ['x', 'g', 'mean', 'rstd', 'dy'],
  shape: ([x]) => x.shape,
  launch: ([x, g, mean, rstd, dy], dx) => {
    const [rows, n] = rowsOf(x)
    const [a, b, d] = [dense(x), dense(g), dense(dy)]
    run(
      toInput[x.dtype],
      rows,
      x.size * 6,
      pointer(a),
      pointer(b),
      pointer(mean),
      pointer(rstd),
      pointer(d),
      pointer(dx),
      n,
    )
  },
  grad: null,
})

const scaleGrad: OpFunction<void> = defineOp<void>({
  name: 'layerNormGradScale',
  inputs: ['x', 'mean', 'rstd', 'dy'],
  // dg and db, one behind the other.
  shape: ([x]) => [2, x.shape[x.ndim - 1]],
  launch: ([x, mean, rstd, dy], y) => {
    const [rows, n] = rowsOf(x)
    const [a, d] = [dense(x), dense(dy)]
    const dg = pointer(y)
    const db = dg + n * ITEM_SIZE[y.dtype]
    run(toScale[x.dtype], n, x.size * 2, pointer(a), pointer(mean), pointer(rstd), pointer(d), dg, db, rows, n)
  },
  grad: null,
})

/** The same gradients written with plain ops: what is used where they are differentiated again. */
function composed({ x, g, dy }: Readonly<Record<string, Tensor>>, eps: number): Record<'dx' | 'dg' | 'db', Tensor> {
  const mean = (t: Tensor): Tensor => t.mean(-1, { keepdims: true })
  const centred = x.sub(mean(x))
  const scale = mean(centred.square()).add(eps).rsqrt()
  const normal = centred.mul(scale)
  const dn = dy.mul(g)
  const dx = scale.mul(dn.sub(mean(dn)).sub(normal.mul(mean(dn.mul(normal)))))
  const others = [...dy.shape.keys()].slice(0, -1)
  return { dx, dg: dy.mul(normal).sum(others), db: dy.sum(others) }
}

const layerNormOp: OpFunction<Normalized> = defineOp<Normalized>({
  name: 'layerNorm',
  inputs: ['x', 'g', 'b'],
  cast: floating,
  shape: ([x]) => x.shape,
  extra: ([x]) => ['mean', 'rstd'].map((name) => ({ name, dtype: x.dtype, shape: [rowsOf(x)[0]] })),
  launch: ([x, g, b], y, { eps }, [mean, rstd]) => {
    const [rows, n] = rowsOf(x)
    const [a, s, t] = [dense(x), dense(g), dense(b)]
    run(
      forward[x.dtype],
      rows,
      x.size * 6,
      pointer(a),
      pointer(s),
      pointer(t),
      pointer(y),
      pointer(mean),
      pointer(rstd),
      n,
      eps,
    )
  },
  prepare: (context, { eps }) => {
    if (isHeld()) return composed(context, eps)
    const { x, g, mean, rstd, dy } = context
    const scales = scaleGrad([x, mean, rstd, dy], undefined)
    return { dx: inputGrad([x, g, mean, rstd, dy], undefined), dg: scales.at(0), db: scales.at(1) }
  },
  grad: { x: ({ dx }) => dx, g: ({ dg }) => dg, b: ({ db }) => db },
})

/**
 * Each row of the last axes brought to mean 0 and variance 1, then scaled and shifted:
 * y = (x − E[x]) / √(Var[x] + eps) · g + b. x [..., ...shape], g and b of `shape`.
 * Source: Ba, Kiros and Hinton 2016, arXiv:1607.06450; the variance is the population's, as in PyTorch.
 * @param eps default 1e-5
 * @throws ShapeError
 */
export function layerNorm(x: Tensor, g: Tensor, b: Tensor, { eps = 1e-5 }: { eps?: number } = {}): Tensor {
  const lead = x.ndim - g.ndim
  if (lead < 0 || g.ndim === 0 || !sameShape(x.shape.slice(lead), g.shape) || !sameShape(g.shape, b.shape)) {
    throw new ShapeError(
      `layerNorm: g ${show(g.shape)} and b ${show(b.shape)} are not the last axes of x ${show(x.shape)}`,
    )
  }
  const n = sizeOf(g.shape)
  return layerNormOp([x.reshape([sizeOf(x.shape.slice(0, lead)), n]), g.reshape([n]), b.reshape([n])], { eps }).reshape(
    x.shape,
  )
}
