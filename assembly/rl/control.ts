// Classic control, two environments at a time in f64, with observations in f32. The same operations in the same order as
// packages/rl/src/envs/control, but sines and cosines of our own (1.8 ulp), so that observations agree to the last
// bit from the same state but for one in about 10⁸ numbers.

import { Table } from '../lib/constants'
import { Episodes } from './episodes'
import { Trig } from './trig'
import { Words } from './words'

/** What the kinds below are written with. */
class V {
  /** Number `index` of c in both lanes. */
  @inline static at(c: usize, index: usize): v128 {
    return v128.load_splat<f64>(c + (index << 3))
  }

  /** x cut to [low, high]. */
  @inline static clip(x: v128, low: v128, high: v128): v128 {
    return f64x2.pmax(f64x2.pmin(x, high), low)
  }

  @inline static outside(x: v128, limit: v128): v128 {
    return f64x2.gt(f64x2.abs(x), limit)
  }

  /** Two i32 actions as f64. */
  @inline static discrete(actions: usize, i: i32): v128 {
    return f64x2.convert_low_i32x4_s(v128.load64_zero(actions + ((<usize>i) << 2)))
  }

  /** Two f32 actions as f64. */
  @inline static continuous(actions: usize, i: i32): v128 {
    return f64x2.promote_low_f32x4(v128.load64_zero(actions + ((<usize>i) << 2)))
  }

  /** Of a, b, c, d (two environments each) four f32 numbers for each environment. */
  @inline static rows4(to: usize, a: v128, b: v128, c: v128, d: v128): void {
    const ab = v128.shuffle<f32>(f32x4.demote_f64x2_zero(a), f32x4.demote_f64x2_zero(b), 0, 4, 1, 5)
    const cd = v128.shuffle<f32>(f32x4.demote_f64x2_zero(c), f32x4.demote_f64x2_zero(d), 0, 4, 1, 5)
    v128.store(to, v128.shuffle<f64>(ab, cd, 0, 2))
    v128.store(to, v128.shuffle<f64>(ab, cd, 1, 3), 16)
  }

  @inline static uniform(words: v128, lane: i32, low: f64, high: f64): f64 {
    const word =
      lane == 0
        ? i32x4.extract_lane(words, 0)
        : lane == 1
          ? i32x4.extract_lane(words, 1)
          : lane == 2
            ? i32x4.extract_lane(words, 2)
            : i32x4.extract_lane(words, 3)
    return Words.uniform(<u32>word, low, high)
  }
}

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
    if (v128.any_true(V.outside(theta, f64x2.splat(0.785)))) {
      const t = Trig.turn(theta)
      const r = Trig.rest(theta, t)
      const s = Trig.sine(r)
      const c = Trig.cosine(r)
      sine = Trig.pick(s, c, t, 0)
      cosine = Trig.pick(s, c, t, 1)
    }
    const force = V.at(c, 9)
    const push = v128.bitselect(force, f64x2.neg(force), f64x2.eq(V.discrete(actions, i), f64x2.splat(1)))
    const total = V.at(c, 6)
    const moment = V.at(c, 8)
    const spin = f64x2.mul(f64x2.mul(moment, f64x2.mul(thetaDot, thetaDot)), sine)
    const temp = f64x2.div(f64x2.add(push, spin), total)
    const swing = f64x2.sub(f64x2.mul(V.at(c, 4), sine), f64x2.mul(cosine, temp))
    const share = f64x2.div(f64x2.mul(V.at(c, 5), f64x2.mul(cosine, cosine)), total)
    const thetaAcc = f64x2.div(swing, f64x2.mul(V.at(c, 7), f64x2.sub(f64x2.splat(4.0 / 3.0), share)))
    const xAcc = f64x2.sub(temp, f64x2.div(f64x2.mul(f64x2.mul(moment, thetaAcc), cosine), total))
    const tau = V.at(c, 10)
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
    const ended = v128.or(V.outside(x, f64x2.splat(2.4)), V.outside(theta, f64x2.splat(0.20943951023931953)))
    v128.store(at, v128.bitselect(V.at(c, 13), V.at(c, 12), ended))
    return ended
  }

  @inline observe(s: usize, row: usize, obs: usize): void {
    V.rows4(obs, v128.load(s), v128.load(s + row), v128.load(s + 2 * row), v128.load(s + 3 * row))
  }

  @inline start(s: usize, row: usize, i: i32, e: i32, c: usize, table: usize): void {
    const words = Episodes.words(c, i, e)
    const low = load<f64>(c, 16)
    const high = load<f64>(c, 24)
    store<f64>(s, V.uniform(words, 0, low, high))
    store<f64>(s + row, V.uniform(words, 1, low, high))
    store<f64>(s + 2 * row, V.uniform(words, 2, low, high))
    store<f64>(s + 3 * row, V.uniform(words, 3, low, high))
  }
}

