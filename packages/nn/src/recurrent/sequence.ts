// A recurrent layer over a whole sequence: one fused op for float32, beside the composition that defines it.
import { vjp } from '@x/autograd'
import { concat, slice, stack, Tensor, zeros } from '@x/tensor'
import { defineOp, dense, flipped, isHeld, matmulInto, type OpFunction, pointer, run, temporary } from '@x/tensor/op'
import { linear } from '../functional.ts'
import { recurrentKernel } from '../kernels.ts'

/** What a recurrent layer does with its input and state. The kernels know them by their place. */
export type Cell = 'tanh' | 'relu' | 'lstm' | 'gru'
const CELLS: readonly Cell[] = ['tanh', 'relu', 'lstm', 'gru']

/** How many gates there are, one behind the other in weights and biases: i, f, g, o of an LSTM, r, z, n of a GRU. */
export const GATES: Readonly<Record<Cell, number>> = { tanh: 1, relu: 1, lstm: 4, gru: 3 }

/** G gates of H units each. */
export interface Weights {
  /** [G·H, I] */
  readonly ih: Tensor
  /** [G·H, P]; P is H without a projection. */
  readonly hh: Tensor
  readonly biases: readonly [ih: Tensor, hh: Tensor] | null
  /** [P, H]: projects the state of an LSTM. */
  readonly hr: Tensor | null
}

export interface Walk {
  readonly cell: Cell
  /** T. */
  readonly steps: number
  /** Whether it starts at the last step. */
  readonly reverse: boolean
}

/** h [B, P] and, of an LSTM, c [B, H]. */
export interface State {
  readonly h: Tensor
  readonly c: Tensor | undefined
}

/** One step, from what input and state put into the gates. */
function step(cell: Cell, x: Tensor, s: Tensor, { h, c }: State): State {
  if (cell === 'tanh' || cell === 'relu') return { h: x.add(s)[cell](), c }
  const size = x.shape[1] / GATES[cell]
  const gate = (t: Tensor, i: number): Tensor => t.at(slice(), slice(i * size, (i + 1) * size))
  const sigmoid = (i: number): Tensor => gate(x, i).add(gate(s, i)).sigmoid()
  if (cell === 'gru') {
    const n = gate(x, 2)
      .add(sigmoid(0).mul(gate(s, 2)))
      .tanh()
    return { h: n.add(sigmoid(1).mul(h.sub(n))), c }
  }
  const g = gate(x, 2).add(gate(s, 2)).tanh()
  const next = sigmoid(1)
    .mul(c as Tensor)
    .add(sigmoid(0).mul(g))
  return { h: sigmoid(3).mul(next.tanh()), c: next }
}

/** The states between the steps, as `states` gives them, step by step. */
function composed(x: Tensor, { ih, hh, biases, hr }: Weights, first: State, lengths: Tensor | null, walk: Walk): State {
  const { cell, steps, reverse } = walk
  const inputs = linear(x, ih, biases?.[0] ?? null).reshape([steps, first.h.shape[0], ih.shape[0]])
  const all: State[] = [first]
  for (let i = 0; i < steps; i++) {
    const t = reverse ? steps - 1 - i : i
    const old = all[i]
    let { h, c } = step(cell, inputs.at(t), linear(old.h, hh, biases?.[1] ?? null), old)
    if (hr) h = linear(h, hr, null)
    if (lengths) {
      const goes = lengths.gt(t).unsqueeze(1)
      h = goes.where(h, old.h)
      c = c && goes.where(c, old.c as Tensor)
    }
    all.push({ h, c })
  }
  if (reverse) all.reverse()
  return { h: stack(all.map(({ h }) => h)), c: first.c && stack(all.map(({ c }) => c as Tensor)) }
}

interface Fused extends Walk {
  /** Whether there are lengths; if not, another tensor stands in their place. */
  readonly padded: boolean
}

const forward = recurrentKernel('recurrent_f32', { coarse: true })
const backward = recurrentKernel('recurrentGrad_f32', { coarse: true })

/** w as B(p, j) = w[p·row + j·column] with k rows, in panels of eight columns. */
function panels(w: Tensor, k: number, row: number, column: number): Tensor {
  const shape = [w.size / k / 8, k, 8]
  return dense(new Tensor(w.storage, w.dtype, shape, [8 * column, row, column], w.offset))
}

