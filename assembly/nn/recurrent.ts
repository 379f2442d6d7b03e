// Recurrent layers over whole sequences, float32. Rows of a batch do not know of each other: [begin, end) counts rows, and
// every row goes through all its time steps.
//
// recurrent_f32(kind, panels, gates, hidden, bi, bh, more, h, c, h0, c0, lengths, T, B, H, reverse, begin, end)
//   kind: 0 tanh, 1 relu, 2 LSTM, 3 GRU, with G = 1, 1, 4, 3 gates.
//   panels [G·H/8, H, 8]: the recurrent weights [G·H, H] transposed; 0 when `hidden` holds their product.
//   gates [T, B, G·H]: the products of the input, and then the gates themselves, as PyTorch orders them.
//   hidden [B, G·H]: workspace, the products of the state. bi, bh [G·H]: biases of both.
//   more [T, B, H]: GRU only, what the reset gate is multiplied with.
//   h, c [T + 1, B, H]: states between the steps, from h0, c0 [B, H] at 0, or at T when `reverse`.
//   lengths [B] i32: a row's steps from there on leave its state as it is; 0 where all rows have all steps.
// recurrentGrad_f32(kind, panels, gates, more, h, c, dh, dc, da, db, eh, ec, lengths, T, B, H, reverse, begin, end)
//   panels [H/8, G·H, 8]: the recurrent weights as they are. dh, dc [T + 1, B, H]: gradients of the states.
//   da [T, B, G·H]: gradients of what goes into the gates; db [T, B, H]: GRU only, that of `more`.
//   eh, ec [B, H]: gradients of the first state.
// H is a multiple of 8. Errors as in lib/math32; sums of products in order.

import { Address } from '../lib/address'
import { Table } from '../lib/constants'
import { Math32 } from '../lib/math32'
import { Product, ROW } from './product'

enum Kind {
  tanh,
  relu,
  lstm,
  gru,
}

class Gate {
  /** The sum of the vectors at x and b. */
  @inline static sum(x: usize, b: usize): v128 {
    return f32x4.add(v128.load(x), v128.load(b))
  }

  /** 1 − x */
  @inline static rest(x: v128): v128 {
    return f32x4.sub(Table.at<f32>(Table.TANH32, 8), x)
  }

  /** d times the slope of sigmoid, or of tanh, where it is s. */
  @inline static slope(d: v128, s: v128): v128 {
    return f32x4.mul(d, f32x4.mul(s, Gate.rest(s)))
  }
  @inline static slopeTanh(d: v128, s: v128): v128 {
    return f32x4.mul(d, Gate.rest(f32x4.mul(s, s)))
  }
}

const SIGMOID: i32 = 2

/** y = act(x + h + bi + bh): tanh, relu or sigmoid. */
function activate(act: i32, x: usize, h: usize, bi: usize, bh: usize, y: usize, size: usize): void {
  for (let at: usize = 0; at < size; at += 16) {
    const v = f32x4.add(Gate.sum(x + at, bi + at), Gate.sum(h + at, bh + at))
    let s: v128
    if (act == SIGMOID) s = Math32.sigmoid(v)
    else if (act == Kind.tanh) s = Math32.tanh(v)
    else s = v128.andnot(v, f32x4.lt(v, Table.zero()))
    v128.store(y + at, s)
  }
}

/** The state of an LSTM from its gates i, f, g, o. */
function cell(gates: usize, c: usize, toH: usize, toC: usize, size: usize): void {
  for (let at: usize = 0; at < size; at += 16) {
    const from = gates + at
    const kept = f32x4.mul(v128.load(from + size), v128.load(c + at))
    const next = f32x4.add(kept, f32x4.mul(v128.load(from), v128.load(from + 2 * size)))
    v128.store(toC + at, next)
    v128.store(toH + at, f32x4.mul(v128.load(from + 3 * size), Math32.tanh(next)))
  }
}

/** n = tanh(x + r (h-part)) and the state n + z (h − n) of a GRU; r and z are there. */
function blend(
  gates: usize,
  hidden: usize,
  bi: usize,
  bh: usize,
  more: usize,
  h: usize,
  toH: usize,
  size: usize,
): void {
  const third: usize = 2 * size
  for (let at: usize = 0; at < size; at += 16) {
    const from = gates + at
    const m = Gate.sum(hidden + third + at, bh + third + at)
    const x = Gate.sum(from + third, bi + third + at)
    const n = Math32.tanh(f32x4.add(x, f32x4.mul(v128.load(from), m)))
    v128.store(more + at, m)
    v128.store(from + third, n)
    const z = v128.load(from + size)
    v128.store(toH + at, f32x4.add(n, f32x4.mul(z, f32x4.sub(v128.load(h + at), n))))
  }
}

