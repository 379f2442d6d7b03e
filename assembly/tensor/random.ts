// Random numbers by counter (lib/philox): element i depends on i and the state alone; [begin, end) counts elements.
// bits_u32, uniform_f32 and bernoulli_u8 take word i; uniform_f64 words 2i and 2i + 1, of which it uses 53 bits; normal_f32
// makes elements 2p and 2p + 1 from words 2p and 2p + 1, normal_f64 from words 4p to 4p + 3 (Box and Muller).

import { Table } from '../lib/constants'
import { Math32 } from '../lib/math32'
import { Math64 } from '../lib/math64'
import { Philox } from '../lib/philox'

enum Kind {
  bits,
  uniform32,
  uniform64,
  normal32,
  normal64,
  bernoulli,
}

/** a and b: lowest and span, mean and deviation, or threshold and 1. */
@unmanaged
class Deviate {
  @inline take(first: v128, second: v128, kind: i32, a: v128, b: v128, y: usize, i: i32, begin: i32, end: i32): void {
    let size = 4
    switch (kind) {
      case Kind.uniform32:
        first = f32x4.add(a, f32x4.mul(b, Philox.unit32(first)))
        second = f32x4.add(a, f32x4.mul(b, Philox.unit32(second)))
        break
      case Kind.uniform64:
        first = f64x2.add(a, f64x2.mul(b, unit64(first)))
        second = f64x2.add(a, f64x2.mul(b, unit64(second)))
        size = 8
        break
      case Kind.normal32: {
        // r cos 2πv and r sin 2πv in turn, r = √(−2 ln u): even words give u ∈ (0, 1], odd ones v ∈ [0, 1)
        const r = radius32(v128.shuffle<i32>(first, second, 0, 2, 4, 6))
        const v = i32x4.shr_u(v128.shuffle<i32>(first, second, 1, 3, 5, 7), 8)
        const x = f32x4.add(a, f32x4.mul(b, f32x4.mul(r, turn32(v, 1))))
        const z = f32x4.add(a, f32x4.mul(b, f32x4.mul(r, turn32(v, 0))))
        first = v128.shuffle<i32>(x, z, 0, 4, 1, 5)
        second = v128.shuffle<i32>(x, z, 2, 6, 3, 7)
        break
      }
      case Kind.normal64:
        first = f64x2.add(a, f64x2.mul(b, normal64(first)))
        second = f64x2.add(a, f64x2.mul(b, normal64(second)))
        size = 8
        break
      case Kind.bernoulli:
        first = Philox.below(first, a, b)
        second = Philox.below(second, a, b)
        size = 1
        break
    }
    Philox.put(size, first, second, y, i, begin, end)
  }
}

function draw(kind: i32, count: i32, state: usize, y: usize, a: v128, b: v128, begin: i32, end: i32): void {
  Philox.map<Deviate>(kind, count, state, y, a, b, begin, end)
}

function unit64(words: v128): v128 {
  return f64x2.mul(Philox.pairs64(words), f64x2.splat(1.1102230246251565e-16))
}

/** √(−2 ln u), u = (word24 + 1) / 2²⁴ */
function radius32(words: v128): v128 {
  const whole = f32x4.convert_i32x4_s(i32x4.shr_u(words, 8))
  const u = f32x4.mul(f32x4.add(whole, Table.at<f32>(Table.TURN32, 8)), f32x4.splat(5.9604644775390625e-8))
  return f32x4.sqrt(f32x4.mul(Math32.log(u), f32x4.splat(-2)))
}

/** sin(2π v / 2²⁴ + quarter π/2): v = quarters · 2²² + f with |f| ≤ 2²¹, all exact. */
function turn32(v: v128, quarter: i32): v128 {
  const quarters = i32x4.shr_u(i32x4.add(v, i32x4.splat(1 << 21)), 22)
  const f = f32x4.convert_i32x4_s(i32x4.sub(v, i32x4.shl(quarters, 22)))
  const t = f32x4.mul(f32x4.mul(f, f32x4.splat(5.9604644775390625e-8)), Table.at<f32>(Table.TURN32, 0))
  return Math32.arc(t, i32x4.add(quarters, i32x4.splat(quarter)))
}

/** r cos 2πv and r sin 2πv from four words: u and v of 53 bits each. */
function normal64(words: v128): v128 {
  const whole = Philox.pairs64(words)
  const u = f64x2.mul(
    f64x2.add(f64x2.splat(f64x2.extract_lane(whole, 0)), f64x2.splat(1)),
    f64x2.splat(1.1102230246251565e-16),
  )
  const r = f64x2.sqrt(f64x2.mul(Math64.log(u), f64x2.splat(-2)))
  const v = f64x2.mul(v128.shuffle<i64>(whole, whole, 1, 1), f64x2.splat(1.1102230246251565e-16))
  const quarters = f64x2.nearest(f64x2.mul(v, f64x2.splat(4)))
  const f = f64x2.sub(v, f64x2.mul(quarters, f64x2.splat(0.25)))
  const count = i64x2.extend_low_i32x4_s(i32x4.trunc_sat_f64x2_s_zero(quarters))
  const turned = i64x2.add(count, i64x2.replace_lane(i64x2.splat(0), 0, 1))
  return f64x2.mul(r, Math64.arc(f64x2.mul(f, Table.at<f64>(Table.TRIG64, 21)), turned))
}

export function bits_u32(state: usize, y: usize, begin: i32, end: i32): void {
  draw(Kind.bits, 8, state, y, i32x4.splat(0), i32x4.splat(0), begin, end)
}

/** low + (high − low) u, u ∈ [0, 1) of 24 bits. */
export function uniform_f32(state: usize, y: usize, low: f32, high: f32, begin: i32, end: i32): void {
  draw(Kind.uniform32, 8, state, y, f32x4.splat(low), f32x4.splat(high - low), begin, end)
}

/** low + (high − low) u, u ∈ [0, 1) of 53 bits. */
export function uniform_f64(state: usize, y: usize, low: f64, high: f64, begin: i32, end: i32): void {
  draw(Kind.uniform64, 4, state, y, f64x2.splat(low), f64x2.splat(high - low), begin, end)
}

export function normal_f32(state: usize, y: usize, mean: f32, std: f32, begin: i32, end: i32): void {
  draw(Kind.normal32, 8, state, y, f32x4.splat(mean), f32x4.splat(std), begin, end)
}

export function normal_f64(state: usize, y: usize, mean: f64, std: f64, begin: i32, end: i32): void {
  draw(Kind.normal64, 4, state, y, f64x2.splat(mean), f64x2.splat(std), begin, end)
}

/** 1 with probability p, else 0. */
export function bernoulli_u8(state: usize, y: usize, p: f64, begin: i32, end: i32): void {
  draw(Kind.bernoulli, 8, state, y, Philox.threshold(p), i32x4.splat(1), begin, end)
}

/** Moves the counter behind `words` words; begin and end do not matter. */
export function advance(state: usize, words: i32, begin: i32, end: i32): void {
  store<u64>(state, load<u64>(state, 8) + ((<u64>(<u32>words) + 3) >> 2), 8)
}
