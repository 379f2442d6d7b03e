// Attention as one op that never holds its matrix of weights, forward and backward. float32.
import { vjp } from '@x/autograd'
import { slice, Tensor } from '@x/tensor'
import { defineOp, dense, isHeld, type OpFunction, type OpRecord, pointer, run } from '@x/tensor/op'
import { attentionKernel } from '../kernels.ts'
import { attend, type Scores, shared, weights } from './composed.ts'

const forward = attentionKernel('attention_f32', { scratch: true })
const backward = attentionKernel('attentionGrad_f32', { scratch: true })

interface Attention extends Scores {
  /** H, when q, k and v lie side by side in one tensor [B, T, 3·H·D]; 0 for three tensors. */
  readonly packed: number
}

type Operands = readonly [q: Tensor, k: Tensor, v: Tensor]

/** q, k and v as [B, H, T, D] with adjacent numbers in each row, as bare views. */
function operands([a, b, c]: readonly Tensor[], { packed }: Attention): Operands {
  if (!packed) return [a, b, c].map((t) => (t.strides[3] === 1 ? t : dense(t))) as unknown as Operands
  const { storage, dtype, offset, shape } = dense(a)
  const [B, T, row] = shape
  const size = row / 3 / packed
  const part = (i: number): Tensor =>
    new Tensor(storage, dtype, [B, packed, T, size], [T * row, size, row, 1], offset + (i * row) / 3)
  return [part(0), part(1), part(2)]
}

/** What both kernels are told of the operands: lengths, strides, and how to score. */
function sizes([q, k, v]: Operands, mask: Tensor | undefined, { scale, causal }: Attention): number[] {
  const [, H, Tq, D] = q.shape
  const [, heads, Tk, E] = v.shape
  const steps = (t: Tensor): Tensor['shape'] => t.strides.slice(0, 3)
  const maskSteps = mask ? steps(mask).map((step, i) => (mask.shape[i] === 1 ? 0 : step)) : [0, 0, 0]
  return [H, H / heads, Tq, Tk, D, E, ...steps(q), ...steps(k), ...steps(v), ...maskSteps, scale, Number(causal)]
}

/** Twice the multiplications of both products. */
const costOf = ([q, , v]: Operands): number => 2 * (q.size / q.shape[3]) * v.shape[2] * (q.shape[3] + v.shape[3])

/** dq, dk and dv one behind the other, each [B, T, H, D]; of a packed tensor, its own gradient. */
const gradOp: OpFunction<Attention> = defineOp<Attention>({
  name: 'attentionGrad',
  inputs: ['q', 'k', 'v', 'y', 'stats', 'g', 'mask'],
  shape: ([q, k, v], { packed }) => (packed ? q.shape : [q.size + k.size + v.size]),
  launch: ([a, b, c, y, stats, g, mask], flat, p) => {
    const all = operands([a, b, c], p)
    const [q, k, v] = all
    const [B, H, , D] = q.shape
    const [, heads, , E] = v.shape
    const dq = pointer(flat)
    const dk = dq + 4 * (p.packed ? H * D : q.size)
    const dv = dk + 4 * (p.packed ? H * D : k.size)
    const rows = p.packed ? Array(3).fill(3 * H * D) : [H * D, heads * D, heads * E]
    run(
      backward,
      B * heads,
      costOf(all) * 3,
      pointer(q),
      pointer(k),
      pointer(v),
      mask ? pointer(mask) : 0,
      pointer(y),
      pointer(stats),
      pointer(dense(g)),
      dq,
      dk,
      dv,
      ...sizes(all, mask, p),
      ...rows,
    )
  },
  grad: null,
})

type Named = Readonly<Record<string, Tensor>>

/** q, k and v of a packed tensor, as ops that are differentiated. */
function unpacked(qkv: Tensor, heads: number): Operands {
  const [B, T, row] = qkv.shape
  const parts = qkv.reshape([B, T, 3, heads, row / 3 / heads]).permute([2, 0, 3, 1, 4])
  return [parts.at(0), parts.at(1), parts.at(2)]
}

/** The result [B, Tq, H, E] as plain ops. */
function composed({ q, k, v, qkv, mask }: Named, p: Attention): Tensor {
  const [a, b, c] = qkv ? unpacked(qkv, p.packed) : [q, k, v]
  return attend(a, b, c, mask ?? null, p).transpose(1, 2)
}

