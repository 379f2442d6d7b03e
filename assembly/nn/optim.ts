// Optimiser steps in place on elements [begin, end) of a parameter p with gradient g and the state of the rule, one pass
// over all of them. What a step multiplies with are f64 numbers in memory at c, worked out by the host before every step
// (packages/nn/src/optim), so that a recorded step follows schedules and counts on. In all of them
//   G = c0 g + c1 p   (c0 is −1 to go uphill, c1 the weight decay that is added to the gradient)
// State that a rule does not need is a 0 pointer. An element's bits depend on its own values only.

import { Address } from '../lib/address'
import { Lanes } from '../lib/lanes'
import { Part } from '../lib/part'

class Optim {
  /** Number `index` at c in every lane. */
  @inline static at<T extends number>(c: usize, index: usize): v128 {
    return sizeof<T>() == 8 ? v128.load_splat<f64>(c + (index << 3)) : v128.splat<T>(<T>load<f64>(c + (index << 3)))
  }

  /** The next vector of an array of which `left` bytes are left. */
  @inline static load(from: usize, left: i32): v128 {
    return left >= 16 ? v128.load(from) : Part.load(from, left)
  }

  @inline static store(to: usize, x: v128, left: i32): void {
    if (left >= 16) v128.store(to, x)
    else Part.store(to, x, left)
  }

  /** G of one vector. */
  @inline static gradient<T extends number>(g: usize, P: v128, left: i32, sign: v128, pull: v128): v128 {
    return v128.add<T>(v128.mul<T>(Optim.load(g, left), sign), v128.mul<T>(pull, P))
  }

  /** a x + b y */
  @inline static mix<T extends number>(a: v128, x: v128, b: v128, y: v128): v128 {
    return v128.add<T>(v128.mul<T>(a, x), v128.mul<T>(b, y))
  }
}

/** b = c2 b + c3 G; p −= c4 G + c5 b. Without b: p −= c4 G. */
function sgd<T extends number>(p: usize, g: usize, b: usize, c: usize, begin: i32, end: i32): void {
  const sign = Optim.at<T>(c, 0)
  const pull = Optim.at<T>(c, 1)
  const keep = Optim.at<T>(c, 2)
  const fresh = Optim.at<T>(c, 3)
  const ahead = Optim.at<T>(c, 4)
  const along = Optim.at<T>(c, 5)
  const first = Address.bytes<T>(begin)
  p += first
  g += first
  const buf = b + first
  for (let left = <i32>Address.bytes<T>(end - begin), at: usize = 0; left > 0; left -= 16, at += 16) {
    const P = Optim.load(p + at, left)
    const G = Optim.gradient<T>(g + at, P, left, sign, pull)
    let step = v128.mul<T>(ahead, G)
    if (b) {
      const B = Optim.mix<T>(keep, Optim.load(buf + at, left), fresh, G)
      Optim.store(buf + at, B, left)
      step = v128.add<T>(step, v128.mul<T>(along, B))
    }
    Optim.store(p + at, v128.sub<T>(P, step), left)
  }
}

/** p = c2 p − c3 G; a = c4 a + c5 p. */
function asgd<T extends number>(p: usize, g: usize, a: usize, c: usize, begin: i32, end: i32): void {
  const sign = Optim.at<T>(c, 0)
  const pull = Optim.at<T>(c, 1)
  const shrink = Optim.at<T>(c, 2)
  const rate = Optim.at<T>(c, 3)
  const stay = Optim.at<T>(c, 4)
  const move = Optim.at<T>(c, 5)
  const first = Address.bytes<T>(begin)
  p += first
  g += first
  a += first
  for (let left = <i32>Address.bytes<T>(end - begin), at: usize = 0; left > 0; left -= 16, at += 16) {
    const P = Optim.load(p + at, left)
    const G = Optim.gradient<T>(g + at, P, left, sign, pull)
    const Q = v128.sub<T>(v128.mul<T>(shrink, P), v128.mul<T>(rate, G))
    Optim.store(p + at, Q, left)
    Optim.store(a + at, Optim.mix<T>(stay, Optim.load(a + at, left), move, Q), left)
  }
}

