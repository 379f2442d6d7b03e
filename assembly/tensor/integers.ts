// Integers: what core lacks for i32, and all arithmetic of i64. Scalar; sums, products and powers wrap.
// op_T(a, b, y, inner, aOuter, aInner, bOuter, bInner, begin, end): operands and [begin, end) as in binary.ts. Division by 0, which
// callers exclude, gives 0; shifts by less than 0 or by the width and more shift everything out.
// op_i64(x, y, begin, end): neg abs sign square relu. op_i64(x, y, n, inner, begin, end): reductions as in reduce.ts.
// zero_T, negative_T(x, begin, end): where the first such element stands, or -1.

import { Address } from '../lib/address'

class Integer {
  /** Toward zero; the least number by -1 wraps to itself, which the instruction traps on. */
  @inline static quotient<T extends number>(a: T, b: T): T {
    if (b == 0) return <T>0
    return b == -1 ? <T>-a : <T>(a / b)
  }

  @inline static rest<T extends number>(a: T, b: T): T {
    return b == 0 || b == -1 ? <T>0 : <T>(a % b)
  }
}

/** An operation on two integers. */
interface Operation<T, Y> {
  at(a: T, b: T): Y
}

@unmanaged
class Add<T extends number> {
  @inline at(a: T, b: T): T {
    return <T>(a + b)
  }
}
@unmanaged
class Sub<T extends number> {
  @inline at(a: T, b: T): T {
    return <T>(a - b)
  }
}
@unmanaged
class Mul<T extends number> {
  @inline at(a: T, b: T): T {
    return <T>(a * b)
  }
}
@unmanaged
class Maximum<T extends number> {
  @inline at(a: T, b: T): T {
    return a > b ? a : b
  }
}
@unmanaged
class Minimum<T extends number> {
  @inline at(a: T, b: T): T {
    return a < b ? a : b
  }
}
@unmanaged
class TruncDivide<T extends number> {
  @inline at(a: T, b: T): T {
    return Integer.quotient<T>(a, b)
  }
}
@unmanaged
class FloorDivide<T extends number> {
  @inline at(a: T, b: T): T {
    const r = Integer.rest<T>(a, b)
    const q = Integer.quotient<T>(a, b)
    return r != 0 && r < 0 != b < 0 ? <T>(q - 1) : q
  }
}
@unmanaged
class Fmod<T extends number> {
  @inline at(a: T, b: T): T {
    return Integer.rest<T>(a, b)
  }
}
@unmanaged
class Remainder<T extends number> {
  @inline at(a: T, b: T): T {
    const r = Integer.rest<T>(a, b)
    return r != 0 && r < 0 != b < 0 ? <T>(r + b) : r
  }
}
@unmanaged
class LeftShift<T extends number> {
  @inline at(a: T, b: T): T {
    return b >= 0 && b < 8 * sizeof<T>() ? <T>(a << b) : <T>0
  }
}
@unmanaged
class RightShift<T extends number> {
  @inline at(a: T, b: T): T {
    return <T>(a >> (b >= 0 && b < 8 * sizeof<T>() ? b : <T>(8 * sizeof<T>() - 1)))
  }
}
@unmanaged
class Pow<T extends number> {
  @inline at(a: T, b: T): T {
    let y = <T>1
    for (; b > 0; b = <T>(b >> 1)) {
      if (b & 1) y = <T>(y * a)
      a = <T>(a * a)
    }
    return y
  }
}

@unmanaged
class Neg<T extends number> {
  @inline at(a: T, _b: T): T {
    return <T>-a
  }
}
@unmanaged
class Abs<T extends number> {
  @inline at(a: T, _b: T): T {
    return a < 0 ? <T>-a : a
  }
}
@unmanaged
class Sign<T extends number> {
  @inline at(a: T, _b: T): T {
    return a > 0 ? <T>1 : a < 0 ? <T>-1 : <T>0
  }
}
@unmanaged
class Relu<T extends number> {
  @inline at(a: T, _b: T): T {
    return a < 0 ? <T>0 : a
  }
}

@unmanaged
class Eq<T extends number> {
  @inline at(a: T, b: T): bool {
    return a == b
  }
}
@unmanaged
class Ne<T extends number> {
  @inline at(a: T, b: T): bool {
    return a != b
  }
}
@unmanaged
class Lt<T extends number> {
  @inline at(a: T, b: T): bool {
    return a < b
  }
}
@unmanaged
class Le<T extends number> {
  @inline at(a: T, b: T): bool {
    return a <= b
  }
}

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

class Rows {
  /** n elements: y = Op(a, b). */
  @inline static each<Op extends Operation<T, Y>, T extends number, Y>(
    a: usize,
    b: usize,
    y: usize,
    aInner: i32,
    bInner: i32,
    n: i32,
  ): void {
    const op = changetype<Op>(0)
    for (; n > 0; n--) {
      store<Y>(y, op.at(load<T>(a), load<T>(b)))
      a = Address.of<T>(a, aInner)
      b = Address.of<T>(b, bInner)
      y += sizeof<Y>()
    }
  }