/** Gradients from the composition: what is used where they are differentiated again. */
function composedGrads(context: Named, names: readonly string[], p: Attention): Named {
  const inputs = Object.fromEntries(names.filter((name) => context[name]).map((name) => [name, context[name]]))
  const { grads } = vjp((given: Named) => composed(given, p), inputs as Record<string, Tensor>, context.dy)
  return Object.fromEntries(Object.keys(inputs).map((name) => [`d${name}`, grads[name]]))
}

function fusedGrads({ q, k, v, qkv, mask, y, stats, dy }: Named, p: Attention): Named {
  const masks = mask ? [mask] : []
  if (qkv) return { dqkv: gradOp([qkv, qkv, qkv, y, stats, dy, ...masks], p) }
  const flat = gradOp([q, k, v, y, stats, dy, ...masks], p)
  let at = 0
  const next = ({ size, shape: [B, H, T, D] }: Tensor): Tensor =>
    flat
      .at(slice(at, (at += size)))
      .reshape([B, T, H, D])
      .transpose(1, 2)
  return { dq: next(q), dk: next(k), dv: next(v) }
}

/** Of the numbers added to the scores: those are made here alone. */
function maskGrad({ q, k, v, qkv, mask, dy }: Named, p: Attention): Tensor {
  const [a, b, c] = qkv ? unpacked(qkv, p.packed) : [q, k, v]
  const heads = a.shape[1]
  const w = weights(a, shared(b, heads), mask, p)
  const slope = dy.transpose(1, 2).matmul(shared(c, heads).mT)
  return w.mul(slope.sub(w.mul(slope).sum(-1, { keepdims: true })))
}

/** y [B, Tq, H, E]; the mask, if there is one, is added: [B or 1, H or 1, Tq or 1, Tk] with adjacent numbers in each row. */
function attentionOp(name: string, inputs: readonly string[]): OpFunction<Attention> {
  const of = (given: readonly Tensor[], p: Attention): [Operands, Tensor | undefined] => [
    operands(given, p),
    given[inputs.length - 1],
  ]
  const grad: Record<string, NonNullable<OpRecord<Attention>['grad']>[string]> = {}
  for (const input of inputs.slice(0, -1)) grad[input] = (context) => context[`d${input}`]
  return defineOp<Attention>({
    name,
    inputs,
    shape: ([a, , c], { packed }) =>
      packed
        ? [a.shape[0], a.shape[1], packed, a.shape[2] / 3 / packed]
        : [a.shape[0], a.shape[2], a.shape[1], c.shape[3]],
    extra: ([a], { packed }) => {
      const [B, T, H] = packed ? [a.shape[0], a.shape[1], packed] : [a.shape[0], a.shape[2], a.shape[1]]
      return [{ name: 'stats', dtype: a.dtype, shape: [B * H, 2, T] }]
    },
    multiplies: (given, _, p) => costOf(operands(given, p)) / 2,
    launch: (given, y, p, [stats]) => {
      const [all, mask] = of(given, p)
      const [q, k, v] = all.map(pointer)
      const [B, , H] = y.shape
      const to = [mask ? pointer(mask) : 0, pointer(y), pointer(stats)]
      run(forward, B * H, costOf(all), q, k, v, ...to, ...sizes(all, mask, p))
    },
    prepare: (context, p) =>
      isHeld()
        ? composedGrads(
            context,
            inputs.filter((n) => n in context),
            p,
          )
        : fusedGrads(context, p),
    grad: { ...grad, mask: (context, p) => context.dmask ?? maskGrad(context, p) },
  })
}

const separate: OpFunction<Attention> = attentionOp('attention', ['q', 'k', 'v', 'mask'])
const together: OpFunction<Attention> = attentionOp('selfAttention', ['qkv', 'mask'])

/** Whether the kernels take heads of D numbers in q and k, E in v. */
export const fits = (D: number, E: number): boolean => [D, E].every((n) => n > 0 && n <= 512 && n % 8 === 0)

/** softmax(scale q kᵀ + mask) v: q [B, H, Tq, D], k and v [B, Hk, Tk, D], H a multiple of Hk → [B, Tq, H, E]. */
export function fusedAttention(q: Tensor, k: Tensor, v: Tensor, mask: Tensor | null, scores: Scores): Tensor {
  return separate([q, k, v, ...(mask ? [mask] : [])], { ...scores, packed: 0 })
}

/** The same of one tensor [B, T, 3·H·D] in which q, k and v lie side by side, each head by head: → [B, T, H, D]. */
export function fusedSelfAttention(qkv: Tensor, heads: number, mask: Tensor | null, scores: Scores): Tensor {
  return together([qkv, ...(mask ? [mask] : [])], { ...scores, packed: heads })
}
