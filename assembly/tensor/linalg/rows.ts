// What factorisations do to rows of numbers: exchange them, and subtract multiples of one from another.

import { Part } from '../../lib/part'

export class Rows {
  /** Exchanges two rows of `bytes` bytes. */
  static swap(a: usize, b: usize, bytes: i32): void {
    for (; bytes > 0; bytes -= 16) {
      const x = Part.load(a, bytes)
      Part.store(a, Part.load(b, bytes), bytes)
      Part.store(b, x, bytes)
      a += 16
      b += 16
    }
  }

  /** y -= factor · x. */
  static minus<T>(y: usize, x: usize, factor: T, bytes: i32): void {
    const f = v128.splat<T>(factor)
    for (; bytes >= 16; bytes -= 16) {
      v128.store(y, v128.sub<T>(v128.load(y), v128.mul<T>(f, v128.load(x))))
      x += 16
      y += 16
    }
    if (bytes > 0) Part.store(y, v128.sub<T>(Part.load(y, bytes), v128.mul<T>(f, Part.load(x, bytes))), bytes)
  }

  /** x /= divisor. */
  static divide<T extends number>(x: usize, divisor: T, bytes: i32): void {
    const d = v128.splat<T>(divisor)
    for (; bytes > 0; bytes -= 16) {
      Part.store(x, v128.div<T>(Part.load(x, bytes), d), bytes)
      x += 16
    }
  }
}
