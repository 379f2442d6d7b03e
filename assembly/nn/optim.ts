// Optimiser steps in place on elements [begin, end) of a parameter p with gradient g and the state of the rule, one pass
// over all of them. What a step multiplies with are f64 numbers in memory at c, worked out by the host before every step
// (packages/nn/src/optim), so that a recorded step follows schedules and counts on. D = g + c0 p is the gradient with weight
// decay; a step uphill has the signs of some numbers turned. State that a rule does not need is a 0 pointer. An element's
// bits depend on its own values only.

import { Address } from '../lib/address'
import { Lanes } from '../lib/lanes'
import { Part } from '../lib/part'

/**
 * What a loop goes over: whole vectors, or the rest that does not fill one. Every loop is compiled for both, for a loop
 * with calls in it takes twice the time.
 */
type Whole = v128
type Rest = u8

class Optim {
  /** Number `index` at c in every lane. */
  @inline static at<T extends number>(c: usize, index: usize): v128 {
    return sizeof<T>() == 8 ? v128.load_splat<f64>(c + (index << 3)) : v128.splat<T>(<T>load<f64>(c + (index << 3)))
  }

  /** The elements before `end` that fill whole vectors from `begin` on. */
  @inline static cut<T extends number>(begin: i32, end: i32): i32 {
    return end - ((end - begin) % Lanes.count<T>())
  }

  /** The next vector of an array of which `left` bytes are left. */
  @inline static load<Of>(from: usize, left: i32): v128 {
    return sizeof<Of>() == 16 ? v128.load(from) : Part.load(from, left)
  }

  @inline static store<Of>(to: usize, x: v128, left: i32): void {
    if (sizeof<Of>() == 16) v128.store(to, x)
    else Part.store(to, x, left)
  }

  /** D of one vector. */
  @inline static gradient<T extends number, Of>(g: usize, P: v128, left: i32, pull: v128): v128 {
    return v128.add<T>(Optim.load<Of>(g, left), v128.mul<T>(pull, P))
  }

  /** a x + b y */
  @inline static mix<T extends number>(a: v128, x: v128, b: v128, y: v128): v128 {
    return v128.add<T>(v128.mul<T>(a, x), v128.mul<T>(b, y))
  }
}

/** b = c1 b + c2 D; p −= c3 D + c4 b. Without b: p −= c3 D. */
function sgd<T extends number, Of>(p: usize, g: usize, b: usize, c: usize, begin: i32, end: i32): void {
  const pull = Optim.at<T>(c, 0)
  const keep = Optim.at<T>(c, 1)
  const fresh = Optim.at<T>(c, 2)
  const ahead = Optim.at<T>(c, 3)
  const along = Optim.at<T>(c, 4)
  const first = Address.bytes<T>(begin)
  p += first
  g += first
  const buf = b + first
  for (let left = <i32>Address.bytes<T>(end - begin), at: usize = 0; left > 0; left -= 16, at += 16) {
    const P = Optim.load<Of>(p + at, left)
    const D = Optim.gradient<T, Of>(g + at, P, left, pull)
    let step = v128.mul<T>(ahead, D)
    if (b) {
      const B = Optim.mix<T>(keep, Optim.load<Of>(buf + at, left), fresh, D)
      Optim.store<Of>(buf + at, B, left)
      step = v128.add<T>(step, v128.mul<T>(along, B))
    }
    Optim.store<Of>(p + at, v128.sub<T>(P, step), left)
  }
}

/** p = c1 p − c2 D; a = c3 a + c4 p. */
function asgd<T extends number, Of>(p: usize, g: usize, a: usize, c: usize, begin: i32, end: i32): void {
  const pull = Optim.at<T>(c, 0)
  const shrink = Optim.at<T>(c, 1)
  const rate = Optim.at<T>(c, 2)
  const stay = Optim.at<T>(c, 3)
  const move = Optim.at<T>(c, 4)
  const first = Address.bytes<T>(begin)
  p += first
  g += first
  a += first
  for (let left = <i32>Address.bytes<T>(end - begin), at: usize = 0; left > 0; left -= 16, at += 16) {
    const P = Optim.load<Of>(p + at, left)
    const D = Optim.gradient<T, Of>(g + at, P, left, pull)
    const Q = v128.sub<T>(v128.mul<T>(shrink, P), v128.mul<T>(rate, D))
    Optim.store<Of>(p + at, Q, left)
    Optim.store<Of>(a + at, Optim.mix<T>(stay, Optim.load<Of>(a + at, left), move, Q), left)
  }
}

