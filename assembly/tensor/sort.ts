// Sorting: sort(type, x, values, indices, n, inner, from, count, descending, first, temp, scratch, begin, end), x [outer, n, inner] →
// values and indices (i32) [outer, count, inner], either of which may be 0: what stands at the places from … from + count
// of each row in order. Equal elements keep their order, −0 equals 0, NaN is above all numbers. from = −1 is the place of the
// median (the lower of two; the first NaN if there is one), −2 the same among the numbers alone.
// Unit: row `first` + begin … of the outer · inner rows. A row is sorted as n pairs (index, key), 8 bytes each, and needs two
// such arrays: at temp + 16 n begin, or for temp = 0, n ≤ 65000, in the scratch.

import { Address } from '../lib/address'

/** The types of elements, in the order of SORTABLE in the package's sort.ts. */
enum Type {
  bool,
  uint8,
  int32,
  float32,
  float64,
  int64,
}

const BUCKETS = 2048
/** Bytes of the counts of a radix pass, at the start of the scratch. */
const COUNTS = 4 * BUCKETS
/** So many are sorted by insertion, more of them by their digits. */
const FEW = 24
/** Fewer are not worth pruning. */
const MANY = 512

class Pairs {
  /** The key of x: unsigned numbers in the order of T, where −0 is 0 and NaN the largest. `low` asks for the lower half. */
  @inline static key<T extends number>(x: T, low: bool): u32 {
    if (sizeof<T>() == 1) return <u32>x
    if (isFloat<T>() && ne<T>(x, x)) return 0xffffffff
    // Adding 0 makes −0 a 0.
    if (sizeof<T>() == 4) {
      const b = isFloat<T>() ? reinterpret<i32>(<f32>x + 0) : <i32>x
      return b ^ ((isFloat<T>() ? b >> 31 : 0) | 0x80000000)
    }
    const b = isFloat<T>() ? reinterpret<i64>(<f64>x + 0) : <i64>x
    const key = b ^ ((isFloat<T>() ? b >> 63 : 0) | 0x8000000000000000)
    return <u32>(low ? key : key >>> 32)
  }

  /**
   * Makes n pairs at p of the elements that lie `step` bytes apart from x on; or, where the pairs are there already, their
   * keys anew from the lower half of the elements (`low`) or the upper one. Returns a pair with the bits in which keys differ.
   */
  static keys<T extends number>(x: usize, step: usize, p: usize, n: i32, flip: u32, fresh: bool, low: bool): u64 {
    let any: u32 = 0
    let all: u32 = -1
    for (let i = 0; i < n; i++) {
      const index = fresh ? <usize>i : <usize>load<u32>(p)
      const key = Pairs.key<T>(load<T>(x + index * step), low) ^ flip
      any |= key
      all &= key
      store<u64>(p, ((<u64>key) << 32) | index)
      p += 8
    }
    return (<u64>(any ^ all)) << 32
  }

  static write(type: i32, x: usize, step: usize, p: usize, n: i32, flip: u32, fresh: bool, low: bool): u64 {
    if (type == Type.float32) return Pairs.keys<f32>(x, step, p, n, flip, fresh, low)
    if (type == Type.float64) return Pairs.keys<f64>(x, step, p, n, flip, fresh, low)
    if (type == Type.int32) return Pairs.keys<i32>(x, step, p, n, flip, fresh, low)
    if (type == Type.int64) return Pairs.keys<i64>(x, step, p, n, flip, fresh, low)
    return Pairs.keys<u8>(x, step, p, n, flip, fresh, low)
  }

  /** Sorts n pairs at p, whose keys differ as `differ` does, with as much room at q; returns which of the two they are at then. */
  static sort(p: usize, q: usize, n: i32, differ: u64, counts: usize): usize {
    const stop = p + ((<usize>n) << 3)
    if (n <= FEW) {
      for (let i = p + 8; i < stop; i += 8) {
        const pair = load<u64>(i)
        let j = i
        for (; j > p && load<u32>(j - 4) > <u32>(pair >>> 32); j -= 8) store<u64>(j, load<u64>(j - 8))
        store<u64>(j, pair)
      }
      return p
    }
    return Pairs.radix(p, q, (<usize>n) << 3, n < 1024 ? 8 : 11, differ, counts)
  }