  static row<T extends number>(kind: i32, a: usize, b: usize, y: usize, aInner: i32, bInner: i32, n: i32): void {
    switch (kind) {
      case Kind.truncDivide:
        Rows.each<TruncDivide<T>, T, T>(a, b, y, aInner, bInner, n)
        return
      case Kind.floorDivide:
        Rows.each<FloorDivide<T>, T, T>(a, b, y, aInner, bInner, n)
        return
      case Kind.fmod:
        Rows.each<Fmod<T>, T, T>(a, b, y, aInner, bInner, n)
        return
      case Kind.remainder:
        Rows.each<Remainder<T>, T, T>(a, b, y, aInner, bInner, n)
        return
      case Kind.leftShift:
        Rows.each<LeftShift<T>, T, T>(a, b, y, aInner, bInner, n)
        return
      case Kind.rightShift:
        Rows.each<RightShift<T>, T, T>(a, b, y, aInner, bInner, n)
        return
      case Kind.pow:
        Rows.each<Pow<T>, T, T>(a, b, y, aInner, bInner, n)
        return
    }
    if (sizeof<T>() == 4) return // core has the rest
    switch (kind) {
      case Kind.add:
        Rows.each<Add<T>, T, T>(a, b, y, aInner, bInner, n)
        return
      case Kind.sub:
        Rows.each<Sub<T>, T, T>(a, b, y, aInner, bInner, n)
        return
      case Kind.mul:
        Rows.each<Mul<T>, T, T>(a, b, y, aInner, bInner, n)
        return
      case Kind.maximum:
        Rows.each<Maximum<T>, T, T>(a, b, y, aInner, bInner, n)
        return
      case Kind.minimum:
        Rows.each<Minimum<T>, T, T>(a, b, y, aInner, bInner, n)
        return
      case Kind.neg:
        Rows.each<Neg<T>, T, T>(a, b, y, aInner, bInner, n)
        return
      case Kind.abs:
        Rows.each<Abs<T>, T, T>(a, b, y, aInner, bInner, n)
        return
      case Kind.sign:
        Rows.each<Sign<T>, T, T>(a, b, y, aInner, bInner, n)
        return
      case Kind.relu:
        Rows.each<Relu<T>, T, T>(a, b, y, aInner, bInner, n)
        return
      case Kind.eq:
        Rows.each<Eq<T>, T, bool>(a, b, y, aInner, bInner, n)
        return
      case Kind.ne:
        Rows.each<Ne<T>, T, bool>(a, b, y, aInner, bInner, n)
        return
      case Kind.lt:
        Rows.each<Lt<T>, T, bool>(a, b, y, aInner, bInner, n)
        return
      case Kind.le:
        Rows.each<Le<T>, T, bool>(a, b, y, aInner, bInner, n)
        return
    }
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
      const p = Address.of<T>(a, row * aOuter + column * aInner)
      const q = Address.of<T>(b, row * bOuter + column * bInner)
      const n = min(end - begin, inner - column)
      Rows.row<T>(kind, p, q, kind >= Kind.eq ? y + begin : Address.of<T>(y, begin), aInner, bInner, n)
      begin += n
      row++
      column = 0
    }
  }

  @inline static one(kind: i32, x: usize, y: usize, begin: i32, end: i32): void {
    x = Address.of<i64>(x, begin)
    Rows.row<i64>(kind, x, x, Address.of<i64>(y, begin), 1, 1, end - begin)
  }

  /** y [outer, inner]: `first`, then one element after the other of x [outer, n, inner]. */
  static fold(kind: i32, x: usize, y: usize, n: i32, inner: i32, begin: i32, end: i32, first: i64): void {
    for (; begin < end; begin++) {
      const outer = begin / inner
      let p = Address.of<i64>(x, outer * n * inner + (begin - outer * inner))
      const q = Address.of<i64>(y, begin)
      store<i64>(q, first)
      for (let i = 0; i < n; i++) {
        Rows.row<i64>(kind, q, p, q, 0, 0, 1)
        p = Address.of<i64>(p, inner)
      }
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
  @inline static find<T extends number>(below: bool, x: usize, begin: i32, end: i32): i32 {
    for (; begin < end; begin++) {
      const v = load<T>(Address.of<T>(x, begin))
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
  Rows.map<i32>(Kind.truncDivide, a, b, y, inner, aOuter, aInner, bOuter, bInner, begin, end)
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
  Rows.map<i32>(Kind.floorDivide, a, b, y, inner, aOuter, aInner, bOuter, bInner, begin, end)
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
  Rows.map<i32>(Kind.fmod, a, b, y, inner, aOuter, aInner, bOuter, bInner, begin, end)
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
  Rows.map<i32>(Kind.remainder, a, b, y, inner, aOuter, aInner, bOuter, bInner, begin, end)
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
  Rows.map<i32>(Kind.leftShift, a, b, y, inner, aOuter, aInner, bOuter, bInner, begin, end)
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
  Rows.map<i32>(Kind.rightShift, a, b, y, inner, aOuter, aInner, bOuter, bInner, begin, end)
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
  Rows.map<i32>(Kind.pow, a, b, y, inner, aOuter, aInner, bOuter, bInner, begin, end)
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
  Rows.map<i64>(Kind.truncDivide, a, b, y, inner, aOuter, aInner, bOuter, bInner, begin, end)
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
  Rows.map<i64>(Kind.floorDivide, a, b, y, inner, aOuter, aInner, bOuter, bInner, begin, end)
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
  Rows.map<i64>(Kind.fmod, a, b, y, inner, aOuter, aInner, bOuter, bInner, begin, end)
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
  Rows.map<i64>(Kind.remainder, a, b, y, inner, aOuter, aInner, bOuter, bInner, begin, end)
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
  Rows.map<i64>(Kind.leftShift, a, b, y, inner, aOuter, aInner, bOuter, bInner, begin, end)
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
  Rows.map<i64>(Kind.rightShift, a, b, y, inner, aOuter, aInner, bOuter, bInner, begin, end)
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
  Rows.map<i64>(Kind.pow, a, b, y, inner, aOuter, aInner, bOuter, bInner, begin, end)
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
  Rows.map<i64>(Kind.add, a, b, y, inner, aOuter, aInner, bOuter, bInner, begin, end)
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
  Rows.map<i64>(Kind.sub, a, b, y, inner, aOuter, aInner, bOuter, bInner, begin, end)
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
  Rows.map<i64>(Kind.mul, a, b, y, inner, aOuter, aInner, bOuter, bInner, begin, end)
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
  Rows.map<i64>(Kind.maximum, a, b, y, inner, aOuter, aInner, bOuter, bInner, begin, end)
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
  Rows.map<i64>(Kind.minimum, a, b, y, inner, aOuter, aInner, bOuter, bInner, begin, end)
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
  Rows.map<i64>(Kind.eq, a, b, y, inner, aOuter, aInner, bOuter, bInner, begin, end)
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
  Rows.map<i64>(Kind.ne, a, b, y, inner, aOuter, aInner, bOuter, bInner, begin, end)
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
  Rows.map<i64>(Kind.lt, a, b, y, inner, aOuter, aInner, bOuter, bInner, begin, end)
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
  Rows.map<i64>(Kind.le, a, b, y, inner, aOuter, aInner, bOuter, bInner, begin, end)
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
  Rows.map<i64>(Kind.lt, b, a, y, inner, bOuter, bInner, aOuter, aInner, begin, end)
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
  Rows.map<i64>(Kind.le, b, a, y, inner, bOuter, bInner, aOuter, aInner, begin, end)
}
export function neg_i64(x: usize, y: usize, begin: i32, end: i32): void {
  Rows.one(Kind.neg, x, y, begin, end)
}
export function abs_i64(x: usize, y: usize, begin: i32, end: i32): void {
  Rows.one(Kind.abs, x, y, begin, end)
}
export function sign_i64(x: usize, y: usize, begin: i32, end: i32): void {
  Rows.one(Kind.sign, x, y, begin, end)
}
export function relu_i64(x: usize, y: usize, begin: i32, end: i32): void {
  Rows.one(Kind.relu, x, y, begin, end)
}
export function square_i64(x: usize, y: usize, begin: i32, end: i32): void {
  Rows.one(Kind.mul, x, y, begin, end)
}
export function sum_i64(x: usize, y: usize, n: i32, inner: i32, begin: i32, end: i32): void {
  Rows.fold(Kind.add, x, y, n, inner, begin, end, 0)
}
export function prod_i64(x: usize, y: usize, n: i32, inner: i32, begin: i32, end: i32): void {
  Rows.fold(Kind.mul, x, y, n, inner, begin, end, 1)
}
export function max_i64(x: usize, y: usize, n: i32, inner: i32, begin: i32, end: i32): void {
  Rows.fold(Kind.maximum, x, y, n, inner, begin, end, i64.MIN_VALUE)
}
export function min_i64(x: usize, y: usize, n: i32, inner: i32, begin: i32, end: i32): void {
  Rows.fold(Kind.minimum, x, y, n, inner, begin, end, i64.MAX_VALUE)
}
export function argmax_i64(x: usize, y: usize, n: i32, inner: i32, begin: i32, end: i32): void {
  Rows.argument(x, y, n, inner, begin, end, 0)
}
export function argmin_i64(x: usize, y: usize, n: i32, inner: i32, begin: i32, end: i32): void {
  Rows.argument(x, y, n, inner, begin, end, -1)
}
export function zero_i32(x: usize, begin: i32, end: i32): i32 {
  return Rows.find<i32>(false, x, begin, end)
}
export function zero_i64(x: usize, begin: i32, end: i32): i32 {
  return Rows.find<i64>(false, x, begin, end)
}
export function negative_i32(x: usize, begin: i32, end: i32): i32 {
  return Rows.find<i32>(true, x, begin, end)
}
export function negative_i64(x: usize, begin: i32, end: i32): i32 {
  return Rows.find<i64>(true, x, begin, end)
}
