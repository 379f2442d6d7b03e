// Division with a rest, of floats: op_T(a, b, y, inner, aOuter, aInner, bOuter, bInner, begin, end), operands and [begin, end) as in
// binary.ts. fmod has the sign of a, remainder that of b, both exact; floorDivide is the floor of the exact quotient, as Python
// computes it: (a − remainder) / b. Scalar, in f64, which holds every step of f32.

import { Address } from '../lib/address'

enum Kind {
  fmod,
  remainder,
  floorDivide,
}

class Division {
  @inline static fmod<T extends number>(a: f64, b: f64): f64 {
    if (sizeof<T>() == 4) {
      const q = trunc(a / b)
      // below 2^28 the product is exact; the quotient may have been rounded up
      if (abs(q) < 268435456 && abs(b) < Infinity) {
        const r = a - q * b
        return copysign(r * a < 0 ? r + copysign(b, r * -1) : r, a)
      }
    }
    return a % b
  }

  @inline static at<T extends number>(kind: i32, a: f64, b: f64): f64 {
    if (sizeof<T>() == 4 && kind == Kind.floorDivide) {
      // with so few bits the quotient is not rounded up to a whole number
      const q = a / b
      if (abs(q) < 268435456 && abs(b) < Infinity) return floor(q)
    }
    const r = Division.fmod<T>(a, b)
    if (kind == Kind.fmod) return r
    const isOpposite = r != 0 && r < 0 != b < 0
    if (kind == Kind.remainder) return isOpposite ? r + b : r
    if (b == 0) return a / b
    let q = (a - r) / b
    if (isOpposite) q -= 1
    if (q == 0) return copysign(0, a / b)
    const floored = floor(q)
    return q - floored > 0.5 ? floored + 1 : floored
  }

  static map<T extends number>(
    kind: i32,
    a: usize,
    b: usize,
    y: usize,
    inner: i32,
    aOuter: i32,
    aInner: i32,
    bOuter: i32,
    bInner: i32,
    begin: i32,
    end: i32,
  ): void {
    if (begin >= end) return
    let row = begin / inner
    let column = begin - row * inner
    while (begin < end) {
      let p = Address.of<T>(a, row * aOuter + column * aInner)
      let q = Address.of<T>(b, row * bOuter + column * bInner)
      const stop = begin + min(end - begin, inner - column)
      for (; begin < stop; begin++) {
        store<T>(Address.of<T>(y, begin), <T>Division.at<T>(kind, <f64>load<T>(p), <f64>load<T>(q)))
        p = Address.of<T>(p, aInner)
        q = Address.of<T>(q, bInner)
      }
      row++
      column = 0
    }
  }
}

export function fmod_f32(
  a: usize,
  b: usize,
  y: usize,
  inner: i32,
  aOuter: i32,
  aInner: i32,
  bOuter: i32,
  bInner: i32,
  begin: i32,
  end: i32,
): void {
  Division.map<f32>(Kind.fmod, a, b, y, inner, aOuter, aInner, bOuter, bInner, begin, end)
}
export function remainder_f32(
  a: usize,
  b: usize,
  y: usize,
  inner: i32,
  aOuter: i32,
  aInner: i32,
  bOuter: i32,
  bInner: i32,
  begin: i32,
  end: i32,
): void {
  Division.map<f32>(Kind.remainder, a, b, y, inner, aOuter, aInner, bOuter, bInner, begin, end)
}
export function floorDivide_f32(
  a: usize,
  b: usize,
  y: usize,
  inner: i32,
  aOuter: i32,
  aInner: i32,
  bOuter: i32,
  bInner: i32,
  begin: i32,
  end: i32,
): void {
  Division.map<f32>(Kind.floorDivide, a, b, y, inner, aOuter, aInner, bOuter, bInner, begin, end)
}
export function fmod_f64(
  a: usize,
  b: usize,
  y: usize,
  inner: i32,
  aOuter: i32,
  aInner: i32,
  bOuter: i32,
  bInner: i32,
  begin: i32,
  end: i32,
): void {
  Division.map<f64>(Kind.fmod, a, b, y, inner, aOuter, aInner, bOuter, bInner, begin, end)
}
export function remainder_f64(
  a: usize,
  b: usize,
  y: usize,
  inner: i32,
  aOuter: i32,
  aInner: i32,
  bOuter: i32,
  bInner: i32,
  begin: i32,
  end: i32,
): void {
  Division.map<f64>(Kind.remainder, a, b, y, inner, aOuter, aInner, bOuter, bInner, begin, end)
}
export function floorDivide_f64(
  a: usize,
  b: usize,
  y: usize,
  inner: i32,
  aOuter: i32,
  aInner: i32,
  bOuter: i32,
  bInner: i32,
  begin: i32,
  end: i32,
): void {
  Division.map<f64>(Kind.floorDivide, a, b, y, inner, aOuter, aInner, bOuter, bInner, begin, end)
}