/** The addresses of h and of c in states [S, T + 1, B, H]. */
function statesIn(y: Tensor): [h: number, c: number] {
  const h = pointer(y)
  return [h, h + (y.shape[0] - 1) * (y.size / y.shape[0]) * 4]
}

const sizesOf = (y: Tensor): readonly number[] => [y.shape[1] - 1, y.shape[2], y.shape[3]]

/** Of what goes into the gates, from the input [T·B, G·H] and (GRU) the last gate's from the state; of h0; of c0. */
const gradOp: OpFunction<Fused> = defineOp<Fused>({
  name: 'recurrentGrad',
  inputs: ['gates', 'more', 'y', 'wh', 'lengths', 'g'],
  shape: ([gates, more, y]) => [gates.size + more.size + (y.shape[0] * y.size) / y.shape[0] / y.shape[1]],
  launch: ([gates, more, y, wh, lengths, g], flat, { cell, reverse, padded }) => {
    const [h, c] = statesIn(y)
    const d = dense(g)
    const [dh, dc] = statesIn(d)
    const w = dense(wh)
    const [T, B, H] = sizesOf(y)
    const da = pointer(flat)
    const db = da + gates.size * 4
    const eh = db + more.size * 4
    run(
      backward,
      B,
      T * B * wh.size * 2,
      CELLS.indexOf(cell),
      pointer(panels(w, w.shape[0], H, 1)),
      pointer(gates),
      pointer(more),
      h,
      c,
      dh,
      dc,
      da,
      db,
      eh,
      eh + B * H * 4,
      padded ? pointer(dense(lengths)) : 0,
      T,
      B,
      H,
      Number(reverse),
    )
  },
  grad: null,
})

const NAMES = ['x', 'wi', 'wh', 'bi', 'bh', 'h0', 'lengths', 'c0'] as const
type Named = Readonly<Record<string, Tensor>>

/** Gradients by the fused pass: x and wi from da, wh and bh from ds, what the state put into the gates. */
function fusedGrads({ gates, more, y, wh, lengths, dy }: Named, p: Fused): Named {
  const flat = gradOp([gates, more, y, wh, lengths, dy], p)
  const [T, B, H] = sizesOf(y)
  let at = 0
  const next = (rows: number, columns: number): Tensor =>
    flat.at(slice(at, (at += rows * columns))).reshape([rows, columns])
  const da = next(T * B, gates.shape[1])
  const ds = p.cell === 'gru' ? concat([da.at(slice(), slice(0, 2 * H)), next(T * B, H)], 1) : da
  const before = y.at(0, p.reverse ? slice(1) : slice(0, T)).reshape([T * B, H])
  return { da, ds, before, dh0: next(B, H), ...(p.cell === 'lstm' && { dc0: next(B, H) }) }
}

/** The same gradients from the composition: what is used where they are differentiated again. */
function composedGrads(context: Named, p: Fused): Named {
  const { lengths, dy } = context
  const names = NAMES.filter((name) => name !== 'lengths' && context[name])
  const { grads } = vjp(
    ({ x, wi, wh, bi, bh, h0, c0 }: Named) => {
      const weights = { ih: wi, hh: wh, biases: [bi, bh] as const, hr: null }
      const { h, c } = composed(x, weights, { h: h0, c: c0 }, p.padded ? lengths : null, p)
      return c ? stack([h, c]) : h.unsqueeze(0)
    },
    Object.fromEntries(names.map((name) => [name, context[name]])) as Record<string, Tensor>,
    dy,
  )
  return Object.fromEntries(names.map((name) => [`d${name}`, grads[name]]))
}

