// Pendulum, two at a time.
// The same operations in the same order as packages/rl/src/envs/control/pendulum.ts, but sines and cosines of our own
// (1.8 ulp), so that observations agree to the last bit from the same state but for one in about 10⁸ numbers.

import { Table } from '../../lib/constants'
import { Episodes } from '../episodes'
import { Trig } from '../trig'
import { Pair } from './pair'

/** c: 2 and 3 the largest angle and speed of a start, 4 gravity. */
@unmanaged
class Pendulum {
  @inline states(): i32 {
    return 2
  }

  @inline bytes(): i32 {
    return 12
  }

  @inline move(s: usize, row: usize, actions: usize, i: i32, at: usize, c: usize, table: usize): v128 {
    const theta = v128.load(s)
    const speed = v128.load(s + row)
    const u = Pair.clip(Pair.continuous(actions, i), f64x2.splat(-2), f64x2.splat(2))
    // The remainder of the angle for division by a turn, by its floor: exact enough, for the quotient is small.
    const pi = f64x2.splat(3.141592653589793)
    const turn = f64x2.splat(6.283185307179586)
    const shifted = f64x2.add(theta, pi)
    const turns = f64x2.floor(f64x2.div(shifted, turn))
    const angle = f64x2.sub(f64x2.sub(shifted, f64x2.mul(turns, turn)), pi)
    const cost = f64x2.add(
      f64x2.add(f64x2.mul(angle, angle), f64x2.mul(f64x2.splat(0.1), f64x2.mul(speed, speed))),
      f64x2.mul(f64x2.splat(0.001), f64x2.mul(u, u)),
    )
    v128.store(at, f64x2.neg(cost))
    const gravity = f64x2.div(f64x2.mul(f64x2.splat(3), Pair.at(c, 4)), f64x2.splat(2))
    const t = Trig.turn(theta)
    const r = Trig.rest(theta, t)
    const sine = Trig.pick(Trig.sine(r), Trig.cosine(r), t, 0)
    const acceleration = f64x2.add(f64x2.mul(gravity, sine), f64x2.mul(f64x2.splat(3), u))
    const dt = f64x2.splat(0.05)
    const top = f64x2.splat(8)
    const faster = Pair.clip(f64x2.add(speed, f64x2.mul(acceleration, dt)), f64x2.neg(top), top)
    v128.store(s, f64x2.add(theta, f64x2.mul(faster, dt)))
    v128.store(s + row, faster)
    return Table.zero()
  }

  @inline observe(s: usize, row: usize, obs: usize): void {
    const theta = v128.load(s)
    const speed = f32x4.demote_f64x2_zero(v128.load(s + row))
    const both = Trig.rows2(theta)
    v128.store64_lane(obs, both, 0)
    v128.store32_lane(obs, speed, 0, 8)
    v128.store64_lane(obs, both, 1, 12)
    v128.store32_lane(obs, speed, 1, 20)
  }

  @inline start(s: usize, row: usize, i: i32, e: i32, c: usize, table: usize): void {
    const words = Episodes.words(c, i, e)
    const x = load<f64>(c, 16)
    const y = load<f64>(c, 24)
    store<f64>(s, Pair.uniform(words, 0, -x, x))
    store<f64>(s + row, Pair.uniform(words, 1, -y, y))
  }
}

export function pendulum(
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
  Episodes.step<Pendulum>(block, actions, obs, last, c, table, m, begin, end)
}
export function pendulumReset(
  block: usize,
  mask: usize,
  obs: usize,
  c: usize,
  table: usize,
  m: i32,
  begin: i32,
  end: i32,
): void {
  Episodes.reset<Pendulum>(block, mask, obs, c, table, m, begin, end)
}
