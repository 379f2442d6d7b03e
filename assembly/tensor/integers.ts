// Integers: what core lacks for i32, and all arithmetic of i64. Scalar and in i64, whose low half is what i32 gives; sums, products
// and powers wrap. One loop serves all operations, the choice within it is made ahead of time.
// op_T(a, b, y, inner, aOuter, aInner, bOuter, bInner, begin, end): operands and [begin, end) as in binary.ts. Division by 0, which
// callers exclude, gives 0; shifts by less than 0 or by the width and more shift everything out.
// op_i64(x, y, begin, end): neg abs sign square relu. op_i64(x, y, n, inner, begin, end): reductions as in reduce.ts.
// zero_T, negative_T(x, begin, end): where the first such element stands, or -1.

import { Address } from '../lib/address'

enum Kind {
  truncDivide,
  floorDivide,
  fmod,
  remainder,
  leftShift,
  rightShift,
  pow,
  add,
  sub,
  mul,
  maximum,
  minimum,
  neg,
  abs,
  sign,
  relu,
  eq,
  ne,
  lt,
  le,
}

class Integer {
  /** a op b */
  static at(kind: Kind, a: i64, b: i64): i64 {
    switch (kind) {
      case Kind.truncDivide:
      case Kind.floorDivide:
      case Kind.fmod:
      case Kind.remainder: {
        // the least number by -1 wraps to itself, which the instruction traps on
        const q = b == 0 || b == -1 ? a * b : a / b
        const r = b == 0 ? 0 : a - q * b
        const isOpposite = r != 0 && r < 0 != b < 0
        if (kind == Kind.truncDivide) return q
        if (kind == Kind.floorDivide) return q - i64(isOpposite)
        return isOpposite && kind == Kind.remainder ? r + b : r
      }
      case Kind.leftShift:
        return <u64>b < 64 ? a << b : 0
      case Kind.rightShift:
        return a >> (<u64>b < 64 ? b : 63)
      case Kind.pow: {
        let y: i64 = 1
        for (; b > 0; b >>= 1) {
          if (b & 1) y *= a
          a *= a
        }
        return y
      }
      case Kind.add:
        return a + b
      case Kind.sub:
        return a - b
      case Kind.mul:
        return a * b
      case Kind.maximum:
        return a > b ? a : b
      case Kind.minimum:
        return a < b ? a : b
      case Kind.neg:
        return -a
      case Kind.abs:
        return a < 0 ? -a : a
      case Kind.sign:
        return i64(a > 0) - i64(a < 0)
      case Kind.relu:
        return a < 0 ? 0 : a
      case Kind.eq:
        return i64(a == b)
      case Kind.ne:
        return i64(a != b)
      case Kind.lt:
        return i64(a < b)
    }
    return i64(a <= b)
  }

  /** An i32, or an i64 where `shift` is 3. */
  @inline static load(x: usize, shift: i32): i64 {
    return shift == 3 ? load<i64>(x) : load<i32>(x)
  }

  static map(
    kind: Kind,
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
    let row = begin / inner
    let column = begin - row * inner
    while (begin < end) {
      let p = a + ((<usize>(row * aOuter + column * aInner)) << shift)
      let q = b + ((<usize>(row * bOuter + column * bInner)) << shift)
      const stop = begin + min(end - begin, inner - column)
      for (; begin < stop; begin++) {
        const v = Integer.at(kind, Integer.load(p, shift), Integer.load(q, shift))
        if (kind >= Kind.eq) store<u8>(y + begin, v)
        else if (shift == 3) store<i64>(Address.of<i64>(y, begin), v)
        else store<i32>(Address.of<i32>(y, begin), v)
        p += (<usize>aInner) << shift
        q += (<usize>bInner) << shift
      }
      row++
      column = 0
    }
  }

  @inline static one(kind: Kind, x: usize, y: usize, begin: i32, end: i32): void {
    Integer.map(kind, 3, x, x, y, end, 0, 1, 0, 1, begin, end)
  }

