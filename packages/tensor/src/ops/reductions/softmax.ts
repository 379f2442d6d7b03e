// softmax and log-softmax with their fused gradients.
import { run } from '../../backend/launch.ts'
import { family } from '../../backend/tensorKernels.ts'
import { defineOp, type OpRecord } from '../../record.ts'
import { pointer, type Tensor } from '../../tensor.ts'
import { floating } from '../elementwise/rules.ts'
import { dense } from '../shape/contiguous.ts'
import { lineAxis } from '../shape/view.ts'

/** A function along one axis, by default the last. */
export type Along = (x: Tensor, axis?: number) => Tensor

/** Rows of the last axis; other axes are brought there and back. */
function rowwise(name: string, op: (x: readonly Tensor[], p: void) => Tensor): Along {
  return (x, axis = -1) => {
    const a = lineAxis(name, x, axis)
    return a >= x.ndim - 1 ? op([x], undefined) : op([x.transpose(a, -1)], undefined).transpose(a, -1)
  }
}

interface RowRecord {
  /** Name of the kernels that make dx from the result s and g = dy in one pass. */
  fused: string
  /** The gradients of that pass, as ops. */
  second: NonNullable<OpRecord<void>['grad']>
}

/** The length of rows; a scalar is one of one element. */
const lengthOf = (x: Tensor): number => x.shape[x.ndim - 1] ?? 1

function rowOp(name: string, { fused, second }: RowRecord): Along {
  const kernels = family(name)
  const gradKernels = family(fused)
  const gradOp = defineOp<void>({
    name: fused,
    inputs: ['s', 'g'],
    shape: ([s]) => s.shape,
    launch: ([s, g], dx) => {
      const n = lengthOf(s)
      if (s.size === 0) return
      run(gradKernels[dx.dtype], s.size / n, s.size * 4, pointer(dense(s)), pointer(dense(g)), pointer(dx), n)
    },
    grad: second,
  })
  const op = defineOp<void>({
    name,
    inputs: ['x'],
    cast: floating,
    shape: ([x]) => x.shape,
    launch: ([x], y) => {
      const n = lengthOf(x)
      if (x.size > 0) run(kernels[y.dtype], x.size / n, x.size * 12, pointer(dense(x)), pointer(y), n)
    },
    grad: { x: ({ y, dy }) => gradOp([y, dy], undefined) },
  })
  return rowwise(name, op)
}

const total = (x: Tensor): Tensor => x.sum(-1, { keepdims: true })

/** eˣ / Σ eˣ along `axis`: positive numbers that add up to 1. [..., n] → [..., n]. */
export const softmax: Along = rowOp('softmax', {
  fused: 'softmaxGrad',
  // dx = s (g − Σ g s)
  second: {
    s: ({ s, g, dy }) => dy.mul(g.sub(total(g.mul(s)))).sub(g.mul(total(dy.mul(s)))),
    g: ({ s, dy }) => s.mul(dy).sub(s.mul(total(s.mul(dy)))),
  },
})

/** x − ln Σ eˣ along `axis`: the logarithm of softmax without its rounding. */
export const logSoftmax: Along = rowOp('logSoftmax', {
  fused: 'logSoftmaxGrad',
  // dx = g − eˢ Σ g
  second: {
    s: ({ s, g, dy }) => dy.mul(s.exp()).mul(total(g)).neg(),
    g: ({ s, dy }) => dy.sub(total(dy.mul(s.exp()))),
  },
})
