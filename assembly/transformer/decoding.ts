// Attention of one query per head, which is what a decoder with a cache of keys and values has at each step. Keys and
// values are read once, where they lie, and nothing is packed. float32.
//
// attendOne_f32(q, k, v, mask, y, H, G, S, D, kb, kh, kt, vb, vh, vt, mb, mh, scale, scratch, begin, end):
//   y[b, h] = Σ softmax(scale q·k + mask) v; [begin, end) counts heads b·H + h.
//   q, y [B, H, D]. k, v: element (b, h, t, d) at b·kb + h·kh + t·kt + d. G heads of q share one of k and v.
//   mask, or 0: (b, h, t) at b·mb + h·mh + t. D a multiple of 8, S ≤ 2¹⁷. Errors as in lib/rows.

import { Address } from '../lib/address'
import { Table } from '../lib/constants'
import { Fold } from '../lib/reduce'
import { Row } from '../lib/rows'

/** Bytes of the workspace. */
const ROOM: usize = 1 << 20

class One {
  /**
   * s[j] = q · k[j], j < n: four keys at a time, each in one vector of sums, and a quarter of all apart: in four streams
   * the first bytes of a page of memory are waited for side by side.
   */
  static scores(q: usize, keys: usize, lane: usize, n: i32, D: i32, s: usize): void {
    const quarter = (n + 3) >> 2
    for (let j = 0; j < quarter; j++) {
      // Beyond the last, the last once more.
      const j1 = min(j + quarter, n - 1)
      const j2 = min(j + 2 * quarter, n - 1)
      const j3 = min(j + 3 * quarter, n - 1)
      let a = keys + <usize>j * lane
      let b = keys + <usize>j1 * lane
      let c = keys + <usize>j2 * lane
      let d = keys + <usize>j3 * lane
      let sa = Table.zero()
      let sb = sa
      let sc = sa
      let sd = sa
      let from = q
      for (const stop = q + Address.bytes<f32>(D); from < stop; from += 16) {
        const x = v128.load(from)
        sa = f32x4.add(sa, f32x4.mul(x, v128.load(a)))
        sb = f32x4.add(sb, f32x4.mul(x, v128.load(b)))
        sc = f32x4.add(sc, f32x4.mul(x, v128.load(c)))
        sd = f32x4.add(sd, f32x4.mul(x, v128.load(d)))
        a += 16
        b += 16
        c += 16
        d += 16
      }
      const sums = One.pairs(One.pairs(sa, sb), One.pairs(sc, sd))
      v128.store32_lane(Address.of<f32>(s, j), sums, 0)
      v128.store32_lane(Address.of<f32>(s, j1), sums, 1)
      v128.store32_lane(Address.of<f32>(s, j2), sums, 2)
      v128.store32_lane(Address.of<f32>(s, j3), sums, 3)
    }
  }

  /** Sums of neighbours. */
  @inline static pairs(a: v128, b: v128): v128 {
    return f32x4.add(v128.shuffle<f32>(a, b, 0, 2, 4, 6), v128.shuffle<f32>(a, b, 1, 3, 5, 7))
  }

  /** s = s · scale + mask on n numbers. */
  static scaled(s: usize, mask: usize, n: i32, scale: f32): void {
    let i = 0
    for (; i + 4 <= n; i += 4) {
      const at = Address.of<f32>(s, i)
      const x = f32x4.mul(v128.load(at), f32x4.splat(scale))
      v128.store(at, mask ? f32x4.add(x, v128.load(Address.of<f32>(mask, i))) : x)
    }
    for (; i < n; i++) {
      const at = Address.of<f32>(s, i)
      const x = load<f32>(at) * scale
      store<f32>(at, mask ? x + load<f32>(Address.of<f32>(mask, i)) : x)
    }
  }