/** What both cars share. c: 4 velocity wanted at the goal. */
class Car {
  /** Moves by an acceleration and returns who is at the goal; with `round` the state is kept in f32. */
  @inline static move(s: usize, row: usize, acceleration: v128, goal: f64, round: bool, c: usize): v128 {
    const speed = f64x2.splat(0.07)
    let velocity = V.clip(f64x2.add(v128.load(s + row), acceleration), f64x2.neg(speed), speed)
    const left = f64x2.splat(-1.2)
    let position = V.clip(f64x2.add(v128.load(s), velocity), left, f64x2.splat(0.6))
    const stopped = v128.and(f64x2.eq(position, left), f64x2.lt(velocity, Table.zero()))
    velocity = v128.andnot(velocity, stopped)
    const arrived = v128.and(f64x2.ge(position, f64x2.splat(goal)), f64x2.ge(velocity, V.at(c, 4)))
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
    store<f64>(s, V.uniform(Episodes.words(c, i, e), 0, load<f64>(c, 16), load<f64>(c, 24)))
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
    const push = f64x2.mul(f64x2.sub(V.discrete(actions, i), f64x2.splat(1)), f64x2.splat(0.001))
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
    const given = V.continuous(actions, i)
    const force = V.clip(given, f64x2.splat(-1), f64x2.splat(1))
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
    const u = V.clip(V.continuous(actions, i), f64x2.splat(-2), f64x2.splat(2))
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
    const gravity = f64x2.div(f64x2.mul(f64x2.splat(3), V.at(c, 4)), f64x2.splat(2))
    const t = Trig.turn(theta)
    const r = Trig.rest(theta, t)
    const sine = Trig.pick(Trig.sine(r), Trig.cosine(r), t, 0)
    const acceleration = f64x2.add(f64x2.mul(gravity, sine), f64x2.mul(f64x2.splat(3), u))
    const dt = f64x2.splat(0.05)
    const top = f64x2.splat(8)
    const faster = V.clip(f64x2.add(speed, f64x2.mul(acceleration, dt)), f64x2.neg(top), top)
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
    store<f64>(s, V.uniform(words, 0, -x, x))
    store<f64>(s + row, V.uniform(words, 1, -y, y))
  }
}

/** c: 4 whether the equations are the book's, 5 the bound of the noise on the torque. */
@unmanaged
class Acrobot {
  @inline states(): i32 {
    return 4
  }

  @inline bytes(): i32 {
    return 24
  }

  @inline move(s: usize, row: usize, actions: usize, i: i32, at: usize, c: usize, table: usize): v128 {
    Acrobot.integrate(s, row, f64x2.sub(V.discrete(actions, i), f64x2.splat(1)), c)
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
    v128.store(s + 2 * row, V.clip(f64x2.add(p0, f64x2.mul(sixth, sumP)), f64x2.neg(top1), top1))
    v128.store(s + 3 * row, V.clip(f64x2.add(q0, f64x2.mul(sixth, sumQ)), f64x2.neg(top2), top2))
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
    store<f64>(s, <f64>(<f32>V.uniform(words, 0, low, high)))
    store<f64>(s + row, <f64>(<f32>V.uniform(words, 1, low, high)))
    store<f64>(s + 2 * row, <f64>(<f32>V.uniform(words, 2, low, high)))
    store<f64>(s + 3 * row, <f64>(<f32>V.uniform(words, 3, low, high)))
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