  /** Sorts digit by digit of `bits` bits, the lowest first. */
  static radix(p: usize, q: usize, bytes: usize, bits: u64, differ: u64, counts: usize): usize {
    const mask = (4 << (<u32>bits)) - 4
    for (let shift: u64 = 30; shift < 62; shift += bits) {
      if (!(<u32>(differ >>> shift) & mask)) continue
      memory.fill(counts, 0, mask + 4)
      const stop = p + bytes
      for (let i = p; i < stop; i += 8) {
        const c = counts + (<u32>(load<u64>(i) >>> shift) & mask)
        store<u32>(c, load<u32>(c) + 8)
      }
      let at = <u32>q
      for (let c = counts; c <= counts + mask; c += 4) {
        const length = load<u32>(c)
        store<u32>(c, at)
        at += length
      }
      for (let i = p; i < stop; i += 8) {
        const pair = load<u64>(i)
        const c = counts + (<u32>(pair >>> shift) & mask)
        const to = load<u32>(c)
        store<u64>(to, pair)
        store<u32>(c, to + 8)
      }
      const other = q
      q = p
      p = other
    }
    return p
  }

  @inline static bucket(counts: usize, pair: u64): usize {
    return counts + ((<u32>(pair >>> 53)) << 2)
  }

  /**
   * Leaves of the n pairs at p those whose leading digit is that of the places from … from + count, or between; returns
   * how many are left, and at `counts` how many went before them.
   */
  static prune(p: usize, n: i32, from: i32, count: i32, counts: usize): i32 {
    memory.fill(counts, 0, COUNTS)
    const stop = p + ((<usize>n) << 3)
    for (let i = p; i < stop; i += 8) {
      const c = Pairs.bucket(counts, load<u64>(i))
      store<u32>(c, load<u32>(c) + 1)
    }
    let before = 0
    let c = counts
    for (; before + load<i32>(c) <= from; c += 4) before += load<i32>(c)
    const low = <u32>((c - counts) >> 2)
    let sum = before + load<i32>(c)
    for (; sum < from + count; sum += load<i32>(c)) c += 4
    const span = <u32>((c - counts) >> 2) - low
    let to = p
    for (let i = p; i < stop; i += 8) {
      const pair = load<u64>(i)
      store<u64>(to, pair)
      if (<u32>(pair >>> 53) - low <= span) to += 8
    }
    store<i32>(counts, before)
    return sum - before
  }

  /** How many of the n pairs at p are NaN. */
  static nans(p: usize, n: i32): i32 {
    let found = 0
    for (const stop = p + ((<usize>n) << 3); p < stop; p += 8) found += i32(load<u32>(p, 4) == 0xffffffff)
    return found
  }
}

export function sort(
  type: i32,
  x: usize,
  values: usize,
  indices: usize,
  n: i32,
  inner: i32,
  from: i32,
  count: i32,
  descending: i32,
  first: i32,
  temp: usize,
  scratch: usize,
  begin: i32,
  end: i32,
): void {
  const shift: usize = type > Type.float32 ? 3 : type > Type.uint8 ? 2 : 0
  const step = (<usize>inner) << shift
  for (; begin < end; begin++) {
    const row = first + begin
    const outer = row / inner
    const column = row - outer * inner
    const source = x + ((<usize>(outer * n * inner + column)) << shift)
    let p = temp ? temp + ((<usize>begin * <usize>n) << 4) : scratch + COUNTS
    const q = p + ((<usize>n) << 3)
    let differ = Pairs.write(type, source, step, p, n, -descending, true, false)
    let place = from
    if (from < 0) {
      const nans = type == Type.float32 || type == Type.float64 ? Pairs.nans(p, n) : 0
      place = from == -1 && nans > 0 ? n - nans : max(n - nans - 1, 0) >> 1
    }
    let left = n
    if (count < n && n > MANY) {
      left = Pairs.prune(p, n, place, count, scratch)
      place -= load<i32>(scratch)
    }
    if (shift == 3) {
      differ = Pairs.write(type, source, step, p, left, -descending, false, true)
      const at = Pairs.sort(p, q, left, differ, scratch)
      differ = Pairs.write(type, source, step, at, left, -descending, false, false)
      p = Pairs.sort(at, at == p ? q : p, left, differ, scratch)
    } else p = Pairs.sort(p, q, left, differ, scratch)
    let to = outer * count * inner + column
    for (p += (<usize>place) << 3, left = count; left > 0; left--) {
      const index = load<i32>(p)
      if (indices) store<i32>(Address.of<i32>(indices, to), index)
      if (values) {
        const from = source + <usize>index * step
        const y = values + ((<usize>to) << shift)
        if (shift == 2) store<i32>(y, load<i32>(from))
        else if (shift == 3) store<i64>(y, load<i64>(from))
        else store<u8>(y, load<u8>(from))
      }
      p += 8
      to += inner
    }
  }
}
