// A vector at the end of an array, which may be partly filled: 0 to 15 bytes, never one beyond. The functions call
// themselves because asc inlines anything of this length that calls nothing, and hundreds of places call these.

export class Part {
  /** The first `bytes` bytes from `from` on, at most 16; zeros behind them. */
  static load(from: usize, bytes: i32): v128 {
    if (bytes >= 16) return v128.load(from)
    if (bytes <= 0) return i32x4.splat(0)
    if (bytes & 1) {
      const x = Part.load(from + 1, bytes - 1)
      return v128.load8_lane(from, v128.shuffle<i8>(x, x, 15, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14), 0)
    }
    if (bytes & 2) {
      const x = Part.load(from + 2, bytes - 2)
      return v128.load16_lane(from, v128.shuffle<i16>(x, x, 7, 0, 1, 2, 3, 4, 5, 6), 0)
    }
    if (bytes & 4) {
      const x = Part.load(from + 4, bytes - 4)
      return v128.load32_lane(from, v128.shuffle<i32>(x, x, 3, 0, 1, 2), 0)
    }
    return v128.load64_zero(from)
  }

  /** Stores the first `bytes` bytes, at most 16. */
  static store(to: usize, x: v128, bytes: i32): void {
    if (bytes >= 16) v128.store(to, x)
    else if (bytes <= 0) return
    else if (bytes & 8) {
      v128.store64_lane(to, x, 0)
      Part.store(to + 8, v128.shuffle<i64>(x, x, 1, 0), bytes - 8)
    } else if (bytes & 4) {
      v128.store32_lane(to, x, 0)
      Part.store(to + 4, v128.shuffle<i32>(x, x, 1, 2, 3, 0), bytes - 4)
    } else if (bytes & 2) {
      v128.store16_lane(to, x, 0)
      Part.store(to + 2, v128.shuffle<i16>(x, x, 1, 2, 3, 4, 5, 6, 7, 0), bytes - 2)
    } else if (bytes & 1) v128.store8_lane(to, x, 0)
  }

  /** Copies `bytes` bytes; short runs without the call that memory.copy is. */
  static copy(to: usize, from: usize, bytes: i32): void {
    if (bytes > 256) {
      memory.copy(to, from, bytes)
      return
    }
    for (; bytes >= 16; bytes -= 16) {
      v128.store(to, v128.load(from))
      to += 16
      from += 16
    }
    if (bytes > 0) Part.store(to, Part.load(from, bytes), bytes)
  }
}
