// Scaled dot-product attention without its matrix of weights, float32: softmax over blocks of keys with a running maximum
// and sum (Milakov and Gimelshein 2018; Dao et al. 2022, arXiv:2205.14135), so that the extra memory is that of a row.
//
// attention_f32(q, k, v, mask, y, stats, H, G, Tq, Tk, D, E, qb, qh, qt, kb, kh, kt, vb, vh, vt, mb, mh, mq, scale, causal,
//   scratch, begin, end): y[b, i, h] = Σ softmax(scale q·k + mask) v, [begin, end) counts heads b·H + h.
//   q, k, v: element (b, h, t, d) at b·qb + h·qh + t·qt + d; D numbers of q and k, E of v, both multiples of 8, at most 512.
//   G heads of q share one of k and v. mask, or 0: (b, h, i, j) at b·mb + h·mh + i·mq + j. causal: keys j ≤ i alone.
//   y [B, Tq, H, E]. stats [B·H, 2, Tq]: the maximum of each row and the sum of its exponentials.
// attentionGrad_f32(q, k, v, mask, y, stats, dy, dq, dk, dv, H, …, causal, rq, rk, rv, scratch, begin, end): [begin, end)
//   counts heads of k and v. Rows of dq (a row's heads side by side) are rq apart, those of dk and dv rk and rv.
// The first block of keys is seen by every row, and sets what the others are added to.
// A row of which all is masked is NaN, as in the composition. Errors as in lib/rows; sums of products in order, by blocks.

import { Address } from '../lib/address'
import { Table } from '../lib/constants'
import { Part } from '../lib/part'
import { Fold } from '../lib/reduce'
import { Row } from '../lib/rows'
import { Pack } from '../tensor/pack'
import { Product, ROW } from './product'

/** Keys and queries of a block. */
const KEYS: i32 = 128
const ROWS: i32 = 64
/** Queries that meet no more keys than the last of them sees; and keys, no more queries than see the first of them. */
const STRIP: i32 = 8
/** Bytes from one row of scores to the next: with room for a group behind them, and no power of two for the cache's sake. */
const SCORES: usize = 4 * KEYS + 64

class Block {
  /** Packs `count` rows of k numbers, `lane` bytes apart, times `factor` as the columns of panels; beyond, repeats the last. */
  static turn(from: usize, lane: usize, count: i32, k: i32, factor: f32, to: usize): void {
    const panels = to
    for (let j = 0; j < count; j += 8) {
      for (let half = 0; half < 8; half += 4) {
        let a = from + <usize>min(j + half, count - 1) * lane
        let b = from + <usize>min(j + half + 1, count - 1) * lane
        let c = from + <usize>min(j + half + 2, count - 1) * lane
        let d = from + <usize>min(j + half + 3, count - 1) * lane
        let at = to + Address.bytes<f32>(half)
        for (let p = 0; p < k; p += 4) {
          Pack.turn<f32>(a, b, c, d, at, ROW)
          a += 16
          b += 16
          c += 16
          d += 16
          at += 4 * ROW
        }
      }
      to += <usize>k * ROW
    }
    Block.times(panels, <i32>(to - panels) >> 2, factor)
  }

  /** How many keys of a block from `key` on row `i` sees; with 0 or less, none. */
  @inline static seen(causal: i32, i: i32, key: i32, count: i32): i32 {
    return causal ? min(count, i + 1 - key) : count
  }

  /** Packs `count` rows of n numbers, `row` bytes apart, into panels. */
  static lay(from: usize, row: usize, count: i32, n: i32, to: usize): void {
    for (; n > 0; n -= 8) {
      for (let i = 0, at = from; i < count; i++, at += row) {
        v128.store(to, v128.load(at))
        v128.store(to, v128.load(at, 16), 16)
        to += ROW
      }
      from += ROW
    }
  }

  /** n rounded up to whole groups of 16: what the functions of a row take without a rest. A row has room for it. */
  @inline static whole(n: i32): i32 {
    return (n + 15) & ~15
  }

  /** Adds the mask, if there is one, to n scores, and puts a group of −∞ behind them. */
  static masked(s: usize, mask: usize, n: i32): void {
    if (mask)
      for (let at: usize = 0, left = n << 2; left > 0; at += 16, left -= 16)
        v128.store(s + at, f32x4.add(v128.load(s + at), left >= 16 ? v128.load(mask + at) : Part.load(mask + at, left)))
    const behind = Address.of<f32>(s, n)
    const none = f32x4.splat(-Infinity)
    for (let at: usize = 0; at < 64; at += 16) v128.store(behind + at, none)
  }

  /** Zeros behind a row of which n numbers are of a block of `count`, at most 8 of them. */
  @inline static clear(s: usize, n: i32, count: i32): void {
    const from = Block.whole(n)
    if (from >= count) return
    s = Address.of<f32>(s, from)
    v128.store(s, Table.zero())
    v128.store(s, Table.zero(), 16)
  }

