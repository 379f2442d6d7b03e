// The loops over elements. An operation is a class with one method `at`, which takes and returns a vector; a loop takes the
// class as a type. The end goes through the same formula on a partly filled vector, so that an element's bits never depend
// on where a share of the work begins or ends, and y may be x.

import { Part } from './part'

/** An operation on the lanes of one vector. */
export interface Unary {
  at(x: v128): v128
}

export class Map {
  /** y = Op(x) from y to `stop`, a multiple of 32 bytes; returns Op(u), which the caller needs for what lies behind. */
  @inline static run<Op extends Unary>(x: usize, y: usize, stop: usize, u: v128): v128 {
    const op = changetype<Op>(0)
    for (; y < stop; y += 32) {
      v128.store(y, op.at(v128.load(x)))
      v128.store(y, op.at(v128.load(x, 16)), 16)
      x += 32
    }
    return op.at(u)
  }

  /**
   * y = Op(x) over `bytes` bytes, for long formulas: these appear once. The last vector is loaded before the first is
   * stored, and stored over a part of the one before. An operation of several kinds is told which.
   */
  @inline static one<Op extends Unary>(x: usize, y: usize, bytes: i32, kind: usize = 0): void {
    const op = changetype<Op>(kind) // there are no instances: `this` is the kind
    const last = y + bytes - 16
    let v = Part.load(x, bytes)
    const end = bytes > 16 ? v128.load(x + bytes - 16) : v
    for (;;) {
      v = op.at(v)
      if (bytes < 16) {
        Part.store(y, v, bytes)
        return
      }
      v128.store(y, v)
      if (y == last) return
      x += 16
      y += 16
      if (y < last) v = v128.load(x)
      else {
        y = last
        v = end
      }
    }
  }
}