/** The states [S, T + 1, B, H]: h, and of an LSTM c. x [T·B, I], H a multiple of 8. */
const recurrentOp: OpFunction<Fused> = defineOp<Fused>({
  name: 'recurrent',
  inputs: NAMES,
  shape: ([, , , , , h0], { cell, steps }) => [cell === 'lstm' ? 2 : 1, steps + 1, ...h0.shape],
  extra: ([x, wi, wh], { cell }) => [
    { name: 'gates', dtype: x.dtype, shape: [x.shape[0], wi.shape[0]] },
    { name: 'more', dtype: x.dtype, shape: [cell === 'gru' ? x.shape[0] : 0, wh.shape[1]] },
  ],
  multiplies: ([x, wi, wh, , , h0], _, { steps }) => x.shape[0] * wi.size + steps * h0.shape[0] * wh.size,
  launch: ([x, wi, wh, bi, bh, h0, lengths, c0], y, { cell, reverse, padded }, [gates, more]) => {
    const [T, B, H] = sizesOf(y)
    matmulInto(x, flipped(wi), gates)
    const hidden = temporary([B, wh.shape[0]], y.dtype)
    // A single step reads the weights once: packing them would cost more than the product.
    if (T === 1) matmulInto(h0, flipped(wh), hidden)
    const w = dense(wh)
    const packed = T === 1 ? 0 : pointer(panels(w, H, 1, H))
    const [h, c] = statesIn(y)
    run(
      forward,
      B,
      T * B * wh.size * 2,
      CELLS.indexOf(cell),
      packed,
      pointer(gates),
      pointer(hidden),
      pointer(dense(bi)),
      pointer(dense(bh)),
      pointer(more),
      h,
      c,
      pointer(dense(h0)),
      c0 ? pointer(dense(c0)) : 0,
      padded ? pointer(dense(lengths)) : 0,
      T,
      B,
      H,
      Number(reverse),
    )
  },
  prepare: (context, p) => (isHeld() ? composedGrads(context, p) : fusedGrads(context, p)),
  grad: {
    x: ({ dx, da, wi }) => dx ?? da.matmul(wi),
    wi: ({ dwi, da, x }) => dwi ?? da.mT.matmul(x),
    wh: ({ dwh, ds, before }) => dwh ?? ds.mT.matmul(before),
    bi: ({ dbi, da }) => dbi ?? da.sum(0),
    bh: ({ dbh, ds }) => dbh ?? ds.sum(0),
    h0: ({ dh0 }) => dh0,
    c0: ({ dc0 }) => dc0,
  },
})

/** `gates` blocks of rows (and columns) padded with zeros to `size`: units that stay 0. */
function widened(t: Tensor, gates: number, size: number, columns = t.shape[1]): Tensor {
  const rows = t.shape[0] / gates
  const blocks = t.reshape([gates, rows, -1])
  const padded = blocks.pad([
    [0, 0],
    [0, size - rows],
    [0, columns === undefined ? 0 : columns - t.shape[1]],
  ])
  return padded.reshape(columns === undefined ? [gates * size] : [gates * size, columns])
}

/**
 * The states between the steps of a layer over a sequence: h [T + 1, B, P] and, of an LSTM, c [T + 1, B, H]. At place t
 * lies the state before step t, or with `reverse` after it, so that the first is at one end and the last at the other.
 * @param x [T·B, I], step after step
 * @param lengths int32 [B]: from that step on, a row's state stays as it is
 */
export function states(x: Tensor, weights: Weights, first: State, lengths: Tensor | null, walk: Walk): State {
  const { ih, hh, biases, hr } = weights
  const { h, c } = first
  const { cell, steps } = walk
  const [B, H] = h.shape
  const size = Math.ceil(H / 8) * 8
  const all = [x, ih, hh, h, ...(biases ?? []), ...(c ? [c] : [])]
  const isComposed = hr !== null || steps === 0 || (steps === 1 && size !== H) || all.some((t) => t.dtype !== 'float32')
  if (isComposed) return composed(x, weights, first, lengths, walk)
  const G = GATES[cell]
  const wide = (t: Tensor, gates: number, columns?: number): Tensor =>
    size === H ? t : widened(t, gates, size, columns)
  const across = (t: Tensor): Tensor => wide(t.reshape([B, H, 1]).reshape([B * H]), B).reshape([B, size])
  const [bi, bh] = biases?.map((b) => wide(b, G)) ?? [zeros([G * size]), zeros([G * size])]
  const h0 = across(h)
  const inputs = [x, wide(ih, G), wide(hh, G, size), bi, bh, h0, lengths ?? h0, ...(c ? [across(c)] : [])]
  const y = recurrentOp(inputs, { ...walk, padded: lengths !== null })
  const part = (i: number): Tensor => (size === H ? y.at(i) : y.at(i, '...', slice(0, H)))
  return { h: part(0), c: c && part(1) }
}
