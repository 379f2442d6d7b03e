// CartPole, two carts at a time.
// The same operations in the same order as packages/rl/src/envs/control/cartPole.ts, but sines and cosines of our own
// (1.8 ulp), so that observations agree to the last bit from the same state but for one in about 10⁸ numbers.

import { Episodes } from '../episodes'
import { Trig } from '../trig'
import { Pair } from './pair'

/** c: 4 gravity, 5 mass of the pole, 6 of all, 7 length, 8 pole moment, 9 force, 10 tau, 11 semi-implicit, 12 reward, 13 last reward. */
@unmanaged
class CartPole {
  @inline states(): i32 {
    return 4
  }

  @inline bytes(): i32 {
    return 16
  }

  @inline move(s: usize, row: usize, actions: usize, i: i32, at: usize, c: usize, table: usize): v128 {
    let x = v128.load(s)
    let xDot = v128.load(s + row)
    let theta = v128.load(s + 2 * row)
    let thetaDot = v128.load(s + 3 * row)
    // Fallen poles are reset, so that angles are small but where somebody steps on.
    let sine = Trig.sine(theta)
    let cosine = Trig.cosine(theta)
    if (v128.any_true(Pair.outside(theta, f64x2.splat(0.785)))) {
      const t = Trig.turn(theta)
      const r = Trig.rest(theta, t)
      const s = Trig.sine(r)
      const c = Trig.cosine(r)
      sine = Trig.pick(s, c, t, 0)
      cosine = Trig.pick(s, c, t, 1)
    }
    const force = Pair.at(c, 9)
    const push = v128.bitselect(force, f64x2.neg(force), f64x2.eq(Pair.discrete(actions, i), f64x2.splat(1)))
    const total = Pair.at(c, 6)
    const moment = Pair.at(c, 8)
    const spin = f64x2.mul(f64x2.mul(moment, f64x2.mul(thetaDot, thetaDot)), sine)
    const temp = f64x2.div(f64x2.add(push, spin), total)
    const swing = f64x2.sub(f64x2.mul(Pair.at(c, 4), sine), f64x2.mul(cosine, temp))
    const share = f64x2.div(f64x2.mul(Pair.at(c, 5), f64x2.mul(cosine, cosine)), total)
    const thetaAcc = f64x2.div(swing, f64x2.mul(Pair.at(c, 7), f64x2.sub(f64x2.splat(4.0 / 3.0), share)))
    const xAcc = f64x2.sub(temp, f64x2.div(f64x2.mul(f64x2.mul(moment, thetaAcc), cosine), total))
    const tau = Pair.at(c, 10)
    const fasterX = f64x2.add(xDot, f64x2.mul(tau, xAcc))
    const fasterTheta = f64x2.add(thetaDot, f64x2.mul(tau, thetaAcc))
    const isImplicit = load<f64>(c, 88) != 0
    x = f64x2.add(x, f64x2.mul(tau, isImplicit ? fasterX : xDot))
    theta = f64x2.add(theta, f64x2.mul(tau, isImplicit ? fasterTheta : thetaDot))
    xDot = fasterX
    thetaDot = fasterTheta
    v128.store(s, x)
    v128.store(s + row, xDot)
    v128.store(s + 2 * row, theta)
    v128.store(s + 3 * row, thetaDot)
    const ended = v128.or(Pair.outside(x, f64x2.splat(2.4)), Pair.outside(theta, f64x2.splat(0.20943951023931953)))
    v128.store(at, v128.bitselect(Pair.at(c, 13), Pair.at(c, 12), ended))
    return ended
  }

  @inline observe(s: usize, row: usize, obs: usize): void {
    Pair.rows4(obs, v128.load(s), v128.load(s + row), v128.load(s + 2 * row), v128.load(s + 3 * row))
  }

  @inline start(s: usize, row: usize, i: i32, e: i32, c: usize, table: usize): void {
    const words = Episodes.words(c, i, e)
    const low = load<f64>(c, 16)
    const high = load<f64>(c, 24)
    store<f64>(s, Pair.uniform(words, 0, low, high))
    store<f64>(s + row, Pair.uniform(words, 1, low, high))
    store<f64>(s + 2 * row, Pair.uniform(words, 2, low, high))
    store<f64>(s + 3 * row, Pair.uniform(words, 3, low, high))
  }
}

export function cartPole(
  block: usize,
  actions: usize,
  obs: usize,
  last: usize,
  c: usize,
  table: usize,
  m: i32,
  begin: i32,
  end: i32,
): void {
  Episodes.step<CartPole>(block, actions, obs, last, c, table, m, begin, end)
}
export function cartPoleReset(
  block: usize,
  mask: usize,
  obs: usize,
  c: usize,
  table: usize,
  m: i32,
  begin: i32,
  end: i32,
): void {
  Episodes.reset<CartPole>(block, mask, obs, c, table, m, begin, end)
}
