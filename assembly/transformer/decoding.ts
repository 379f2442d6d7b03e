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
  /** s[j] = q · k[j] and t[j] = r · l[j], j < n: two heads, two keys of each at a time. */
  static scores(q: usize, r: usize, k: usize, l: usize, lane: usize, n: i32, D: i32, s: usize, t: usize): void {
    for (let j = 0; j < n; j += 2) {
      // Beyond the last, the last once more.
      const next = j + 1 < n ? lane : 0
      let a = k
      let b = a + next
      let c = l
      let d = c + next
      let sa = Table.zero()
      let sb = sa
      let sc = sa
      let sd = sa
      let from = q
      let other = r
      for (const stop = q + Address.bytes<f32>(D); from < stop; from += 16) {
        const x = v128.load(from)
        const y = v128.load(other)
        sa = f32x4.add(sa, f32x4.mul(x, v128.load(a)))
        sb = f32x4.add(sb, f32x4.mul(x, v128.load(b)))
        sc = f32x4.add(sc, f32x4.mul(y, v128.load(c)))
        sd = f32x4.add(sd, f32x4.mul(y, v128.load(d)))
        other += 16
        a += 16
        b += 16
        c += 16
        d += 16
      }
      // Rows of scores have room for one more.
      const sums = One.pairs(One.pairs(sa, sb), One.pairs(sc, sd))
      v128.store64_lane(Address.of<f32>(s, j), sums, 0)
      v128.store64_lane(Address.of<f32>(t, j), sums, 1)
      k += 2 * lane
      l += 2 * lane
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

  /** y = Σ p[j] v[j] and z = Σ r[j] w[j], j < n: two heads, two rows of each at a time, then one. */
  static values(p: usize, r: usize, v: usize, w: usize, lane: usize, n: i32, D: i32, y: usize, z: usize): void {
    const end = Address.of<f32>(y, D)
    memory.fill(y, 0, Address.bytes<f32>(D))
    memory.fill(z, 0, Address.bytes<f32>(D))
    for (; n >= 2; n -= 2) {
      const p0 = v128.load32_splat(p)
      const p1 = v128.load32_splat(p, 4)
      const r0 = v128.load32_splat(r)
      const r1 = v128.load32_splat(r, 4)
      let a = v
      let b = w
      for (let to = y, other = z; to < end; to += 16, other += 16) {
        const s = f32x4.add(v128.load(to), f32x4.mul(p0, v128.load(a)))
        v128.store(to, f32x4.add(s, f32x4.mul(p1, v128.load(a + lane))))
        const t = f32x4.add(v128.load(other), f32x4.mul(r0, v128.load(b)))
        v128.store(other, f32x4.add(t, f32x4.mul(r1, v128.load(b + lane))))
        a += 16
        b += 16
      }
      p += 8
      r += 8
      v += 2 * lane
      w += 2 * lane
    }
    if (n == 0) return
    const p0 = v128.load32_splat(p)
    const r0 = v128.load32_splat(r)
    for (let to = y, other = z; to < end; to += 16, other += 16) {
      v128.store(to, f32x4.add(v128.load(to), f32x4.mul(p0, v128.load(v))))
      v128.store(other, f32x4.add(v128.load(other), f32x4.mul(r0, v128.load(w))))
      v += 16
      w += 16
    }
  }

  /** y = y · factor on n numbers. */
  static times(y: usize, n: i32, factor: v128): void {
    for (const end = Address.of<f32>(y, n); y < end; y += 16) v128.store(y, f32x4.mul(v128.load(y), factor))
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
  // All scores before all values, for as many heads as there is room for: each is one long stretch of memory. Half of the
  // heads are read beside the other half: two streams come faster than one, and than four or neighbouring rows.
  const row = Address.bytes<f32>(S + 8)
  const spare = scratch + ROOM - Address.bytes<f32>(D)
  const most = max(1, <i32>((spare - scratch) / row))
  const lane = Address.bytes<f32>(kt)
  const step = Address.bytes<f32>(vt)
  while (begin < end) {
    const stop = min(end, begin + most)
    const half = (stop - begin + 1) >> 1
    for (let u = begin; u < begin + half; u++) {
      const o = min(u + half, stop - 1)
      const K = Address.of<f32>(k, (u / H) * kb + ((u % H) / G) * kh)
      const L = Address.of<f32>(k, (o / H) * kb + ((o % H) / G) * kh)
      const s = scratch + <usize>(u - begin) * row
      const t = scratch + <usize>(o - begin) * row
      One.scores(Address.of<f32>(q, u * D), Address.of<f32>(q, o * D), K, L, lane, S, D, s, t)
    }
    for (let u = begin, s = scratch; u < stop; u++, s += row) {
      One.scaled(s, mask ? Address.of<f32>(mask, (u / H) * mb + (u % H) * mh) : 0, S, scale)
      store<f32>(s + row - 4, <f32>(1 / Row.exps<f32>(s, s, S, Fold.largest<f32>(s, S))))
    }
    for (let u = begin; u < begin + half; u++) {
      // Without another one, its own once more, elsewhere.
      const isTwo = u + half < stop
      const o = isTwo ? u + half : u
      const V = Address.of<f32>(v, (u / H) * vb + ((u % H) / G) * vh)
      const W = Address.of<f32>(v, (o / H) * vb + ((o % H) / G) * vh)
      const s = scratch + <usize>(u - begin) * row
      const t = scratch + <usize>(o - begin) * row
      One.values(s, t, V, W, step, S, D, Address.of<f32>(y, u * D), isTwo ? Address.of<f32>(y, o * D) : spare)
    }
    for (let s = scratch; begin < stop; begin++, s += row) {
      One.times(Address.of<f32>(y, begin * D), D, v128.load32_splat(s + row - 4))
    }
  }
}