/**
 * m = c1 m + c2 D; v = c3 v + c4 D²; p = c5 p − (c6 m + c7 D) / (√v + c8), with the largest v so far instead of v where
 * `top` keeps it.
 */
function adam<T extends number, Of>(
  p: usize,
  g: usize,
  m: usize,
  v: usize,
  top: usize,
  c: usize,
  begin: i32,
  end: i32,
): void {
  const pull = Optim.at<T>(c, 0)
  const B1 = Optim.at<T>(c, 1)
  const C1 = Optim.at<T>(c, 2)
  const B2 = Optim.at<T>(c, 3)
  const C2 = Optim.at<T>(c, 4)
  const shrink = Optim.at<T>(c, 5)
  const rate = Optim.at<T>(c, 6)
  const ahead = Optim.at<T>(c, 7)
  const eps = Optim.at<T>(c, 8)
  const first = Address.bytes<T>(begin)
  p += first
  g += first
  m += first
  v += first
  const most = top + first
  for (let left = <i32>Address.bytes<T>(end - begin), at: usize = 0; left > 0; left -= 16, at += 16) {
    const P = Optim.load<Of>(p + at, left)
    const D = Optim.gradient<T, Of>(g + at, P, left, pull)
    const M = Optim.mix<T>(B1, Optim.load<Of>(m + at, left), C1, D)
    let V = Optim.mix<T>(B2, Optim.load<Of>(v + at, left), C2, v128.mul<T>(D, D))
    Optim.store<Of>(m + at, M, left)
    Optim.store<Of>(v + at, V, left)
    if (top) {
      V = v128.max<T>(V, Optim.load<Of>(most + at, left))
      Optim.store<Of>(most + at, V, left)
    }
    const size = v128.add<T>(v128.sqrt<T>(V), eps)
    const away = v128.div<T>(Optim.mix<T>(rate, M, ahead, D), size)
    Optim.store<Of>(p + at, v128.sub<T>(v128.mul<T>(shrink, P), away), left)
  }
}

/** m = c1 m + c2 D; u = max(c3 u, |D| + c4); p −= c5 m / u. */
function adamax<T extends number, Of>(p: usize, g: usize, m: usize, u: usize, c: usize, begin: i32, end: i32): void {
  const pull = Optim.at<T>(c, 0)
  const B1 = Optim.at<T>(c, 1)
  const C1 = Optim.at<T>(c, 2)
  const B2 = Optim.at<T>(c, 3)
  const eps = Optim.at<T>(c, 4)
  const rate = Optim.at<T>(c, 5)
  const first = Address.bytes<T>(begin)
  p += first
  g += first
  m += first
  u += first
  for (let left = <i32>Address.bytes<T>(end - begin), at: usize = 0; left > 0; left -= 16, at += 16) {
    const P = Optim.load<Of>(p + at, left)
    const D = Optim.gradient<T, Of>(g + at, P, left, pull)
    const M = Optim.mix<T>(B1, Optim.load<Of>(m + at, left), C1, D)
    const U = v128.max<T>(v128.mul<T>(B2, Optim.load<Of>(u + at, left)), v128.add<T>(v128.abs<T>(D), eps))
    Optim.store<Of>(m + at, M, left)
    Optim.store<Of>(u + at, U, left)
    Optim.store<Of>(p + at, v128.sub<T>(P, v128.div<T>(v128.mul<T>(rate, M), U)), left)
  }
}

/**
 * v = c1 v + c2 D²; s = c6 D / (√v + c3); p −= c4 s. With `mean`, mean = c1 mean + c2 D and v less mean² under the root;
 * with `b`, b = c5 b + s in the place of s.
 */
function rmsprop<T extends number, Of>(
  p: usize,
  g: usize,
  v: usize,
  mean: usize,
  b: usize,
  c: usize,
  begin: i32,
  end: i32,
): void {
  const pull = Optim.at<T>(c, 0)
  const keep = Optim.at<T>(c, 1)
  const fresh = Optim.at<T>(c, 2)
  const eps = Optim.at<T>(c, 3)
  const rate = Optim.at<T>(c, 4)
  const momentum = Optim.at<T>(c, 5)
  const sign = Optim.at<T>(c, 6)
  const first = Address.bytes<T>(begin)
  p += first
  g += first
  v += first
  const centre = mean + first
  const buf = b + first
  for (let left = <i32>Address.bytes<T>(end - begin), at: usize = 0; left > 0; left -= 16, at += 16) {
    const P = Optim.load<Of>(p + at, left)
    const D = Optim.gradient<T, Of>(g + at, P, left, pull)
    let V = Optim.mix<T>(keep, Optim.load<Of>(v + at, left), fresh, v128.mul<T>(D, D))
    Optim.store<Of>(v + at, V, left)
    if (mean) {
      const M = Optim.mix<T>(keep, Optim.load<Of>(centre + at, left), fresh, D)
      Optim.store<Of>(centre + at, M, left)
      V = v128.sub<T>(V, v128.mul<T>(M, M))
    }
    let step = v128.div<T>(v128.mul<T>(sign, D), v128.add<T>(v128.sqrt<T>(V), eps))
    if (b) {
      step = v128.add<T>(v128.mul<T>(momentum, Optim.load<Of>(buf + at, left)), step)
      Optim.store<Of>(buf + at, step, left)
    }
    Optim.store<Of>(p + at, v128.sub<T>(P, v128.mul<T>(rate, step)), left)
  }
}