/**
 * m = c2 m + c3 G; v = c4 v + c5 G²; p = c6 p − (c7 m + c8 G) / (c9 √v + c10), with the largest v so far instead of v
 * where `top` keeps it. c9 is 1, or 0 for a step that leaves v out.
 */
function adam<T extends number>(
  p: usize,
  g: usize,
  m: usize,
  v: usize,
  top: usize,
  c: usize,
  begin: i32,
  end: i32,
): void {
  const sign = Optim.at<T>(c, 0)
  const pull = Optim.at<T>(c, 1)
  const B1 = Optim.at<T>(c, 2)
  const C1 = Optim.at<T>(c, 3)
  const B2 = Optim.at<T>(c, 4)
  const C2 = Optim.at<T>(c, 5)
  const shrink = Optim.at<T>(c, 6)
  const rate = Optim.at<T>(c, 7)
  const ahead = Optim.at<T>(c, 8)
  const root = Optim.at<T>(c, 9)
  const eps = Optim.at<T>(c, 10)
  const first = Address.bytes<T>(begin)
  p += first
  g += first
  m += first
  v += first
  const most = top + first
  for (let left = <i32>Address.bytes<T>(end - begin), at: usize = 0; left > 0; left -= 16, at += 16) {
    const P = Optim.load(p + at, left)
    const G = Optim.gradient<T>(g + at, P, left, sign, pull)
    const M = Optim.mix<T>(B1, Optim.load(m + at, left), C1, G)
    let V = Optim.mix<T>(B2, Optim.load(v + at, left), C2, v128.mul<T>(G, G))
    Optim.store(m + at, M, left)
    Optim.store(v + at, V, left)
    if (top) {
      V = v128.max<T>(V, Optim.load(most + at, left))
      Optim.store(most + at, V, left)
    }
    const size = v128.add<T>(v128.mul<T>(root, v128.sqrt<T>(V)), eps)
    const away = v128.div<T>(Optim.mix<T>(rate, M, ahead, G), size)
    Optim.store(p + at, v128.sub<T>(v128.mul<T>(shrink, P), away), left)
  }
}

/** m = c2 m + c3 G; u = max(c4 u, |G| + c5); p −= c6 m / u. */
function adamax<T extends number>(p: usize, g: usize, m: usize, u: usize, c: usize, begin: i32, end: i32): void {
  const sign = Optim.at<T>(c, 0)
  const pull = Optim.at<T>(c, 1)
  const B1 = Optim.at<T>(c, 2)
  const C1 = Optim.at<T>(c, 3)
  const B2 = Optim.at<T>(c, 4)
  const eps = Optim.at<T>(c, 5)
  const rate = Optim.at<T>(c, 6)
  const first = Address.bytes<T>(begin)
  p += first
  g += first
  m += first
  u += first
  for (let left = <i32>Address.bytes<T>(end - begin), at: usize = 0; left > 0; left -= 16, at += 16) {
    const P = Optim.load(p + at, left)
    const G = Optim.gradient<T>(g + at, P, left, sign, pull)
    const M = Optim.mix<T>(B1, Optim.load(m + at, left), C1, G)
    const U = v128.max<T>(v128.mul<T>(B2, Optim.load(u + at, left)), v128.add<T>(v128.abs<T>(G), eps))
    Optim.store(m + at, M, left)
    Optim.store(u + at, U, left)
    Optim.store(p + at, v128.sub<T>(P, v128.div<T>(v128.mul<T>(rate, M), U)), left)
  }
}

/**
 * v = c2 v + c3 G²; s = G / (√v + c4); p −= c5 s. With `mean`, mean = c2 mean + c3 G and v less mean² under the root; with
 * `b`, b = c6 b + s in the place of s.
 */
