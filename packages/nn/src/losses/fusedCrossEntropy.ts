// −ln softmax(x)[class] as one op with its own kernels.
import { arange, type Tensor } from '@x/tensor'
import { defineOp, dense, isHeld, type OpFunction, pointer, run } from '@x/tensor/op'
import { trainingFamily } from '../kernels.ts'
import { checkClasses } from './classes.ts'

interface Smoothed {
  readonly ignoreIndex: number
  readonly smoothing: number
}

const forward = trainingFamily('crossEntropy')
const backward = trainingFamily('crossEntropyGrad')

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

/**
 * Of each row of logits x [N, C] with its class int32 [N], ignored ones 0: [N].
 * @throws RangeError for a class outside [0, C)
 */
export const fusedCrossEntropy: OpFunction<Smoothed> = defineOp<Smoothed>({
  name: 'crossEntropy',
  inputs: ['x', 'target'],
  shape: ([x]) => [x.shape[0]],
  extra: ([x]) => [{ name: 'lse', dtype: x.dtype, shape: [x.shape[0]] }],
  launch: ([x, target], y, { ignoreIndex, smoothing }, [lse]) => {
    const [rows, n] = x.shape
    const [a, t] = [dense(x), dense(target)]
    checkClasses('crossEntropy', t, n, ignoreIndex)
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
