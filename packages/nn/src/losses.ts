// Losses.
import { arange, DTypeError, ShapeError, type Tensor } from '@x/tensor'
import { defineOp, dense, floatingFor, heap, isHeld, type OpFunction, pointer, run, runCheck, show } from '@x/tensor/op'
import { family } from './kernels.ts'

/** How the losses of single examples become the result. */
export type LossReduction = 'mean' | 'sum' | 'none'

/** @throws RangeError for another word */
export function reduceLoss(name: string, losses: Tensor, reduction: LossReduction): Tensor {
  if (reduction === 'mean') return losses.mean()
  if (reduction === 'sum') return losses.sum()
  if (reduction === 'none') return losses
  throw new RangeError(`${name}: reduction '${reduction}' is not 'mean', 'sum' or 'none'`)
}

export interface CrossEntropyOptions {
  /** 'mean' (over the targets that count; default), 'sum' or 'none'. */
  reduction?: LossReduction
  /** Targets of this value count nothing. Default −100, as in PyTorch. */
  ignoreIndex?: number
  /** Share of the target spread evenly over all classes, 0 to 1. Default 0. */
  labelSmoothing?: number
}

interface Smoothed {
  readonly ignoreIndex: number
  readonly smoothing: number
}

const forward = family('crossEntropy')
const backward = family('crossEntropyGrad')

const gradOp: OpFunction<Smoothed> = defineOp<Smoothed>({
  name: 'crossEntropyGrad',
  inputs: ['x', 'target', 'lse', 'g'],
  shape: ([x]) => x.shape,
  launch: ([x, target, lse, g], dx, { ignoreIndex, smoothing }) => {
    const [rows, n] = x.shape
    const [a, t, d] = [dense(x), dense(target), dense(g)]
    run(
      backward[x.dtype],
      rows,
      x.size * 10,
      pointer(a),
      pointer(t),
      pointer(lse),
      pointer(d),
      pointer(dx),
      n,
      ignoreIndex,
      smoothing,
    )
  },
  grad: null,
})

/** The same gradient written with plain ops: what is used where it is differentiated again. */
function composed({ x, target, dy }: Readonly<Record<string, Tensor>>, { ignoreIndex, smoothing }: Smoothed): Tensor {
  const n = x.shape[1]
  const classes = target.unsqueeze(1)
  const counts = target.ne(ignoreIndex).cast(x.dtype).unsqueeze(1)
  const hit = classes.eq(arange(n, undefined, { dtype: 'int32' })).cast(x.dtype)
  const wanted = hit.mul(1 - smoothing).add(smoothing / n)
  return x.softmax(-1).sub(wanted).mul(counts).mul(dy.unsqueeze(1))
}

const crossEntropyOp: OpFunction<Smoothed> = defineOp<Smoothed>({
  name: 'crossEntropy',
  inputs: ['x', 'target'],
  shape: ([x]) => [x.shape[0]],
  extra: ([x]) => [{ name: 'lse', dtype: x.dtype, shape: [x.shape[0]] }],
  launch: ([x, target], y, { ignoreIndex, smoothing }, [lse]) => {
    const [rows, n] = x.shape
    const [a, t] = [dense(x), dense(target)]
    checkTargets(t, n, ignoreIndex)
    run(
      forward[x.dtype],
      rows,
      x.size * 10,
      pointer(a),
      pointer(t),
      pointer(y),
      pointer(lse),
      n,
      ignoreIndex,
      smoothing,
    )
  },
  grad: {
    x: (c, p) => (isHeld() ? composed(c, p) : gradOp([c.x, c.target, c.lse, c.dy], p)),
  },
})

function checkTargets(target: Tensor, classes: number, ignoreIndex: number): void {
  const address = pointer(target)
  const { size } = target
  runCheck(() => {
    const { i32 } = heap
    for (let i = 0, at = address >>> 2; i < size; i++, at++) {
      const t = i32[at]
      if ((t < 0 || t >= classes) && t !== ignoreIndex) {
        throw new RangeError(`crossEntropy: target ${t} at position ${i} is not a class from 0 to ${classes - 1}`)
      }
    }
  })
}

/**
 * −ln softmax(x)[target], from unnormalised scores.
 * @param x logits [N, C], or [N, C, d1, …] with the classes second
 * @param target classes int32 [N] or [N, d1, …]
 * @throws ShapeError, DTypeError, RangeError for a class outside [0, C)
 * @example
 * import { tensor } from '@x/tensor'
 * import { crossEntropy } from '@x/nn'
 * const target = tensor([2], { dtype: 'int32' })
 * crossEntropy(tensor([[0, 0, 0]]), target).item().toFixed(4) // '1.0986', ln 3
 */
export function crossEntropy(x: Tensor, target: Tensor, options: CrossEntropyOptions = {}): Tensor {
  const { reduction = 'mean', ignoreIndex = -100, labelSmoothing: smoothing = 0 } = options
  if (!(smoothing >= 0 && smoothing <= 1))
    throw new RangeError(`crossEntropy: labelSmoothing ${smoothing} is not from 0 to 1`)
  if (target.dtype !== 'int32' && target.dtype !== 'uint8') {
    throw new DTypeError(`crossEntropy: target has dtype ${target.dtype}; classes are int32`)
  }
  const rest = x.shape.slice(2)
  if (x.ndim < 2 || show(target.shape) !== show([x.shape[0], ...rest])) {
    throw new ShapeError(
      `crossEntropy: x ${show(x.shape)} is not [N, C, …] with target ${show(target.shape)} as [N, …]`,
    )
  }
  const classes = x.shape[1]
  const logits = x.cast(floatingFor(x.dtype))
  const rows = x.ndim === 2 ? logits : logits.permute([0, ...rest.map((_, i) => i + 2), 1]).reshape([-1, classes])
  const targets = target.cast('int32').reshape([-1])
  const losses = crossEntropyOp([rows, targets], { ignoreIndex, smoothing })
  if (reduction !== 'mean')
    return reduceLoss('crossEntropy', losses, reduction).reshape(reduction === 'none' ? target.shape : [])
  return losses.sum().div(targets.ne(ignoreIndex).sum())
}

/** Mean squared error (x − target)², broadcasting. @throws RangeError for an unknown reduction */
export function mseLoss(x: Tensor, target: Tensor, { reduction = 'mean' }: { reduction?: LossReduction } = {}): Tensor {
  return reduceLoss('mseLoss', x.sub(target).square(), reduction)
}
