// Distances between the rows of two matrices, y [m, n] from a [m, d] and b [n, d], in the norm p: 1, 2 or infinity (0 stands for it);
// and their gradient. The sums are in order, so rows that are equal are exactly 0 apart.

import { Address } from '../../lib/address'
import { Lanes } from '../../lib/lanes'
import { Part } from '../../lib/part'

export class Distance {
  @inline static rows<T extends number>(
    a: usize,
    b: usize,
    y: usize,
    m: i32,
    n: i32,
    d: i32,
    p: i32,
    begin: i32,
    end: i32,
  ): void {
    for (let r = begin; r < end; r++) {
      const x = Address.of<T>(a, r * d)
      let z = Address.of<T>(b, (r / m) * n * d)
      let to = Address.of<T>(y, r * n)
      for (let j = 0; j < n; j++) {
        store<T>(to, between<T>(x, z, d * <i32>sizeof<T>(), p))
        z += Address.bytes<T>(d)
        to += sizeof<T>()
      }
    }
  }

  /** dx [m, d] from g = dy: Σⱼ g(i, j) ∂y(i, j) / ∂a(i). Where a distance is 0, so is its gradient. */
  @inline static gradient<T extends number>(
    a: usize,
    b: usize,
    y: usize,
    g: usize,
    dx: usize,
    m: i32,
    n: i32,
    d: i32,
    p: i32,
    begin: i32,
    end: i32,
  ): void {
    const bytes = d * <i32>sizeof<T>()
    for (let r = begin; r < end; r++) {
      const x = Address.of<T>(a, r * d)
      const to = Address.of<T>(dx, r * d)
      let z = Address.of<T>(b, (r / m) * n * d)
      memory.fill(to, 0, bytes)
      for (let j = 0; j < n; j++) {
        const at = r * n + j
        pull<T>(x, z, to, load<T>(Address.of<T>(y, at)), load<T>(Address.of<T>(g, at)), bytes, p)
        z += bytes
      }
    }
  }
}

function between<T extends number>(a: usize, b: usize, bytes: i32, p: i32): T {
  let s = Lanes.zero<T>()
  for (; bytes >= 16; bytes -= 16) {
    s = more<T>(s, v128.sub<T>(v128.load(a), v128.load(b)), p)
    a += 16
    b += 16
  }
  if (bytes > 0) s = more<T>(s, v128.sub<T>(Part.load(a, bytes), Part.load(b, bytes)), p)
  if (p == 0) {
    s = v128.max<T>(s, v128.shuffle<i64>(s, s, 1, 0))
    if (sizeof<T>() == 4) s = v128.max<T>(s, v128.shuffle<i32>(s, s, 1, 0, 3, 2))
  } else s = Lanes.sum<T>(s)
  return v128.extract_lane<T>(p == 2 ? v128.sqrt<T>(s) : s, 0)
}

/** What a difference adds. */
function more<T extends number>(s: v128, x: v128, p: i32): v128 {
  if (p == 2) return v128.add<T>(s, v128.mul<T>(x, x))
  return p == 1 ? v128.add<T>(s, v128.abs<T>(x)) : v128.max<T>(s, v128.abs<T>(x))
}

function pull<T extends number>(a: usize, b: usize, to: usize, y: T, g: T, bytes: i32, p: i32): void {
  const factor = v128.splat<T>(p == 2 ? <T>(y == 0 ? 0 : g / y) : g)
  const top = v128.splat<T>(y)
  for (; bytes >= 16; bytes -= 16) {
    const x = v128.sub<T>(v128.load(a), v128.load(b))
    v128.store(to, v128.add<T>(v128.load(to), change<T>(x, factor, top, p)))
    a += 16
    b += 16
    to += 16
  }
  if (bytes > 0) {
    const x = v128.sub<T>(Part.load(a, bytes), Part.load(b, bytes))
    Part.store(to, v128.add<T>(Part.load(to, bytes), change<T>(x, factor, top, p)), bytes)
  }
}

/** factor · x, or factor with the sign of x; where only the largest difference counts, for that alone. */
function change<T extends number>(x: v128, factor: v128, top: v128, p: i32): v128 {
  if (p == 2) return v128.mul<T>(factor, x)
  const sign = v128.and(x, v128.splat<T>(<T>-0.0))
  const signed = v128.andnot(v128.xor(factor, sign), v128.eq<T>(x, Lanes.zero<T>()))
  return p == 1 ? signed : v128.and(signed, v128.eq<T>(v128.abs<T>(x), top))
}
