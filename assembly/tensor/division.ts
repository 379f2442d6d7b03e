// Division with a rest, of floats: op_T(a, b, y, inner, aOuter, aInner, bOuter, bInner, begin, end), operands and [begin, end) as in
// binary.ts. fmod has the sign of a, remainder that of b, both exact; floorDivide is the floor of the exact quotient, as Python
// computes it: (a − remainder) / b. Scalar, in f64, which holds every step of f32.

enum Kind {
  fmod,
  remainder,
  floorDivide,
}

class Division {
  /** The rest with the sign of a: less b times the largest power of two that still fits, again and again, all exact. */
  @inline static rest(a: f64, b: f64): f64 {
    let r = abs(a)
    const least = abs(b)
    if (!(r < Infinity && least > 0)) return NaN
    if (r < least) return a
    let part = least
    while (part + part <= r) part += part
    for (; part >= least; part *= 0.5) r = select<f64>(r - part, r, r >= part)
    return copysign(r, a)
  }

  @inline static at(single: bool, kind: i32, a: f64, b: f64): f64 {
    const q = a / b
    let r: f64
    // the quotient of two f32 is not rounded up to a whole number; below 2^28 its product is exact
    if (single && abs(q) < 268435456 && abs(b) < Infinity) {
      if (kind == Kind.floorDivide) return floor(q)
      r = copysign(a - trunc(q) * b, a)
    } else r = Division.rest(a, b)
    if (kind == Kind.fmod) return r
    const isOpposite = r != 0 && r < 0 != b < 0
    if (kind == Kind.remainder) return select<f64>(r + b, r, isOpposite)
    if (b == 0) return q
    let n = (a - r) / b
    if (isOpposite) n -= 1
    if (n == 0) return copysign(0, q)
    const floored = floor(n)
    return n - floored > 0.5 ? floored + 1 : floored
  }

  /** Of f32, or of f64 where `shift` is 3. */
  static map(
    kind: i32,
    shift: i32,
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
    const single = shift != 3
    let row = begin / inner
    let column = begin - row * inner
    while (begin < end) {
      let p = a + ((<usize>(row * aOuter + column * aInner)) << shift)
      let q = b + ((<usize>(row * bOuter + column * bInner)) << shift)
      const stop = begin + min(end - begin, inner - column)
      for (; begin < stop; begin++) {
        const to = y + ((<usize>begin) << shift)
        const u: f64 = single ? load<f32>(p) : load<f64>(p)
        const v = Division.at(single, kind, u, single ? load<f32>(q) : load<f64>(q))
        if (single) store<f32>(to, <f32>v)
        else store<f64>(to, v)
        p += (<usize>aInner) << shift
        q += (<usize>bInner) << shift
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
  Division.map(Kind.fmod, 2, a, b, y, inner, aOuter, aInner, bOuter, bInner, begin, end)
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
  Division.map(Kind.remainder, 2, a, b, y, inner, aOuter, aInner, bOuter, bInner, begin, end)
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
  Division.map(Kind.floorDivide, 2, a, b, y, inner, aOuter, aInner, bOuter, bInner, begin, end)
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
  Division.map(Kind.fmod, 3, a, b, y, inner, aOuter, aInner, bOuter, bInner, begin, end)
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
  Division.map(Kind.remainder, 3, a, b, y, inner, aOuter, aInner, bOuter, bInner, begin, end)
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
  Division.map(Kind.floorDivide, 3, a, b, y, inner, aOuter, aInner, bOuter, bInner, begin, end)
}