/** v = c1 v + c2 D²; s = √(u + c3) / √(v + c3) D; u = c1 u + c2 s²; p −= c4 s. */
function adadelta<T extends number, Of>(p: usize, g: usize, v: usize, u: usize, c: usize, begin: i32, end: i32): void {
  const pull = Optim.at<T>(c, 0)
  const keep = Optim.at<T>(c, 1)
  const fresh = Optim.at<T>(c, 2)
  const eps = Optim.at<T>(c, 3)
  const rate = Optim.at<T>(c, 4)
  const first = Address.bytes<T>(begin)
  p += first
  g += first
  v += first
  u += first
  for (let left = <i32>Address.bytes<T>(end - begin), at: usize = 0; left > 0; left -= 16, at += 16) {
    const P = Optim.load<Of>(p + at, left)
    const D = Optim.gradient<T, Of>(g + at, P, left, pull)
    const V = Optim.mix<T>(keep, Optim.load<Of>(v + at, left), fresh, v128.mul<T>(D, D))
    const U = Optim.load<Of>(u + at, left)
    const ratio = v128.div<T>(v128.sqrt<T>(v128.add<T>(U, eps)), v128.sqrt<T>(v128.add<T>(V, eps)))
    const step = v128.mul<T>(ratio, D)
    Optim.store<Of>(v + at, V, left)
    Optim.store<Of>(u + at, Optim.mix<T>(keep, U, fresh, v128.mul<T>(step, step)), left)
    Optim.store<Of>(p + at, v128.sub<T>(P, v128.mul<T>(rate, step)), left)
  }
}

/**
 * s = c4 s + c5, then s times c0 where g turned its sign since `before`, times c1 where it kept it, within [c2, c3];
 * p −= c6 sign(g) s, but not where the sign turned; before = g, or 0 where it turned.
 */
function rprop<T extends number, Of>(
  p: usize,
  g: usize,
  before: usize,
  s: usize,
  c: usize,
  begin: i32,
  end: i32,
): void {
  const less = Optim.at<T>(c, 0)
  const more = Optim.at<T>(c, 1)
  const low = Optim.at<T>(c, 2)
  const high = Optim.at<T>(c, 3)
  const keep = Optim.at<T>(c, 4)
  const fresh = Optim.at<T>(c, 5)
  const sign = Optim.at<T>(c, 6)
  const zero = Lanes.zero<T>()
  const first = Address.bytes<T>(begin)
  p += first
  g += first
  before += first
  s += first
  for (let left = <i32>Address.bytes<T>(end - begin), at: usize = 0; left > 0; left -= 16, at += 16) {
    const P = Optim.load<Of>(p + at, left)
    const G = Optim.load<Of>(g + at, left)
    const same = v128.mul<T>(G, Optim.load<Of>(before + at, left))
    const turned = v128.lt<T>(same, zero)
    const S = v128.add<T>(v128.mul<T>(keep, Optim.load<Of>(s + at, left)), fresh)
    const grown = v128.bitselect(v128.mul<T>(S, more), S, v128.gt<T>(same, zero))
    const next = v128.min<T>(v128.max<T>(v128.bitselect(v128.mul<T>(S, less), grown, turned), low), high)
    const D = v128.andnot(G, turned)
    const step = v128.mul<T>(sign, next)
    const down = v128.and(step, v128.gt<T>(D, zero))
    const up = v128.and(step, v128.lt<T>(D, zero))
    Optim.store<Of>(p + at, v128.add<T>(v128.sub<T>(P, down), up), left)
    Optim.store<Of>(before + at, D, left)
    Optim.store<Of>(s + at, next, left)
  }
}

