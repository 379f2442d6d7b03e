// Attention of one query per head as an op: what a decoder does at every step.
import { vjp } from '@x/autograd'
import { scaledDotProductAttention } from '@x/nn'
import type { Tensor } from '@x/tensor'
import { defineOp, dense, type OpFunction, pointer, run } from '@x/tensor/op'
import { decodingKernel } from '../kernels.ts'

const kernel = decodingKernel('attendOne_f32')

/** The most keys: their scores lie in the kernels' workspace. */
const MOST_KEYS = 2 ** 17

interface Scores {
  readonly scale: number
}

type Named = Readonly<Record<string, Tensor>>

/** The same in plain ops: q [B, 1, H, D], k and v [B, Hk, S, D] → [B, 1, H, D]. */
function composed({ q, k, v, mask }: Named, { scale }: Scores): Tensor {
  const enableGqa = k.shape[1] !== q.shape[2]
  const options = { attnMask: mask ?? null, scale, enableGqa }
  return scaledDotProductAttention(q.transpose(1, 2), k, v, options).transpose(1, 2)
}

const inputs = ['q', 'k', 'v', 'mask']

const attendOneOp: OpFunction<Scores> = defineOp<Scores>({
  name: 'attendOne',
  inputs,
  shape: ([q]) => q.shape,
  multiplies: ([q, k]) => 2 * q.size * k.shape[2],
  launch: ([q, k, v, mask], y, { scale }) => {
    const [B, , H, D] = q.shape
    const [, Hk, S] = k.shape
    const steps = (t: Tensor): Tensor['shape'] => t.strides.slice(0, 3)
    const [kd, vd] = [k, v].map((t) => (t.strides[3] === 1 ? t : dense(t)))
    const masked = mask && dense(mask)
    const maskSteps = masked ? [0, 1].map((axis) => (masked.shape[axis] === 1 ? 0 : masked.strides[axis])) : [0, 0]
    const from = [pointer(dense(q)), pointer(kd), pointer(vd), masked ? pointer(masked) : 0, pointer(y)]
    run(kernel, B * H, 2 * q.size * S, ...from, H, H / Hk, S, D, ...steps(kd), ...steps(vd), ...maskSteps, scale)
  },
  prepare: (context, p) => {
    const given = Object.fromEntries(inputs.filter((name) => context[name]).map((name) => [name, context[name]]))
    const { grads } = vjp((x: Named) => composed(x, p), given as Record<string, Tensor>, context.dy)
    return Object.fromEntries(Object.entries(grads as Named).map(([name, g]) => [`d${name}`, g]))
  },
  grad: Object.fromEntries(inputs.map((name) => [name, (context: Named) => context[`d${name}`]])),
})

/** Whether the kernel takes them: q [B, 1, H, D], k and v [B, Hk, S, D], mask [B or 1, H or 1, 1, S]. */
export function takesOne(q: Tensor, k: Tensor, v: Tensor, mask: Tensor | null): boolean {
  const [, T, , D] = q.shape
  return (
    T === 1 &&
    D % 8 === 0 &&
    v.shape[3] === D &&
    k.shape[2] > 0 &&
    k.shape[2] <= MOST_KEYS &&
    (mask === null || (mask.shape[2] === 1 && mask.dtype === 'float32')) &&
    [q, k, v].every((t) => t.dtype === 'float32')
  )
}

/** softmax(scale · q kᵀ + mask) v of one query per head: q [B, 1, H, D], k and v [B, Hk, S, D] → [B, 1, H, D]. */
export const attendOne = (q: Tensor, [k, v]: readonly [Tensor, Tensor], mask: Tensor | null, scale: number): Tensor =>
  attendOneOp(mask ? [q, k, v, mask] : [q, k, v], { scale })
