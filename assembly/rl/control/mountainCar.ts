// MountainCar and MountainCarContinuous, two cars at a time.
// The same operations in the same order as packages/rl/src/envs/control/mountainCar.ts, but sines and cosines of our own
// (1.8 ulp), so that observations agree to the last bit from the same state but for one in about 10⁸ numbers.

import { Table } from '../../lib/constants'
import { Episodes } from '../episodes'
import { Trig } from '../trig'
import { Pair } from './pair'

/** What both cars share. c: 4 velocity wanted at the goal. */
class Car {
  /** Moves by an acceleration and returns who is at the goal; with `round` the state is kept in f32. */
  @inline static move(s: usize, row: usize, acceleration: v128, goal: f64, round: bool, c: usize): v128 {
    const speed = f64x2.splat(0.07)
    let velocity = Pair.clip(f64x2.add(v128.load(s + row), acceleration), f64x2.neg(speed), speed)
    const left = f64x2.splat(-1.2)
    let position = Pair.clip(f64x2.add(v128.load(s), velocity), left, f64x2.splat(0.6))
    const stopped = v128.and(f64x2.eq(position, left), f64x2.lt(velocity, Table.zero()))
    velocity = v128.andnot(velocity, stopped)
    const arrived = v128.and(f64x2.ge(position, f64x2.splat(goal)), f64x2.ge(velocity, Pair.at(c, 4)))
    if (round) {
      position = f64x2.promote_low_f32x4(f32x4.demote_f64x2_zero(position))
      velocity = f64x2.promote_low_f32x4(f32x4.demote_f64x2_zero(velocity))
    }
    v128.store(s, position)
    v128.store(s + row, velocity)
    return arrived
  }

  @inline static slope(s: usize): v128 {
    return Trig.cos(f64x2.mul(f64x2.splat(3), v128.load(s)))
  }

  @inline static observe(s: usize, row: usize, obs: usize): void {
    const position = f32x4.demote_f64x2_zero(v128.load(s))
    const velocity = f32x4.demote_f64x2_zero(v128.load(s + row))
    v128.store(obs, v128.shuffle<f32>(position, velocity, 0, 4, 1, 5))
  }

  @inline static start(s: usize, row: usize, i: i32, e: i32, c: usize): void {
    store<f64>(s, Pair.uniform(Episodes.words(c, i, e), 0, load<f64>(c, 16), load<f64>(c, 24)))
    store<f64>(s + row, 0)
  }
}

@unmanaged
class MountainCar {
  @inline states(): i32 {
    return 2
  }

  @inline bytes(): i32 {
    return 8
  }

  @inline move(s: usize, row: usize, actions: usize, i: i32, at: usize, c: usize, table: usize): v128 {
    const push = f64x2.mul(f64x2.sub(Pair.discrete(actions, i), f64x2.splat(1)), f64x2.splat(0.001))
    v128.store(at, f64x2.splat(-1))
    return Car.move(s, row, f64x2.add(push, f64x2.mul(Car.slope(s), f64x2.splat(-0.0025))), 0.5, false, c)
  }

  @inline observe(s: usize, row: usize, obs: usize): void {
    Car.observe(s, row, obs)
  }

  @inline start(s: usize, row: usize, i: i32, e: i32, c: usize, table: usize): void {
    Car.start(s, row, i, e, c)
  }
}

@unmanaged
class MountainCarContinuous {
  @inline states(): i32 {
    return 2
  }

  @inline bytes(): i32 {
    return 8
  }

  @inline move(s: usize, row: usize, actions: usize, i: i32, at: usize, c: usize, table: usize): v128 {
    const given = Pair.continuous(actions, i)
    const force = Pair.clip(given, f64x2.splat(-1), f64x2.splat(1))
    const pull = f64x2.mul(f64x2.splat(0.0025), Car.slope(s))
    const arrived = Car.move(s, row, f64x2.sub(f64x2.mul(force, f64x2.splat(0.0015)), pull), 0.45, true, c)
    const effort = f64x2.mul(f64x2.mul(given, given), f64x2.splat(0.1))
    v128.store(at, f64x2.sub(v128.and(f64x2.splat(100), arrived), effort))
    return arrived
  }

  @inline observe(s: usize, row: usize, obs: usize): void {
    Car.observe(s, row, obs)
  }

  @inline start(s: usize, row: usize, i: i32, e: i32, c: usize, table: usize): void {
    Car.start(s, row, i, e, c)
  }
}

export function mountainCar(
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
  Episodes.step<MountainCar>(block, actions, obs, last, c, table, m, begin, end)
}
export function mountainCarReset(
  block: usize,
  mask: usize,
  obs: usize,
  c: usize,
  table: usize,
  m: i32,
  begin: i32,
  end: i32,
): void {
  Episodes.reset<MountainCar>(block, mask, obs, c, table, m, begin, end)
}
export function mountainCarContinuous(
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
  Episodes.step<MountainCarContinuous>(block, actions, obs, last, c, table, m, begin, end)
}
export function mountainCarContinuousReset(
  block: usize,
  mask: usize,
  obs: usize,
  c: usize,
  table: usize,
  m: i32,
  begin: i32,
  end: i32,
): void {
  Episodes.reset<MountainCarContinuous>(block, mask, obs, c, table, m, begin, end)
}