export function sgd_f32(p: usize, g: usize, b: usize, c: usize, begin: i32, end: i32): void {
  const cut = Optim.cut<f32>(begin, end)
  sgd<f32, Whole>(p, g, b, c, begin, cut)
  sgd<f32, Rest>(p, g, b, c, cut, end)
}
export function sgd_f64(p: usize, g: usize, b: usize, c: usize, begin: i32, end: i32): void {
  const cut = Optim.cut<f64>(begin, end)
  sgd<f64, Whole>(p, g, b, c, begin, cut)
  sgd<f64, Rest>(p, g, b, c, cut, end)
}
export function asgd_f32(p: usize, g: usize, a: usize, c: usize, begin: i32, end: i32): void {
  const cut = Optim.cut<f32>(begin, end)
  asgd<f32, Whole>(p, g, a, c, begin, cut)
  asgd<f32, Rest>(p, g, a, c, cut, end)
}
export function asgd_f64(p: usize, g: usize, a: usize, c: usize, begin: i32, end: i32): void {
  const cut = Optim.cut<f64>(begin, end)
  asgd<f64, Whole>(p, g, a, c, begin, cut)
  asgd<f64, Rest>(p, g, a, c, cut, end)
}
export function adam_f32(p: usize, g: usize, m: usize, v: usize, top: usize, c: usize, begin: i32, end: i32): void {
  const cut = Optim.cut<f32>(begin, end)
  adam<f32, Whole>(p, g, m, v, top, c, begin, cut)
  adam<f32, Rest>(p, g, m, v, top, c, cut, end)
}
export function adam_f64(p: usize, g: usize, m: usize, v: usize, top: usize, c: usize, begin: i32, end: i32): void {
  const cut = Optim.cut<f64>(begin, end)
  adam<f64, Whole>(p, g, m, v, top, c, begin, cut)
  adam<f64, Rest>(p, g, m, v, top, c, cut, end)
}
export function adamax_f32(p: usize, g: usize, m: usize, u: usize, c: usize, begin: i32, end: i32): void {
  const cut = Optim.cut<f32>(begin, end)
  adamax<f32, Whole>(p, g, m, u, c, begin, cut)
  adamax<f32, Rest>(p, g, m, u, c, cut, end)
}
export function adamax_f64(p: usize, g: usize, m: usize, u: usize, c: usize, begin: i32, end: i32): void {
  const cut = Optim.cut<f64>(begin, end)
  adamax<f64, Whole>(p, g, m, u, c, begin, cut)
  adamax<f64, Rest>(p, g, m, u, c, cut, end)
}
export function rmsprop_f32(p: usize, g: usize, v: usize, mean: usize, b: usize, c: usize, begin: i32, end: i32): void {
  const cut = Optim.cut<f32>(begin, end)
  rmsprop<f32, Whole>(p, g, v, mean, b, c, begin, cut)
  rmsprop<f32, Rest>(p, g, v, mean, b, c, cut, end)
}
export function rmsprop_f64(p: usize, g: usize, v: usize, mean: usize, b: usize, c: usize, begin: i32, end: i32): void {
  const cut = Optim.cut<f64>(begin, end)
  rmsprop<f64, Whole>(p, g, v, mean, b, c, begin, cut)
  rmsprop<f64, Rest>(p, g, v, mean, b, c, cut, end)
}
export function adadelta_f32(p: usize, g: usize, v: usize, u: usize, c: usize, begin: i32, end: i32): void {
  const cut = Optim.cut<f32>(begin, end)
  adadelta<f32, Whole>(p, g, v, u, c, begin, cut)
  adadelta<f32, Rest>(p, g, v, u, c, cut, end)
}
export function adadelta_f64(p: usize, g: usize, v: usize, u: usize, c: usize, begin: i32, end: i32): void {
  const cut = Optim.cut<f64>(begin, end)
  adadelta<f64, Whole>(p, g, v, u, c, begin, cut)
  adadelta<f64, Rest>(p, g, v, u, c, cut, end)
}
export function rprop_f32(p: usize, g: usize, before: usize, s: usize, c: usize, begin: i32, end: i32): void {
  const cut = Optim.cut<f32>(begin, end)
  rprop<f32, Whole>(p, g, before, s, c, begin, cut)
  rprop<f32, Rest>(p, g, before, s, c, cut, end)
}
export function rprop_f64(p: usize, g: usize, before: usize, s: usize, c: usize, begin: i32, end: i32): void {
  const cut = Optim.cut<f64>(begin, end)
  rprop<f64, Whole>(p, g, before, s, c, begin, cut)
  rprop<f64, Rest>(p, g, before, s, c, cut, end)
}
