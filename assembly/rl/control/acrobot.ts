// Acrobot, two at a time.
// The same operations in the same order as packages/rl/src/envs/control/acrobot.ts, but sines and cosines of our own
// (1.8 ulp), so that observations agree to the last bit from the same state but for one in about 10⁸ numbers.

import { Table } from '../../lib/constants'
import { Episodes } from '../episodes'
import { Trig } from '../trig'
import { Pair } from './pair'

/** c: 2 and 3 the bounds of a start, 4 whether the equations are the book's. */
@unmanaged
class Acrobot {
  @inline states(): i32 {
    return 4
  }

  @inline bytes(): i32 {
    return 24
  }

  @inline move(s: usize, row: usize, actions: usize, i: i32, at: usize, c: usize, table: usize): v128 {
    Acrobot.integrate(s, row, f64x2.sub(Pair.discrete(actions, i), f64x2.splat(1)), c)
    const theta1 = v128.load(s)
    const theta2 = v128.load(s + row)
    const height = f64x2.sub(f64x2.neg(Trig.cos(theta1)), Trig.cos(f64x2.add(theta2, theta1)))
    const ended = f64x2.gt(height, f64x2.splat(1))
    v128.store(at, v128.andnot(f64x2.splat(-1), ended))
    return ended
  }

  /** One step of Runge and Kutta's fourth order. */
  static integrate(s: usize, row: usize, torque: v128, c: usize): void {
    const isBook = load<f64>(c, 32) != 0
    const a0 = v128.load(s)
    const b0 = v128.load(s + row)
    const p0 = v128.load(s + 2 * row)
    const q0 = v128.load(s + 3 * row)
    let a = a0
    let b = b0
    let p = p0
    let q = q0
    let sumA = Table.zero()
    let sumB = Table.zero()
    let sumP = Table.zero()
    let sumQ = Table.zero()
    for (let k = 0; k < 4; k++) {
      const t = Trig.turn(b)
      const r = Trig.rest(b, t)
      const s2 = Trig.sine(r)
      const c2 = Trig.cosine(r)
      const sin2 = Trig.pick(s2, c2, t, 0)
      const cos2 = Trig.pick(s2, c2, t, 1)
      const half = f64x2.splat(0.5)
      const one = f64x2.splat(1)
      const d1 = f64x2.add(f64x2.add(f64x2.add(f64x2.splat(0.25), f64x2.add(f64x2.splat(1.25), cos2)), one), one)
      const d2 = f64x2.add(f64x2.add(f64x2.splat(0.25), f64x2.mul(half, cos2)), one)
      const quarter = f64x2.splat(1.5707963267948966)
      const phi2 = f64x2.mul(f64x2.splat(4.9), Trig.cos(f64x2.sub(f64x2.add(a, b), quarter)))
      let phi1 = f64x2.mul(f64x2.mul(f64x2.splat(-0.5), f64x2.mul(q, q)), sin2)
      phi1 = f64x2.sub(phi1, f64x2.mul(f64x2.mul(q, p), sin2))
      phi1 = f64x2.add(phi1, f64x2.mul(f64x2.splat(1.5 * 9.8), Trig.cos(f64x2.sub(a, quarter))))
      phi1 = f64x2.add(phi1, phi2)
      let push = f64x2.add(torque, f64x2.mul(f64x2.div(d2, d1), phi1))
      if (isBook) push = f64x2.sub(push, f64x2.mul(f64x2.mul(half, f64x2.mul(p, p)), sin2))
      push = f64x2.sub(push, phi2)
      const accelerationQ = f64x2.div(push, f64x2.sub(f64x2.splat(1.25), f64x2.div(f64x2.mul(d2, d2), d1)))
      const accelerationP = f64x2.div(f64x2.neg(f64x2.add(f64x2.mul(d2, accelerationQ), phi1)), d1)
      const weight = f64x2.splat(k == 0 || k == 3 ? 1 : 2)
      sumA = f64x2.add(sumA, f64x2.mul(weight, p))
      sumB = f64x2.add(sumB, f64x2.mul(weight, q))
      sumP = f64x2.add(sumP, f64x2.mul(weight, accelerationP))
      sumQ = f64x2.add(sumQ, f64x2.mul(weight, accelerationQ))
      const step = f64x2.splat(k < 2 ? 0.1 : 0.2)
      a = f64x2.add(a0, f64x2.mul(step, p))
      b = f64x2.add(b0, f64x2.mul(step, q))
      p = f64x2.add(p0, f64x2.mul(step, accelerationP))
      q = f64x2.add(q0, f64x2.mul(step, accelerationQ))
    }
    const sixth = f64x2.splat(0.2 / 6)
    v128.store(s, Acrobot.wrap(f64x2.add(a0, f64x2.mul(sixth, sumA))))
    v128.store(s + row, Acrobot.wrap(f64x2.add(b0, f64x2.mul(sixth, sumB))))
    const top1 = f64x2.splat(12.566370614359172)
    const top2 = f64x2.splat(28.274333882308138)
    v128.store(s + 2 * row, Pair.clip(f64x2.add(p0, f64x2.mul(sixth, sumP)), f64x2.neg(top1), top1))
    v128.store(s + 3 * row, Pair.clip(f64x2.add(q0, f64x2.mul(sixth, sumQ)), f64x2.neg(top2), top2))
  }

  /** Angles brought into [−π, π] by whole turns; within a step they move by at most one. */
  static wrap(x: v128): v128 {
    const pi = f64x2.splat(3.141592653589793)
    const turn = f64x2.splat(6.283185307179586)
    for (let k = 0; k < 3; k++) {
      x = f64x2.sub(x, v128.and(turn, f64x2.gt(x, pi)))
      x = f64x2.add(x, v128.and(turn, f64x2.lt(x, f64x2.neg(pi))))
    }
    return x
  }

  @inline observe(s: usize, row: usize, obs: usize): void {
    const one = Trig.rows2(v128.load(s))
    const two = Trig.rows2(v128.load(s + row))
    const speeds = v128.shuffle<f32>(
      f32x4.demote_f64x2_zero(v128.load(s + 2 * row)),
      f32x4.demote_f64x2_zero(v128.load(s + 3 * row)),
      0,
      4,
      1,
      5,
    )
    v128.store64_lane(obs, one, 0)
    v128.store64_lane(obs, two, 0, 8)
    v128.store64_lane(obs, speeds, 0, 16)
    v128.store64_lane(obs, one, 1, 24)
    v128.store64_lane(obs, two, 1, 32)
    v128.store64_lane(obs, speeds, 1, 40)
  }

  @inline start(s: usize, row: usize, i: i32, e: i32, c: usize, table: usize): void {
    const words = Episodes.words(c, i, e)
    const low = load<f64>(c, 16)
    const high = load<f64>(c, 24)
    store<f64>(s, <f64>(<f32>Pair.uniform(words, 0, low, high)))
    store<f64>(s + row, <f64>(<f32>Pair.uniform(words, 1, low, high)))
    store<f64>(s + 2 * row, <f64>(<f32>Pair.uniform(words, 2, low, high)))
    store<f64>(s + 3 * row, <f64>(<f32>Pair.uniform(words, 3, low, high)))
  }
}

export function acrobot(
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
  Episodes.step<Acrobot>(block, actions, obs, last, c, table, m, begin, end)
}
export function acrobotReset(
  block: usize,
  mask: usize,
  obs: usize,
  c: usize,
  table: usize,
  m: i32,
  begin: i32,
  end: i32,
): void {
  Episodes.reset<Acrobot>(block, mask, obs, c, table, m, begin, end)
}
