// Optimiser steps in place; hyperparameters are f64 in memory, so that a recorded step reads the current ones.
// adam_T(p, g, m, v, hyper, begin, end), hyper [lr, beta1, beta2, eps, weightDecay, decoupled, beta1^t, beta2^t], after
// adamAdvance(hyper, 0, 1). sgd_T(p, g, buf, hyper, begin, end), hyper [lr, momentum, dampening, weightDecay, nesterov, t],
// after sgdAdvance; buf may be 0 without momentum. [begin, end) counts elements. torch's formulas.

import { Address } from '../lib/address'
import { Part } from '../lib/part'

/** beta1^t and beta2^t of the next step. */
export function adamAdvance(hyper: usize, begin: i32, end: i32): void {
  store<f64>(hyper, load<f64>(hyper, 48) * load<f64>(hyper, 8), 48)
  store<f64>(hyper, load<f64>(hyper, 56) * load<f64>(hyper, 16), 56)
}

/** t of the next step. */
export function sgdAdvance(hyper: usize, begin: i32, end: i32): void {
  store<f64>(hyper, load<f64>(hyper, 40) + 1, 40)
}

class Adam {
  /** One vector: `left` bytes of it, at least 16 where `whole`. */
  @inline static step<T extends number>(
    whole: bool,
    left: i32,
    p: usize,
    g: usize,
    m: usize,
    v: usize,
    B1: v128,
    B2: v128,
    C1: v128,
    C2: v128,
    rate: v128,
    eps: v128,
    pull: v128,
    shrink: v128,
  ): void {
    const P = whole ? v128.load(p) : Part.load(p, left)
    const G = v128.add<T>(whole ? v128.load(g) : Part.load(g, left), v128.mul<T>(pull, P))
    const M = v128.add<T>(v128.mul<T>(B1, whole ? v128.load(m) : Part.load(m, left)), v128.mul<T>(C1, G))
    const V = v128.add<T>(
      v128.mul<T>(B2, whole ? v128.load(v) : Part.load(v, left)),
      v128.mul<T>(C2, v128.mul<T>(G, G)),
    )
    const away = v128.div<T>(v128.mul<T>(rate, M), v128.add<T>(v128.sqrt<T>(V), eps))
    const Q = v128.sub<T>(v128.mul<T>(P, shrink), away)
    if (whole) {
      v128.store(m, M)
      v128.store(v, V)
      v128.store(p, Q)
    } else {
      Part.store(m, M, left)
      Part.store(v, V, left)
      Part.store(p, Q, left)
    }
  }
}

/**
 * p −= lr / (1 − β1^t) · m / (√v / √(1 − β2^t) + ε), m and v the running means of g and g². With r = √(1 − β2^t) that is
 * lr r / (1 − β1^t) · m / (√v + ε r).
 */
function adam<T extends number>(p: usize, g: usize, m: usize, v: usize, hyper: usize, begin: i32, end: i32): void {
  const lr = load<f64>(hyper)
  const beta1 = load<f64>(hyper, 8)
  const beta2 = load<f64>(hyper, 16)
  const decay = load<f64>(hyper, 32)
  const decoupled = load<f64>(hyper, 40) != 0
  const r = sqrt<f64>(1 - load<f64>(hyper, 56))
  const B1 = v128.splat<T>(<T>beta1)
  const B2 = v128.splat<T>(<T>beta2)
  const C1 = v128.splat<T>(<T>(1 - beta1))
  const C2 = v128.splat<T>(<T>(1 - beta2))
  const rate = v128.splat<T>(<T>((lr * r) / (1 - load<f64>(hyper, 48))))
  const eps = v128.splat<T>(<T>(load<f64>(hyper, 24) * r))
  const pull = v128.splat<T>(<T>(decoupled ? 0 : decay))
  const shrink = v128.splat<T>(<T>(decoupled ? 1 - lr * decay : 1))
  p = Address.of<T>(p, begin)
  g = Address.of<T>(g, begin)
  m = Address.of<T>(m, begin)
  v = Address.of<T>(v, begin)
  let left = (end - begin) * <i32>sizeof<T>()
  for (; left >= 16; left -= 16) {
    Adam.step<T>(true, left, p, g, m, v, B1, B2, C1, C2, rate, eps, pull, shrink)
    p += 16
    g += 16
    m += 16
    v += 16
  }
  if (left > 0) Adam.step<T>(false, left, p, g, m, v, B1, B2, C1, C2, rate, eps, pull, shrink)
}

/** d = g + decay p; buf = momentum buf + (1 − dampening) d, at first d; p −= lr (nesterov ? d + momentum buf : buf). */
function sgd<T extends number>(p: usize, g: usize, buf: usize, hyper: usize, begin: i32, end: i32): void {
  const momentum = load<f64>(hyper, 8)
  const first = load<f64>(hyper, 40) == 1
  const nesterov = load<f64>(hyper, 32) != 0
  const rate = v128.splat<T>(<T>load<f64>(hyper))
  const pull = v128.splat<T>(<T>load<f64>(hyper, 24))
  const keep = v128.splat<T>(<T>momentum)
  const add = v128.splat<T>(<T>(first ? 1 : 1 - load<f64>(hyper, 16)))
  const known = i32x4.splat(first ? 0 : -1)
  p = Address.of<T>(p, begin)
  g = Address.of<T>(g, begin)
  buf = Address.of<T>(buf, begin)
  for (let left = (end - begin) * <i32>sizeof<T>(); left > 0; left -= 16) {
    const whole = left >= 16
    const P = whole ? v128.load(p) : Part.load(p, left)
    let D = v128.add<T>(whole ? v128.load(g) : Part.load(g, left), v128.mul<T>(pull, P))
    if (momentum != 0) {
      const old = v128.and(whole ? v128.load(buf) : Part.load(buf, left), known)
      const B = v128.add<T>(v128.mul<T>(keep, old), v128.mul<T>(add, D))
      if (whole) v128.store(buf, B)
      else Part.store(buf, B, left)
      D = nesterov ? v128.add<T>(D, v128.mul<T>(keep, B)) : B
    }
    const Q = v128.sub<T>(P, v128.mul<T>(rate, D))
    if (whole) v128.store(p, Q)
    else Part.store(p, Q, left)
    p += 16
    g += 16
    buf += 16
  }
}

export function adam_f32(p: usize, g: usize, m: usize, v: usize, hyper: usize, begin: i32, end: i32): void {
  adam<f32>(p, g, m, v, hyper, begin, end)
}
export function adam_f64(p: usize, g: usize, m: usize, v: usize, hyper: usize, begin: i32, end: i32): void {
  adam<f64>(p, g, m, v, hyper, begin, end)
}
export function sgd_f32(p: usize, g: usize, buf: usize, hyper: usize, begin: i32, end: i32): void {
  sgd<f32>(p, g, buf, hyper, begin, end)
}
export function sgd_f64(p: usize, g: usize, buf: usize, hyper: usize, begin: i32, end: i32): void {
  sgd<f64>(p, g, buf, hyper, begin, end)
}