  /** x = x · factor on n numbers, a multiple of 4. */
  static times(x: usize, n: i32, factor: f32): void {
    const f = f32x4.splat(factor)
    for (const stop = Address.of<f32>(x, n); x < stop; x += 16) v128.store(x, f32x4.mul(v128.load(x), f))
  }

  /** e^x of one number ≤ 0. */
  @inline static exp(x: f32): f32 {
    return f32x4.extract_lane(Row.expCall<f32>(f32x4.splat(x)), 0)
  }
}

export function attention_f32(
  q: usize,
  k: usize,
  v: usize,
  mask: usize,
  y: usize,
  stats: usize,
  H: i32,
  G: i32,
  Tq: i32,
  Tk: i32,
  D: i32,
  E: i32,
  qb: i32,
  qh: i32,
  qt: i32,
  kb: i32,
  kh: i32,
  kt: i32,
  vb: i32,
  vh: i32,
  vt: i32,
  mb: i32,
  mh: i32,
  mq: i32,
  scale: f32,
  causal: i32,
  scratch: usize,
  begin: i32,
  end: i32,
): void {
  const panels = scratch + <usize>STRIP * SCORES
  const values = panels + <usize>KEYS * Address.bytes<f32>(D)
  const yRow = Address.bytes<f32>(H * E)
  for (; begin < end; begin++) {
    const b = begin / H
    const h = begin % H
    const Q = Address.of<f32>(q, b * qb + h * qh)
    const K = Address.of<f32>(k, b * kb + (h / G) * kh)
    const V = Address.of<f32>(v, b * vb + (h / G) * vh)
    const M = mask ? Address.of<f32>(mask, b * mb + h * mh) : 0
    const Y = Address.of<f32>(y, (b * Tq * H + h) * E)
    const tops = Address.of<f32>(stats, begin * 2 * Tq)
    const sums = Address.of<f32>(tops, Tq)
    for (let key = 0; key < Tk; key += KEYS) {
      const keys = min(KEYS, Tk - key)
      Block.turn(Address.of<f32>(K, key * kt), Address.bytes<f32>(kt), keys, D, scale, panels)
      Block.lay(Address.of<f32>(V, key * vt), Address.bytes<f32>(vt), keys, E, values)
      for (let row = causal ? key : 0; row < Tq; row += STRIP) {
        const rows = min(STRIP, Tq - row)
        const n = Block.seen(causal, row + rows - 1, key, keys)
        const Y0 = Y + <usize>row * yRow
        const from = Address.of<f32>(Q, row * qt)
        Product.run(from, Address.bytes<f32>(qt), 4, rows, panels, ROW, <usize>D * ROW, n, D, scratch, SCORES, false)
        for (let i = 0; i < rows; i++) {
          const s = scratch + <usize>i * SCORES
          const top = Address.of<f32>(tops, row + i)
          const sum = Address.of<f32>(sums, row + i)
          const seen = Block.seen(causal, row + i, key, keys)
          Block.masked(s, M ? Address.of<f32>(M, (row + i) * mq + key) : 0, seen)
          const all = Block.whole(seen)
          let next = f32x4.extract_lane(Fold.largest<f32>(s, all), 0)
          if (key > 0) next = max<f32>(load<f32>(top), next)
          // Where all was masked so far there is no maximum: any number will do.
          const base: f32 = next == -Infinity ? 0 : next
          let total = <f32>Row.exps<f32>(s, s, all, f32x4.splat(base))
          Block.clear(s, seen, n)
          if (key > 0) {
            const shrink = Block.exp(load<f32>(top) - base)
            total += load<f32>(sum) * shrink
            if (shrink != 1) Block.times(Y0 + <usize>i * yRow, E, shrink)
          }
          store<f32>(top, next)
          store<f32>(sum, total)
        }
        Product.run(scratch, SCORES, 4, rows, values, ROW, <usize>keys * ROW, E, n, Y0, yRow, key > 0)
      }
    }
    for (let i = 0; i < Tq; i++) Block.times(Y + <usize>i * yRow, E, 1 / load<f32>(Address.of<f32>(sums, i)))
  }
}