  /** y [outer, inner]: `first`, then one element after the other of x [outer, n, inner]. */
  static fold(kind: Kind, x: usize, y: usize, n: i32, inner: i32, begin: i32, end: i32, first: i64): void {
    for (; begin < end; begin++) {
      const outer = begin / inner
      let p = Address.of<i64>(x, outer * n * inner + (begin - outer * inner))
      let s = first
      for (let i = 0; i < n; i++) {
        s = Integer.at(kind, s, load<i64>(p))
        p = Address.of<i64>(p, inner)
      }
      store<i64>(Address.of<i64>(y, begin), s)
    }
  }

  /** Where (i32) the first of the largest elements stands; with all bits flipped, of the smallest. */
  static argument(x: usize, y: usize, n: i32, inner: i32, begin: i32, end: i32, flip: i64): void {
    for (; begin < end; begin++) {
      const outer = begin / inner
      let p = Address.of<i64>(x, outer * n * inner + (begin - outer * inner))
      let best = load<i64>(p) ^ flip
      let at = 0
      for (let i = 1; i < n; i++) {
        p = Address.of<i64>(p, inner)
        const v = load<i64>(p) ^ flip
        if (v > best) {
          best = v
          at = i
        }
      }
      store<i32>(Address.of<i32>(y, begin), at)
    }
  }

  /** The first element that is 0, or with `below` less. */
  @inline static find(below: bool, shift: i32, x: usize, begin: i32, end: i32): i32 {
    for (; begin < end; begin++) {
      const v = Integer.load(x + ((<usize>begin) << shift), shift)
      if (below ? v < 0 : v == 0) return begin
    }
    return -1
  }
}

