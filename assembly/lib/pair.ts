// The loops over two operands, see lib/map.

/** An operation on the lanes of two vectors. */
export interface Binary {
  at(a: v128, b: v128): v128
}

export class Pair {
  /** y = Op(a, b) over `bytes` bytes, a multiple of 64. */
  @inline static blocks<Op extends Binary>(a: usize, b: usize, y: usize, bytes: i32): void {
    const op = changetype<Op>(0)
    for (const end = y + bytes; y < end; y += 64) {
      v128.store(y, op.at(v128.load(a), v128.load(b)))
      v128.store(y, op.at(v128.load(a, 16), v128.load(b, 16)), 16)
      v128.store(y, op.at(v128.load(a, 32), v128.load(b, 32)), 32)
      v128.store(y, op.at(v128.load(a, 48), v128.load(b, 48)), 48)
      a += 64
      b += 64
    }
  }

  /** The same where a or b is one number: that pointer stays at zeros, `step` 0, and its splat is or-ed to them. */
  @inline static mixed<Op extends Binary>(
    a: usize,
    b: usize,
    y: usize,
    bytes: i32,
    aStep: i32,
    bStep: i32,
    aSplat: v128,
    bSplat: v128,
  ): void {
    const op = changetype<Op>(0)
    for (const end = y + bytes; y < end; y += 64) {
      v128.store(y, op.at(v128.or(v128.load(a), aSplat), v128.or(v128.load(b), bSplat)))
      v128.store(y, op.at(v128.or(v128.load(a, 16), aSplat), v128.or(v128.load(b, 16), bSplat)), 16)
      v128.store(y, op.at(v128.or(v128.load(a, 32), aSplat), v128.or(v128.load(b, 32), bSplat)), 32)
      v128.store(y, op.at(v128.or(v128.load(a, 48), aSplat), v128.or(v128.load(b, 48), bSplat)), 48)
      a += aStep
      b += bStep
    }
  }
}
