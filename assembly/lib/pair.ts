// The loops over two operands. An operand that is one number for the whole row is read as zeros from a table, step 0, and
// its splat or-ed to them, so that one loop serves every combination.

import { Table } from './constants'

/** An operation on the lanes of two vectors. */
export interface Binary {
  at(a: v128, b: v128): v128
}

export class Pair {
  /** How many bytes an element of a type takes, as a shift. */
  @inline static shift(type: i32): i32 {
    return type == Type.f64 ? 3 : type == Type.u8 ? 0 : 2
  }

  /** The element at `from` in every lane. */
  @inline static splat(from: usize, shift: i32): v128 {
    if (shift == 3) return v128.load64_splat(from)
    return shift ? v128.load32_splat(from) : v128.load8_splat(from)
  }

  /**
   * y = Op(a, b) from y to `stop`, a multiple of 32 bytes (V8 unrolls the loop further); returns Op(u, w), which the caller
   * needs for what lies behind. The steps are computed here because V8 would spill them in a caller of many loops.
   */
  @inline static run<Op extends Binary>(
    a: usize,
    b: usize,
    y: usize,
    stop: usize,
    aInner: i32,
    bInner: i32,
    aSplat: v128,
    bSplat: v128,
    u: v128,
    w: v128,
  ): v128 {
    const op = changetype<Op>(0)
    const aStep = aInner << 5
    const bStep = bInner << 5
    for (; y < stop; y += 32) {
      v128.store(y, op.at(v128.or(v128.load(a), aSplat), v128.or(v128.load(b), bSplat)))
      v128.store(y, op.at(v128.or(v128.load(a, 16), aSplat), v128.or(v128.load(b, 16), bSplat)), 16)
      a += aStep
      b += bStep
    }
    return op.at(v128.or(u, aSplat), v128.or(w, bSplat))
  }
}

/** The type of elements; the low two bits of a kernel's kind, whose others are its operation. */
export enum Type {
  f32,
  f64,
  i32,
  u8,
}