export function truncDivide_i32(
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
  Integer.map(Kind.truncDivide, 2, a, b, y, inner, aOuter, aInner, bOuter, bInner, begin, end)
}
export function floorDivide_i32(
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
  Integer.map(Kind.floorDivide, 2, a, b, y, inner, aOuter, aInner, bOuter, bInner, begin, end)
}
export function fmod_i32(
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
  Integer.map(Kind.fmod, 2, a, b, y, inner, aOuter, aInner, bOuter, bInner, begin, end)
}
export function remainder_i32(
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
  Integer.map(Kind.remainder, 2, a, b, y, inner, aOuter, aInner, bOuter, bInner, begin, end)
}
export function bitwiseLeftShift_i32(
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
  Integer.map(Kind.leftShift, 2, a, b, y, inner, aOuter, aInner, bOuter, bInner, begin, end)
}
export function bitwiseRightShift_i32(
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
  Integer.map(Kind.rightShift, 2, a, b, y, inner, aOuter, aInner, bOuter, bInner, begin, end)
}
export function pow_i32(
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
  Integer.map(Kind.pow, 2, a, b, y, inner, aOuter, aInner, bOuter, bInner, begin, end)
}
export function truncDivide_i64(
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
  Integer.map(Kind.truncDivide, 3, a, b, y, inner, aOuter, aInner, bOuter, bInner, begin, end)
}
export function floorDivide_i64(
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
  Integer.map(Kind.floorDivide, 3, a, b, y, inner, aOuter, aInner, bOuter, bInner, begin, end)
}
export function fmod_i64(
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
  Integer.map(Kind.fmod, 3, a, b, y, inner, aOuter, aInner, bOuter, bInner, begin, end)
}
export function remainder_i64(
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
  Integer.map(Kind.remainder, 3, a, b, y, inner, aOuter, aInner, bOuter, bInner, begin, end)
}
export function bitwiseLeftShift_i64(
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
  Integer.map(Kind.leftShift, 3, a, b, y, inner, aOuter, aInner, bOuter, bInner, begin, end)
}
export function bitwiseRightShift_i64(
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
  Integer.map(Kind.rightShift, 3, a, b, y, inner, aOuter, aInner, bOuter, bInner, begin, end)
}
export function pow_i64(
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
  Integer.map(Kind.pow, 3, a, b, y, inner, aOuter, aInner, bOuter, bInner, begin, end)
}
export function add_i64(
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
  Integer.map(Kind.add, 3, a, b, y, inner, aOuter, aInner, bOuter, bInner, begin, end)
}
export function sub_i64(
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
  Integer.map(Kind.sub, 3, a, b, y, inner, aOuter, aInner, bOuter, bInner, begin, end)
}
export function mul_i64(
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
  Integer.map(Kind.mul, 3, a, b, y, inner, aOuter, aInner, bOuter, bInner, begin, end)
}
export function maximum_i64(
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
  Integer.map(Kind.maximum, 3, a, b, y, inner, aOuter, aInner, bOuter, bInner, begin, end)
}
export function minimum_i64(
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
  Integer.map(Kind.minimum, 3, a, b, y, inner, aOuter, aInner, bOuter, bInner, begin, end)
}
export function eq_i64(
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
  Integer.map(Kind.eq, 3, a, b, y, inner, aOuter, aInner, bOuter, bInner, begin, end)
}
export function ne_i64(
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
  Integer.map(Kind.ne, 3, a, b, y, inner, aOuter, aInner, bOuter, bInner, begin, end)
}
export function lt_i64(
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
  Integer.map(Kind.lt, 3, a, b, y, inner, aOuter, aInner, bOuter, bInner, begin, end)
}
export function le_i64(
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
  Integer.map(Kind.le, 3, a, b, y, inner, aOuter, aInner, bOuter, bInner, begin, end)
}
export function gt_i64(
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
  Integer.map(Kind.lt, 3, b, a, y, inner, bOuter, bInner, aOuter, aInner, begin, end)
}
export function ge_i64(
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
  Integer.map(Kind.le, 3, b, a, y, inner, bOuter, bInner, aOuter, aInner, begin, end)
}
export function neg_i64(x: usize, y: usize, begin: i32, end: i32): void {
  Integer.one(Kind.neg, x, y, begin, end)
}
export function abs_i64(x: usize, y: usize, begin: i32, end: i32): void {
  Integer.one(Kind.abs, x, y, begin, end)
}
export function sign_i64(x: usize, y: usize, begin: i32, end: i32): void {
  Integer.one(Kind.sign, x, y, begin, end)
}
export function relu_i64(x: usize, y: usize, begin: i32, end: i32): void {
  Integer.one(Kind.relu, x, y, begin, end)
}
export function square_i64(x: usize, y: usize, begin: i32, end: i32): void {
  Integer.one(Kind.mul, x, y, begin, end)
}
export function sum_i64(x: usize, y: usize, n: i32, inner: i32, begin: i32, end: i32): void {
  Integer.fold(Kind.add, x, y, n, inner, begin, end, 0)
}
export function prod_i64(x: usize, y: usize, n: i32, inner: i32, begin: i32, end: i32): void {
  Integer.fold(Kind.mul, x, y, n, inner, begin, end, 1)
}
export function max_i64(x: usize, y: usize, n: i32, inner: i32, begin: i32, end: i32): void {
  Integer.fold(Kind.maximum, x, y, n, inner, begin, end, i64.MIN_VALUE)
}
export function min_i64(x: usize, y: usize, n: i32, inner: i32, begin: i32, end: i32): void {
  Integer.fold(Kind.minimum, x, y, n, inner, begin, end, i64.MAX_VALUE)
}
export function argmax_i64(x: usize, y: usize, n: i32, inner: i32, begin: i32, end: i32): void {
  Integer.argument(x, y, n, inner, begin, end, 0)
}
export function argmin_i64(x: usize, y: usize, n: i32, inner: i32, begin: i32, end: i32): void {
  Integer.argument(x, y, n, inner, begin, end, -1)
}
export function zero_i32(x: usize, begin: i32, end: i32): i32 {
  return Integer.find(false, 2, x, begin, end)
}
export function zero_i64(x: usize, begin: i32, end: i32): i32 {
  return Integer.find(false, 3, x, begin, end)
}
export function negative_i32(x: usize, begin: i32, end: i32): i32 {
  return Integer.find(true, 2, x, begin, end)
}
export function negative_i64(x: usize, begin: i32, end: i32): i32 {
  return Integer.find(true, 3, x, begin, end)
}