function rmsprop<T extends number>(
  p: usize,
  g: usize,
  v: usize,
  mean: usize,
  b: usize,
  c: usize,
  begin: i32,
  end: i32,
): void {
  const sign = Optim.at<T>(c, 0)
  const pull = Optim.at<T>(c, 1)
  const keep = Optim.at<T>(c, 2)
  const fresh = Optim.at<T>(c, 3)
  const eps = Optim.at<T>(c, 4)
  const rate = Optim.at<T>(c, 5)
  const momentum = Optim.at<T>(c, 6)
  const first = Address.bytes<T>(begin)
  p += first
  g += first
  v += first
  const centre = mean + first
  const buf = b + first
  for (let left = <i32>Address.bytes<T>(end - begin), at: usize = 0; left > 0; left -= 16, at += 16) {
    const P = Optim.load(p + at, left)
    const G = Optim.gradient<T>(g + at, P, left, sign, pull)
    let V = Optim.mix<T>(keep, Optim.load(v + at, left), fresh, v128.mul<T>(G, G))
    Optim.store(v + at, V, left)
    if (mean) {
      const M = Optim.mix<T>(keep, Optim.load(centre + at, left), fresh, G)
      Optim.store(centre + at, M, left)
      V = v128.sub<T>(V, v128.mul<T>(M, M))
    }
    let step = v128.div<T>(G, v128.add<T>(v128.sqrt<T>(V), eps))
    if (b) {
      step = v128.add<T>(v128.mul<T>(momentum, Optim.load(buf + at, left)), step)
      Optim.store(buf + at, step, left)
    }
    Optim.store(p + at, v128.sub<T>(P, v128.mul<T>(rate, step)), left)
  }
}

/** v = c2 v + c3 G²; s = √(u + c4) / √(v + c4) G; u = c2 u + c3 s²; p −= c5 s. */
function adadelta<T extends number>(p: usize, g: usize, v: usize, u: usize, c: usize, begin: i32, end: i32): void {
  const sign = Optim.at<T>(c, 0)
  const pull = Optim.at<T>(c, 1)
  const keep = Optim.at<T>(c, 2)
  const fresh = Optim.at<T>(c, 3)
  const eps = Optim.at<T>(c, 4)
  const rate = Optim.at<T>(c, 5)
  const first = Address.bytes<T>(begin)
  p += first
  g += first
  v += first
  u += first
  for (let left = <i32>Address.bytes<T>(end - begin), at: usize = 0; left > 0; left -= 16, at += 16) {
    const P = Optim.load(p + at, left)
    const G = Optim.gradient<T>(g + at, P, left, sign, pull)
    const V = Optim.mix<T>(keep, Optim.load(v + at, left), fresh, v128.mul<T>(G, G))
    const U = Optim.load(u + at, left)
    const ratio = v128.div<T>(v128.sqrt<T>(v128.add<T>(U, eps)), v128.sqrt<T>(v128.add<T>(V, eps)))
    const step = v128.mul<T>(ratio, G)
    Optim.store(v + at, V, left)
    Optim.store(u + at, Optim.mix<T>(keep, U, fresh, v128.mul<T>(step, step)), left)
    Optim.store(p + at, v128.sub<T>(P, v128.mul<T>(rate, step)), left)
  }
}

/**
 * s = c6 s + c7, then s times c2 where G turned its sign since `before`, times c3 where it kept it, within [c4, c5];
 * p −= sign(G) s, but not where the sign turned; before = G, or 0 where it turned.
 */