export function attentionGrad_f32(
  q: usize,
  k: usize,
  v: usize,
  mask: usize,
  y: usize,
  stats: usize,
  dy: usize,
  dq: usize,
  dk: usize,
  dv: usize,
  H: i32,
  G: i32,
  Tq: i32,
  Tk: i32,
  D: i32,
  E: i32,
  qb: i32,
  qh: i32,
  qt: i32,
  kb: i32,
  kh: i32,
  kt: i32,
  vb: i32,
  vh: i32,
  vt: i32,
  mb: i32,
  mh: i32,
  mq: i32,
  scale: f32,
  causal: i32,
  rq: i32,
  rk: i32,
  rv: i32,
  scratch: usize,
  begin: i32,
  end: i32,
): void {
  const area = <usize>ROWS * SCORES
  const panelsK = scratch + 2 * area
  const panelsV = panelsK + <usize>KEYS * Address.bytes<f32>(D)
  const rowsK = panelsV + <usize>KEYS * Address.bytes<f32>(E)
  const yRow = Address.bytes<f32>(H * E)
  const toQ = Address.bytes<f32>(rq)
  const toK = Address.bytes<f32>(rk)
  const toV = Address.bytes<f32>(rv)
  const heads = H / G
  for (; begin < end; begin++) {
    const b = begin / heads
    const kv = begin % heads
    const K = Address.of<f32>(k, b * kb + kv * kh)
    const V = Address.of<f32>(v, b * vb + kv * vh)
    const DK = Address.of<f32>(dk, b * Tk * rk + kv * D)
    const DV = Address.of<f32>(dv, b * Tk * rv + kv * E)
    // What no query sees; the rest is set by the first who does, and added to by the others.
    for (let j = causal ? Tq : Tk; j < Tk; j++) {
      memory.fill(DK + <usize>j * toK, 0, Address.bytes<f32>(D))
      memory.fill(DV + <usize>j * toV, 0, Address.bytes<f32>(E))
    }
    for (let key = 0; key < Tk; key += KEYS) {
      const keys = min(KEYS, Tk - key)
      const keysAt = Address.of<f32>(K, key * kt)
      Block.turn(keysAt, Address.bytes<f32>(kt), keys, D, scale, panelsK)
      Block.lay(keysAt, Address.bytes<f32>(kt), keys, D, rowsK)
      Block.turn(Address.of<f32>(V, key * vt), Address.bytes<f32>(vt), keys, E, scale, panelsV)
      for (let h = kv * G; h < (kv + 1) * G; h++) {
        const Q = Address.of<f32>(q, b * qb + h * qh)
        const M = mask ? Address.of<f32>(mask, b * mb + h * mh) : 0
        const tops = Address.of<f32>(stats, (b * H + h) * 2 * Tq)
        const sums = Address.of<f32>(tops, Tq)
        for (let row = causal ? key : 0; row < Tq; row += ROWS) {
          const rows = min(ROWS, Tq - row)
          const first = ((b * Tq + row) * H + h) * E
          const queries = Address.of<f32>(Q, row * qt)
          const up = Address.of<f32>(dy, first)
          const qRow = Address.bytes<f32>(qt)
          for (let strip = 0; strip < rows; strip += STRIP) {
            const m = min(STRIP, rows - strip)
            const n = Block.seen(causal, row + strip + m - 1, key, keys)
            const S = scratch + <usize>strip * SCORES
            const slope = S + area
            const dyAt = up + <usize>strip * yRow
            const Q0 = queries + <usize>strip * qRow
            Product.run(Q0, qRow, 4, m, panelsK, ROW, <usize>D * ROW, n, D, S, SCORES, false)
            Product.run(dyAt, yRow, 4, m, panelsV, ROW, <usize>E * ROW, n, E, slope, SCORES, false)
            for (let i = 0; i < m; i++) {
              const at = row + strip + i
              const s = S + <usize>i * SCORES
              const d = s + area
              const seen = Block.seen(causal, at, key, keys)
              const all = Block.whole(seen)
              Block.masked(s, M ? Address.of<f32>(M, at * mq + key) : 0, seen)
              const top = load<f32>(Address.of<f32>(tops, at))
              Row.exps<f32>(s, s, all, f32x4.splat(top))
              const share = f32x4.splat(1 / load<f32>(Address.of<f32>(sums, at)))
              const out = <usize>(strip + i) * yRow
              const mean = f32x4.splat(scale * <f32>Row.dot<f32>(up + out, Address.of<f32>(y, first) + out, E))
              for (let j: usize = 0; j < Address.bytes<f32>(all); j += 16) {
                const p = f32x4.mul(v128.load(s + j), share)
                v128.store(s + j, p)
                v128.store(d + j, f32x4.mul(p, f32x4.sub(v128.load(d + j), mean)))
              }
              Block.clear(s, seen, n)
              Block.clear(d, seen, n)
            }
            const DQ = Address.of<f32>(dq, (b * Tq + row + strip) * rq + h * D)
            Product.run(slope, SCORES, 4, m, rowsK, ROW, <usize>keys * ROW, D, n, DQ, toQ, key > 0)
          }
          const last = Block.seen(causal, row + rows - 1, key, keys)
          for (let j = 0; j < last; j += STRIP) {
            const m = min(STRIP, last - j)
            const seenFrom = causal ? key + j - row : -row
            const from = max(0, seenFrom)
            const more = h > kv * G || seenFrom < 0
            const S = scratch + <usize>from * SCORES + Address.bytes<f32>(j)
            const n = rows - from
            const into = Address.of<f32>(DV, (key + j) * rv)
            Product.run(S, 4, SCORES, m, up + <usize>from * yRow, yRow, ROW, E, n, into, toV, more)
            const DKj = Address.of<f32>(DK, (key + j) * rk)
            Product.run(S + area, 4, SCORES, m, queries + <usize>from * qRow, qRow, ROW, D, n, DKj, toK, more)
          }
        }
      }
    }
  }
}