/** One step of one row: gates in place, the new state from the old. `size` is H in bytes. */
function step(
  kind: i32,
  gates: usize,
  hidden: usize,
  bi: usize,
  bh: usize,
  more: usize,
  h: usize,
  c: usize,
  toH: usize,
  toC: usize,
  size: usize,
): void {
  if (kind <= Kind.relu) {
    activate(kind, gates, hidden, bi, bh, toH, size)
    return
  }
  for (let gate: i32 = 0; gate < (kind == Kind.lstm ? 4 : 2); gate++) {
    const part = <usize>gate * size
    const from = gates + part
    activate(gate == 2 ? Kind.tanh : SIGMOID, from, hidden + part, bi + part, bh + part, from, size)
  }
  if (kind == Kind.lstm) cell(gates, c, toH, toC, size)
  else blend(gates, hidden, bi, bh, more, h, toH, size)
}

/** The way back of one step of one row: eh and ec come in as the gradients of the new state, and go as those of the old. */
function back(
  kind: i32,
  gates: usize,
  more: usize,
  h: usize,
  c: usize,
  toH: usize,
  toC: usize,
  eh: usize,
  ec: usize,
  da: usize,
  db: usize,
  size: usize,
): void {
  for (let at: usize = 0; at < size; at += 16) {
    const d = v128.load(eh + at)
    const from = gates + at
    const to = da + at
    let stays = Table.zero()
    if (kind <= Kind.relu) {
      const y = v128.load(toH + at)
      v128.store(to, kind == Kind.tanh ? Gate.slopeTanh(d, y) : v128.and(d, f32x4.gt(y, Table.zero())))
    } else {
      const a = v128.load(from)
      const b = v128.load(from + size)
      const g = v128.load(from + 2 * size)
      if (kind == Kind.lstm) {
        const o = v128.load(from + 3 * size)
        const t = Math32.tanh(v128.load(toC + at))
        const e = f32x4.add(v128.load(ec + at), Gate.slopeTanh(f32x4.mul(d, o), t))
        v128.store(to, Gate.slope(f32x4.mul(e, g), a))
        v128.store(to + size, Gate.slope(f32x4.mul(e, v128.load(c + at)), b))
        v128.store(to + 2 * size, Gate.slopeTanh(f32x4.mul(e, a), g))
        v128.store(to + 3 * size, Gate.slope(f32x4.mul(d, t), o))
        v128.store(ec + at, f32x4.mul(e, b))
      } else {
        const n = Gate.slopeTanh(f32x4.mul(d, Gate.rest(b)), g)
        v128.store(to, Gate.slope(f32x4.mul(n, v128.load(more + at)), a))
        v128.store(to + size, Gate.slope(f32x4.mul(d, f32x4.sub(v128.load(h + at), g)), b))
        v128.store(to + 2 * size, n)
        v128.store(db + at, f32x4.mul(n, a))
        stays = f32x4.mul(d, b)
      }
    }
    v128.store(eh + at, stays)
  }
}

/** y += x */
function add(x: usize, y: usize, size: usize): void {
  for (let at: usize = 0; at < size; at += 16) {
    v128.store(y + at, Gate.sum(x + at, y + at))
  }
}

class Gates {
  /** How many there are. */
  @inline static of(kind: i32): i32 {
    return kind == Kind.lstm ? 4 : kind == Kind.gru ? 3 : 1
  }
}