function rprop<T extends number>(p: usize, g: usize, before: usize, s: usize, c: usize, begin: i32, end: i32): void {
  const sign = Optim.at<T>(c, 0)
  const pull = Optim.at<T>(c, 1)
  const less = Optim.at<T>(c, 2)
  const more = Optim.at<T>(c, 3)
  const low = Optim.at<T>(c, 4)
  const high = Optim.at<T>(c, 5)
  const keep = Optim.at<T>(c, 6)
  const fresh = Optim.at<T>(c, 7)
  const zero = Lanes.zero<T>()
  const first = Address.bytes<T>(begin)
  p += first
  g += first
  before += first
  s += first
  for (let left = <i32>Address.bytes<T>(end - begin), at: usize = 0; left > 0; left -= 16, at += 16) {
    const P = Optim.load(p + at, left)
    const G = Optim.gradient<T>(g + at, P, left, sign, pull)
    const same = v128.mul<T>(G, Optim.load(before + at, left))
    const turned = v128.lt<T>(same, zero)
    const S = v128.add<T>(v128.mul<T>(keep, Optim.load(s + at, left)), fresh)
    const grown = v128.bitselect(v128.mul<T>(S, more), S, v128.gt<T>(same, zero))
    const next = v128.min<T>(v128.max<T>(v128.bitselect(v128.mul<T>(S, less), grown, turned), low), high)
    const D = v128.andnot(G, turned)
    const down = v128.and(next, v128.gt<T>(D, zero))
    const up = v128.and(next, v128.lt<T>(D, zero))
    Optim.store(p + at, v128.add<T>(v128.sub<T>(P, down), up), left)
    Optim.store(before + at, D, left)
    Optim.store(s + at, next, left)
  }
}

export function sgd_f32(p: usize, g: usize, b: usize, c: usize, begin: i32, end: i32): void {
  sgd<f32>(p, g, b, c, begin, end)
}
export function sgd_f64(p: usize, g: usize, b: usize, c: usize, begin: i32, end: i32): void {
  sgd<f64>(p, g, b, c, begin, end)
}
export function asgd_f32(p: usize, g: usize, a: usize, c: usize, begin: i32, end: i32): void {
  asgd<f32>(p, g, a, c, begin, end)
}
export function asgd_f64(p: usize, g: usize, a: usize, c: usize, begin: i32, end: i32): void {
  asgd<f64>(p, g, a, c, begin, end)
}
export function adam_f32(p: usize, g: usize, m: usize, v: usize, top: usize, c: usize, begin: i32, end: i32): void {
  adam<f32>(p, g, m, v, top, c, begin, end)
}
export function adam_f64(p: usize, g: usize, m: usize, v: usize, top: usize, c: usize, begin: i32, end: i32): void {
  adam<f64>(p, g, m, v, top, c, begin, end)
}
export function adamax_f32(p: usize, g: usize, m: usize, u: usize, c: usize, begin: i32, end: i32): void {
  adamax<f32>(p, g, m, u, c, begin, end)
}
export function adamax_f64(p: usize, g: usize, m: usize, u: usize, c: usize, begin: i32, end: i32): void {
  adamax<f64>(p, g, m, u, c, begin, end)
}
export function rmsprop_f32(p: usize, g: usize, v: usize, mean: usize, b: usize, c: usize, begin: i32, end: i32): void {
  rmsprop<f32>(p, g, v, mean, b, c, begin, end)
}
export function rmsprop_f64(p: usize, g: usize, v: usize, mean: usize, b: usize, c: usize, begin: i32, end: i32): void {
  rmsprop<f64>(p, g, v, mean, b, c, begin, end)
}
export function adadelta_f32(p: usize, g: usize, v: usize, u: usize, c: usize, begin: i32, end: i32): void {
  adadelta<f32>(p, g, v, u, c, begin, end)
}
export function adadelta_f64(p: usize, g: usize, v: usize, u: usize, c: usize, begin: i32, end: i32): void {
  adadelta<f64>(p, g, v, u, c, begin, end)
}
export function rprop_f32(p: usize, g: usize, before: usize, s: usize, c: usize, begin: i32, end: i32): void {
  rprop<f32>(p, g, before, s, c, begin, end)
}
export function rprop_f64(p: usize, g: usize, before: usize, s: usize, c: usize, begin: i32, end: i32): void {
  rprop<f64>(p, g, before, s, c, begin, end)
}