  /** y = factor · Σ p[j] v[j], j < n: as many columns at a time as there are vectors for, whole lines of the cache. */
  static values(p: usize, values: usize, lane: usize, n: i32, D: i32, y: usize, factor: v128): void {
    for (; D >= 32; D -= 32) {
      let a = Table.zero()
      let b = a
      let c = a
      let d = a
      let e = a
      let f = a
      let g = a
      let h = a
      let from = values
      for (let at = p, stop = Address.of<f32>(p, n); at < stop; at += 4) {
        const w = v128.load32_splat(at)
        a = f32x4.add(a, f32x4.mul(w, v128.load(from)))
        b = f32x4.add(b, f32x4.mul(w, v128.load(from, 16)))
        c = f32x4.add(c, f32x4.mul(w, v128.load(from, 32)))
        d = f32x4.add(d, f32x4.mul(w, v128.load(from, 48)))
        e = f32x4.add(e, f32x4.mul(w, v128.load(from, 64)))
        f = f32x4.add(f, f32x4.mul(w, v128.load(from, 80)))
        g = f32x4.add(g, f32x4.mul(w, v128.load(from, 96)))
        h = f32x4.add(h, f32x4.mul(w, v128.load(from, 112)))
        from += lane
      }
      v128.store(y, f32x4.mul(a, factor))
      v128.store(y, f32x4.mul(b, factor), 16)
      v128.store(y, f32x4.mul(c, factor), 32)
      v128.store(y, f32x4.mul(d, factor), 48)
      v128.store(y, f32x4.mul(e, factor), 64)
      v128.store(y, f32x4.mul(f, factor), 80)
      v128.store(y, f32x4.mul(g, factor), 96)
      v128.store(y, f32x4.mul(h, factor), 112)
      values += 128
      y += 128
    }
    for (; D >= 8; D -= 8) {
      let a = Table.zero()
      let b = a
      let from = values
      for (let at = p, stop = Address.of<f32>(p, n); at < stop; at += 4) {
        const w = v128.load32_splat(at)
        a = f32x4.add(a, f32x4.mul(w, v128.load(from)))
        b = f32x4.add(b, f32x4.mul(w, v128.load(from, 16)))
        from += lane
      }
      v128.store(y, f32x4.mul(a, factor))
      v128.store(y, f32x4.mul(b, factor), 16)
      values += 32
      y += 32
    }
  }
}

export function attendOne_f32(
  q: usize,
  k: usize,
  v: usize,
  mask: usize,
  y: usize,
  H: i32,
  G: i32,
  S: i32,
  D: i32,
  kb: i32,
  kh: i32,
  kt: i32,
  vb: i32,
  vh: i32,
  vt: i32,
  mb: i32,
  mh: i32,
  scale: f32,
  scratch: usize,
  begin: i32,
  end: i32,
): void {
  // All scores before all values, for as many heads as there is room for: each is one long stream of memory.
  const row = Address.bytes<f32>(S + 8)
  const most = max(1, <i32>(ROOM / row))
  while (begin < end) {
    const stop = min(end, begin + most)
    let s = scratch
    for (let u = begin; u < stop; u++, s += row) {
      const b = u / H
      const h = u % H
      const K = Address.of<f32>(k, b * kb + (h / G) * kh)
      One.scores(Address.of<f32>(q, u * D), K, Address.bytes<f32>(kt), S, D, s)
      One.scaled(s, mask ? Address.of<f32>(mask, b * mb + h * mh) : 0, S, scale)
      store<f32>(s + row - 4, <f32>(1 / Row.exps<f32>(s, s, S, Fold.largest<f32>(s, S))))
    }
    s = scratch
    for (; begin < stop; begin++, s += row) {
      const V = Address.of<f32>(v, (begin / H) * vb + ((begin % H) / G) * vh)
      const factor = v128.load32_splat(s + row - 4)
      One.values(s, V, Address.bytes<f32>(vt), S, D, Address.of<f32>(y, begin * D), factor)
    }
  }
}