export function recurrent_f32(
  kind: i32,
  panels: usize,
  gates: usize,
  hidden: usize,
  bi: usize,
  bh: usize,
  more: usize,
  h: usize,
  c: usize,
  h0: usize,
  c0: usize,
  lengths: usize,
  T: i32,
  B: i32,
  H: i32,
  reverse: i32,
  begin: i32,
  end: i32,
): void {
  const size = Address.bytes<f32>(H)
  const width = Gates.of(kind) * H
  const wide = Address.bytes<f32>(width)
  const isLstm = kind == Kind.lstm
  const first = ((reverse ? T * B : 0) + begin) * H
  const all = <usize>(end - begin) * size
  memory.copy(Address.of<f32>(h, first), Address.of<f32>(h0, begin * H), all)
  if (isLstm) memory.copy(Address.of<f32>(c, first), Address.of<f32>(c0, begin * H), all)
  for (let i = 0; i < T; i++) {
    const t = reverse ? T - 1 - i : i
    const from = (reverse ? t + 1 : t) * B
    const to = (reverse ? t : t + 1) * B
    if (panels)
      Product.run(
        Address.of<f32>(h, (from + begin) * H),
        size,
        4,
        end - begin,
        panels,
        ROW,
        <usize>H * ROW,
        width,
        H,
        Address.of<f32>(hidden, begin * width),
        wide,
        false,
      )
    for (let row = begin; row < end; row++) {
      const fromH = Address.of<f32>(h, (from + row) * H)
      const toH = Address.of<f32>(h, (to + row) * H)
      const fromC = Address.of<f32>(c, (from + row) * H)
      const toC = Address.of<f32>(c, (to + row) * H)
      if (!lengths || t < load<i32>(Address.of<i32>(lengths, row))) {
        const g = Address.of<f32>(gates, (t * B + row) * width)
        const p = Address.of<f32>(hidden, row * width)
        const m = Address.of<f32>(more, (t * B + row) * H)
        step(kind, g, p, bi, bh, m, fromH, fromC, toH, toC, size)
      } else {
        memory.copy(toH, fromH, size)
        if (isLstm) memory.copy(toC, fromC, size)
      }
    }
  }
}

export function recurrentGrad_f32(
  kind: i32,
  panels: usize,
  gates: usize,
  more: usize,
  h: usize,
  c: usize,
  dh: usize,
  dc: usize,
  da: usize,
  db: usize,
  eh: usize,
  ec: usize,
  lengths: usize,
  T: i32,
  B: i32,
  H: i32,
  reverse: i32,
  begin: i32,
  end: i32,
): void {
  const size = Address.bytes<f32>(H)
  const width = Gates.of(kind) * H
  const wide = Address.bytes<f32>(width)
  const isLstm = kind == Kind.lstm
  // The state's part of the gates: of a GRU, the last third has gradients of its own.
  const plain = kind == Kind.gru ? 2 * H : width
  const rows = end - begin
  const ehs = Address.of<f32>(eh, begin * H)
  const ecs = Address.of<f32>(ec, begin * H)
  const all = <usize>rows * size
  memory.fill(ehs, 0, all)
  if (isLstm) memory.fill(ecs, 0, all)
  for (let i = T - 1; i >= -1; i--) {
    const t = reverse ? T - 1 - i : i
    const from = (reverse ? t + 1 : t) * B
    const to = (reverse ? t : t + 1) * B
    add(Address.of<f32>(dh, (to + begin) * H), ehs, all)
    if (isLstm) add(Address.of<f32>(dc, (to + begin) * H), ecs, all)
    if (i < 0) break
    for (let row = begin; row < end; row++) {
      const a = Address.of<f32>(da, (t * B + row) * width)
      const b = Address.of<f32>(db, (t * B + row) * H)
      if (!lengths || t < load<i32>(Address.of<i32>(lengths, row))) {
        const g = Address.of<f32>(gates, (t * B + row) * width)
        const m = Address.of<f32>(more, (t * B + row) * H)
        const fromH = Address.of<f32>(h, (from + row) * H)
        const fromC = Address.of<f32>(c, (from + row) * H)
        const toH = Address.of<f32>(h, (to + row) * H)
        const toC = Address.of<f32>(c, (to + row) * H)
        const e = Address.of<f32>(eh, row * H)
        const f = Address.of<f32>(ec, row * H)
        back(kind, g, m, fromH, fromC, toH, toC, e, f, a, b, size)
      } else {
        memory.fill(a, 0, wide)
        if (kind == Kind.gru) memory.fill(b, 0, size)
      }
    }
    const first = t * B + begin
    const panel = <usize>width * ROW
    Product.run(Address.of<f32>(da, first * width), wide, 4, rows, panels, ROW, panel, H, plain, ehs, size, true)
    if (kind == Kind.gru)
      Product.run(
        Address.of<f32>(db, first * H),
        size,
        4,
        rows,
        panels + <usize>plain * ROW,
        ROW,
        panel,
        H,
        H,
        ehs,
        size,
        true,
      )
  }
}
