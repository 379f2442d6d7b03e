// Linear layers whose weights are integers of 8 or 4 bits, float32 outside.
//
// Weights [N, K] lie in tiles of 8 rows, four columns of four rows in a vector, so that a vector of sums has a row in each
// lane and one stream of memory feeds everything. Rows of a tile beyond N are zeros. The relaxed build takes two tiles at
// a time, half of the range apart: two long streams come faster from memory than one, and two neighbours far slower.
//   i8  a scale for each row. A tile: of each 4 columns 32 bytes (rows 0-3, rows 4-7), then 8 scales (f32), then the 8 sums
//       of a row's integers (i32). K is filled up to a multiple of 8.
//   i4  a scale (f16) for each 32 columns of a row, w = d · (q − 8): ggml's Q4_0. A tile: of each block 8 scales, then of
//       each 4 columns 16 bytes, whose low halves are rows 0-3 and high halves rows 4-7. K is filled up to a multiple of 32.
// Inputs are rounded too, once for all rows: for i8 to 13 bits of the largest, for i4 to 8 bits of the largest of each
// block. Sums of products are integers and exact, so that the strict and the relaxed build, and any number of threads,
// give the same bits. The relaxed build multiplies bytes: 13 bits are then 64 · high + low, each of 7 bits.
//
// quantPack_T(w, p, N, K, begin, end): tiles of p from w [N, K]; [begin, end) are tiles.
// quantInput_T(x, q, K, begin, end): rows of x [M, K] rounded, each in inputBytes of q; [begin, end) are rows.
// quantMatmul_T(q, p, b, y, N, K, M, begin, end): y [M, N] = x Wᵀ + b; b may be 0; [begin, end) are tiles.
// quantTiles_T(p, y, N, K, begin, end): rows of W in float32, from the first row of tile `begin`; [begin, end) are tiles.
// quantRows_T(p, index, y, K, begin, end): y[i] = row index[i] of W; [begin, end) are rows of y.

import { Address } from '../lib/address'
import { Table } from '../lib/constants'
import { Half } from './half'

/** Rows of a tile. */
const ROWS: i32 = 8
/** Columns of a block of i4, and its bytes in a tile. */
const BLOCK: i32 = 32
const BLOCK_BYTES: usize = 144
/** The largest of the rounded inputs of i8, and what makes them positive. */
const TOP: f32 = 4095
const SHIFT: i32 = 4096
/** A power of two by which scales of inputs of i4 are larger, so that those times a scale as it lies are near 1; inputs above 3.6e16 overflow. */
const LARGE: f32 = reinterpret<f32>(0x67800000)
/** Columns whose products of 7 and 13 bits add up in 32 bits, whatever they are. */
const SPAN: i32 = 8192

class Quant {
  /** 15 in 16 bytes. */
  @lazy static readonly NIBBLES: usize = memory.data<u8>(
    [15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15],
    16,
  )

  /** The largest signed bytes, and unsigned ones. */
  @lazy static readonly LARGEST: usize = memory.data<u32>([0x7f7f7f7f, 0xffffffff], 4)

  /** SHIFT in 8 lanes, then what masks the 6 low bits. */
  @lazy static readonly SHIFTS: usize = memory.data<u16>(
    [4096, 4096, 4096, 4096, 4096, 4096, 4096, 4096, 63, 63, 63, 63, 63, 63, 63, 63],
    16,
  )

  /** n rounded up to a multiple of `unit`, a power of two. */
  @inline static up(n: i32, unit: i32): i32 {
    return (n + unit - 1) & -unit
  }

  /** Bytes of one row of rounded inputs. */
  @inline static inputBytes(K: i32): usize {
    return <usize>Quant.up(2 * Quant.up(K, BLOCK) + (Quant.up(K, BLOCK) >> 2) + 16, 16)
  }

  @inline static tile8(K: i32): usize {
    return <usize>(ROWS * Quant.up(K, 8) + 64)
  }

  @inline static tile4(K: i32): usize {
    return <usize>(Quant.up(K, BLOCK) / BLOCK) * BLOCK_BYTES
  }

  /** The largest magnitude of n numbers; NaN if there is one. Their bits, compared as integers, are in that order. */
  static top(x: usize, n: i32): f32 {
    let best = Table.zero()
    const bits = Table.at<f32>(Table.BITS32, 0)
    let i = 0
    for (; i + 4 <= n; i += 4) best = i32x4.max_s(best, v128.and(v128.load(Address.of<f32>(x, i)), bits))
    best = i32x4.max_s(best, v128.shuffle<i32>(best, best, 2, 3, 0, 1))
    best = i32x4.max_s(best, v128.shuffle<i32>(best, best, 1, 0, 3, 2))
    let top = i32x4.extract_lane(best, 0)
    for (; i < n; i++) top = max(top, load<i32>(Address.of<i32>(x, i)) & 0x7fffffff)
    return reinterpret<f32>(top)
  }

  /** x · factor to the nearest integer, halves to even; NaN is 0. */
  @inline static round(x: f32, factor: f32): i32 {
    return i32x4.extract_lane(i32x4.trunc_sat_f32x4_s(f32x4.nearest(f32x4.splat(x * factor))), 0)
  }

  @inline static factor(top: f32, largest: f32): f32 {
    return top > 0 ? largest / top : 0
  }

  /** Where column k of row r of a tile is, in i8. */
  @inline static at8(tile: usize, r: i32, k: i32): usize {
    return tile + <usize>((k >> 2) * 32 + (r >> 2) * 16 + (r & 3) * 4 + (k & 3))
  }

  /** Where the byte of column k of row r of a tile is, in i4. */
  @inline static at4(tile: usize, r: i32, k: i32): usize {
    const inside = k & (BLOCK - 1)
    return tile + <usize>(k / BLOCK) * BLOCK_BYTES + <usize>(16 + (inside >> 2) * 16 + (r & 3) * 4 + (inside & 3))
  }

  @inline static scale4(tile: usize, r: i32, block: i32): usize {
    return tile + <usize>block * BLOCK_BYTES + <usize>(2 * r)
  }

  /** Stores the first `rows` of 4 results, plus the bias if there is one. */
  @inline static put(v: v128, bias: usize, y: usize, rows: i32): void {
    if (rows >= 4) {
      v128.store(y, bias ? f32x4.add(v, v128.load(bias)) : v)
      return
    }
    for (let r = 0; r < rows; r++) {
      const own = f32x4.extract_lane(v, 0)
      store<f32>(Address.of<f32>(y, r), bias ? own + load<f32>(Address.of<f32>(bias, r)) : own)
      v = v128.shuffle<i32>(v, v, 1, 2, 3, 0)
    }
  }

  /** How many tiles begin a pair. */
  @inline static pairsOf(begin: i32, end: i32): i32 {
    return ASC_FEATURE_RELAXED_SIMD ? (end - begin + 1) >> 1 : end - begin
  }

  /** Sums of neighbours: two vectors of two rows each become one of four rows. */
  @inline static pairs(a: v128, b: v128): v128 {
    return i32x4.add(v128.shuffle<i32>(a, b, 0, 2, 4, 6), v128.shuffle<i32>(a, b, 1, 3, 5, 7))
  }
}

export function quantPack_i8(w: usize, p: usize, N: i32, K: i32, begin: i32, end: i32): void {
  const bytes = Quant.tile8(K)
  for (; begin < end; begin++) {
    const tile = p + <usize>begin * bytes
    memory.fill(tile, 0, bytes)
    const scales = tile + bytes - 64
    for (let r = 0; r < min(ROWS, N - begin * ROWS); r++) {
      const row = Address.of<f32>(w, (begin * ROWS + r) * K)
      const top = Quant.top(row, K)
      const factor = Quant.factor(top, 127)
      let sum = 0
      for (let k = 0; k < K; k++) {
        const q = Quant.round(load<f32>(Address.of<f32>(row, k)), factor)
        sum += q
        store<i8>(Quant.at8(tile, r, k), <i8>q)
      }
      store<f32>(Address.of<f32>(scales, r), top / 127)
      store<i32>(Address.of<i32>(scales + 32, r), sum)
    }
  }
}

export function quantPack_i4(w: usize, p: usize, N: i32, K: i32, begin: i32, end: i32): void {
  const bytes = Quant.tile4(K)
  for (; begin < end; begin++) {
    const tile = p + <usize>begin * bytes
    memory.fill(tile, 0, bytes)
    for (let r = 0; r < min(ROWS, N - begin * ROWS); r++) {
      const row = Address.of<f32>(w, (begin * ROWS + r) * K)
      for (let k = 0; k < K; k += BLOCK) {
        const stop = min(K, k + BLOCK)
        // The number of the largest magnitude, the first of several, becomes −8 exactly.
        let extreme: f32 = 0
        for (let i = k; i < stop; i++) {
          const x = load<f32>(Address.of<f32>(row, i))
          if (abs<f32>(x) > abs<f32>(extreme)) extreme = x
        }
        const d = extreme / -8
        const factor: f32 = d != 0 ? <f32>1 / d : 0
        store<u16>(Quant.scale4(tile, r, k / BLOCK), <u16>Half.bits(d))
        for (let i = k; i < stop; i++) {
          const q = min(15, max(0, <i32>(<f64>load<f32>(Address.of<f32>(row, i)) * <f64>factor + 8.5)))
          const at = Quant.at4(tile, r, i)
          store<u8>(at, load<u8>(at) | <u8>(r & 4 ? q << 4 : q))
        }
      }
    }
  }
}

export function quantInput_i8(x: usize, q: usize, K: i32, begin: i32, end: i32): void {
  const bytes = Quant.inputBytes(K)
  const width = Quant.up(K, 8)
  for (; begin < end; begin++) {
    const row = Address.of<f32>(x, begin * K)
    const to = q + <usize>begin * bytes
    const top = Quant.top(row, K)
    const factor = Quant.factor(top, TOP)
    store<f32>(to + <usize>(2 * width), top / TOP)
    let k = 0
    for (; k + 8 <= K; k += 8) Inputs.put8(to, k, width, Inputs.eight(Address.of<f32>(row, k), f32x4.splat(factor)))
    if (k < width) Inputs.put8(to, k, width, Inputs.some(Address.of<f32>(row, k), K - k, factor))
  }
}

/** Inputs rounded, eight at a time, as 16 bits each. */
class Inputs {
  @inline static four(x: v128, factor: v128): v128 {
    return i32x4.trunc_sat_f32x4_s(f32x4.nearest(f32x4.mul(x, factor)))
  }

  @inline static eight(x: usize, factor: v128): v128 {
    return i16x8.narrow_i32x4_s(Inputs.four(v128.load(x), factor), Inputs.four(v128.load(x, 16), factor))
  }

  /** The first n < 8, and zeros. */
  static some(x: usize, n: i32, factor: f32): v128 {
    let v = Table.zero()
    for (let i = 7; i >= 0; i--) {
      const q = i < n ? Quant.round(load<f32>(Address.of<f32>(x, i)), factor) : 0
      v = i16x8.replace_lane(v128.shuffle<i16>(v, v, 7, 0, 1, 2, 3, 4, 5, 6), 0, <i16>q)
    }
    return v
  }

  /** Column k of 13 bits: 7 bits here and 6 bits `width` further, or 16. */
  @inline static put8(to: usize, k: i32, width: i32, v: v128): void {
    if (ASC_FEATURE_RELAXED_SIMD) {
      const high = i16x8.shr_u(i16x8.add(v, v128.load(Quant.SHIFTS)), 6)
      const low = v128.and(v, v128.load(Quant.SHIFTS, 16))
      const both = i8x16.narrow_i16x8_u(high, low)
      v128.store64_lane(to + <usize>k, both, 0)
      v128.store64_lane(to + <usize>(width + k), both, 1)
    } else v128.store(Address.of<i16>(to, k), v)
  }

  /** Column k of 8 bits: in bytes, or 16 bits each. */
  @inline static put4(to: usize, k: i32, v: v128): void {
    if (ASC_FEATURE_RELAXED_SIMD) v128.store64_lane(to + <usize>k, i8x16.narrow_i16x8_s(v, v), 0)
    else v128.store(Address.of<i16>(to, k), v)
  }

  /** The sum of eight in four lanes. */
  @inline static sum(v: v128): v128 {
    return i32x4.extadd_pairwise_i16x8_s(v)
  }
}

export function quantInput_i4(x: usize, q: usize, K: i32, begin: i32, end: i32): void {
  const bytes = Quant.inputBytes(K)
  const width = Quant.up(K, BLOCK)
  const scales = <usize>(2 * width)
  for (; begin < end; begin++) {
    const row = Address.of<f32>(x, begin * K)
    const to = q + <usize>begin * bytes
    for (let k = 0; k < width; k += BLOCK) {
      const own = Address.of<f32>(row, k)
      const n = min(BLOCK, K - k)
      const top = Quant.top(own, n)
      const factor = Quant.factor(top, 127)
      let sums = Table.zero()
      for (let i = 0; i < BLOCK; i += 8) {
        const from = Address.of<f32>(own, i)
        const v = i + 8 <= n ? Inputs.eight(from, f32x4.splat(factor)) : Inputs.some(from, n - i, factor)
        Inputs.put4(to, k + i, v)
        sums = i32x4.add(sums, Inputs.sum(v))
      }
      const block = to + scales + <usize>(k / BLOCK) * 8
      store<f32>(block, (top / 127) * LARGE)
      // Weights are stored as q − 8 + 8: this takes the 8 away again.
      const sum =
        i32x4.extract_lane(sums, 0) +
        i32x4.extract_lane(sums, 1) +
        i32x4.extract_lane(sums, 2) +
        i32x4.extract_lane(sums, 3)
      store<i32>(block, -8 * sum, 4)
    }
  }
}

export function quantMatmul_i8(
  q: usize,
  p: usize,
  b: usize,
  y: usize,
  N: i32,
  K: i32,
  M: i32,
  begin: i32,
  end: i32,
): void {
  const bytes = Quant.tile8(K)
  const inputs = Quant.inputBytes(K)
  const width = Quant.up(K, 8)
  const pairs = Quant.pairsOf(begin, end)
  for (const stop = begin + pairs; begin < stop; begin++) {
    const tile = p + <usize>begin * bytes
    const isTwo = ASC_FEATURE_RELAXED_SIMD && begin + pairs < end
    const far = isTwo ? <usize>pairs * bytes : 0
    for (let m = 0; m < M; m++) {
      let x = q + <usize>m * inputs
      const sx = <f64>load<f32>(x + <usize>(2 * width))
      let at = tile
      if (ASC_FEATURE_RELAXED_SIMD) {
        // Eight chains: an addition must not wait for the one before.
        let h0 = Table.zero()
        let h1 = h0
        let l0 = h0
        let l1 = h0
        let g0 = h0
        let g1 = h0
        let k0 = h0
        let k1 = h0
        let lows = x + <usize>width
        let other = at + far
        for (const stop = lows; x < stop; x += 4) {
          const high = v128.load32_splat(x)
          const low = v128.load32_splat(lows)
          h0 = i32x4.relaxed_dot_i8x16_i7x16_add_s(v128.load(at), high, h0)
          l0 = i32x4.relaxed_dot_i8x16_i7x16_add_s(v128.load(at), low, l0)
          h1 = i32x4.relaxed_dot_i8x16_i7x16_add_s(v128.load(at, 16), high, h1)
          l1 = i32x4.relaxed_dot_i8x16_i7x16_add_s(v128.load(at, 16), low, l1)
          g0 = i32x4.relaxed_dot_i8x16_i7x16_add_s(v128.load(other), high, g0)
          k0 = i32x4.relaxed_dot_i8x16_i7x16_add_s(v128.load(other), low, k0)
          g1 = i32x4.relaxed_dot_i8x16_i7x16_add_s(v128.load(other, 16), high, g1)
          k1 = i32x4.relaxed_dot_i8x16_i7x16_add_s(v128.load(other, 16), low, k1)
          at += 32
          other += 32
          lows += 4
        }
        Whole.put(h0, l0, h1, l1, tile + bytes - 64, sx, b, y + Address.bytes<f32>(m * N), N, begin)
        if (isTwo)
          Whole.put(g0, k0, g1, k1, tile + far + bytes - 64, sx, b, y + Address.bytes<f32>(m * N), N, begin + pairs)
      } else {
        let t0 = Table.zero()
        let t1 = t0
        let t2 = t0
        let t3 = t0
        for (let left = width; left > 0; left -= SPAN) {
          let a = Table.zero()
          let c = a
          let d = a
          let e = a
          for (const stop = x + Address.bytes<i16>(min(left, SPAN)); x < stop; x += 16) {
            const u = v128.load64_splat(x)
            const v = v128.load64_splat(x, 8)
            a = i32x4.add(a, i32x4.dot_i16x8_s(v128.load_ext<i8>(at), u))
            c = i32x4.add(c, i32x4.dot_i16x8_s(v128.load_ext<i8>(at, 8), u))
            d = i32x4.add(d, i32x4.dot_i16x8_s(v128.load_ext<i8>(at, 16), u))
            e = i32x4.add(e, i32x4.dot_i16x8_s(v128.load_ext<i8>(at, 24), u))
            a = i32x4.add(a, i32x4.dot_i16x8_s(v128.load_ext<i8>(at, 32), v))
            c = i32x4.add(c, i32x4.dot_i16x8_s(v128.load_ext<i8>(at, 40), v))
            d = i32x4.add(d, i32x4.dot_i16x8_s(v128.load_ext<i8>(at, 48), v))
            e = i32x4.add(e, i32x4.dot_i16x8_s(v128.load_ext<i8>(at, 56), v))
            at += 64
          }
          // Lanes 0 and 1 are one row, 2 and 3 the next.
          t0 = f64x2.add(t0, Whole.twice(a))
          t1 = f64x2.add(t1, Whole.twice(c))
          t2 = f64x2.add(t2, Whole.twice(d))
          t3 = f64x2.add(t3, Whole.twice(e))
        }
        Whole.finish(t0, t1, t2, t3, tile + bytes - 64, sx, b, y + Address.bytes<f32>(m * N), N, begin)
      }
    }
  }
}

/** Integers as exact f64. */
class Whole {
  @inline static high(x: v128): v128 {
    return v128.shuffle<i64>(x, x, 1, 0)
  }

  /** 64 h + l + down · sum of the first two lanes. */
  @inline static total(h: v128, l: v128, sum: v128, down: v128): v128 {
    const both = f64x2.add(f64x2.mul(f64x2.convert_low_i32x4_s(h), f64x2.splat(64)), f64x2.convert_low_i32x4_s(l))
    return f64x2.add(both, f64x2.mul(f64x2.convert_low_i32x4_s(sum), down))
  }

  /** Stores a tile's 8 rows, whose sums are 64 h + l, as far as there are so many, in a row y of results. */
  static put(
    h0: v128,
    l0: v128,
    h1: v128,
    l1: v128,
    scales: usize,
    sx: f64,
    b: usize,
    y: usize,
    N: i32,
    tile: i32,
  ): void {
    const down = f64x2.splat(-SHIFT)
    const sums = scales + 32
    const t0 = Whole.total(h0, l0, v128.load64_zero(sums), down)
    const t1 = Whole.total(Whole.high(h0), Whole.high(l0), v128.load64_zero(sums, 8), down)
    const t2 = Whole.total(h1, l1, v128.load64_zero(sums, 16), down)
    const t3 = Whole.total(Whole.high(h1), Whole.high(l1), v128.load64_zero(sums, 24), down)
    Whole.finish(t0, t1, t2, t3, scales, sx, b, y, N, tile)
  }

  /** The same of exact totals, two rows each. */
  static finish(
    t0: v128,
    t1: v128,
    t2: v128,
    t3: v128,
    scales: usize,
    sx: f64,
    b: usize,
    y: usize,
    N: i32,
    tile: i32,
  ): void {
    const first = tile * ROWS
    const bias = b ? Address.of<f32>(b, first) : 0
    const to = Address.of<f32>(y, first)
    const rows = N - first
    Quant.put(Whole.scaled(t0, t1, scales, sx), bias, to, rows)
    if (rows > 4) Quant.put(Whole.scaled(t2, t3, scales + 16, sx), bias ? bias + 16 : 0, to + 16, rows - 4)
  }

  /** total · sx · scale of 4 rows. */
  @inline static scaled(a: v128, b: v128, scales: usize, sx: f64): v128 {
    const factor = f64x2.splat(sx)
    const s = v128.load(scales)
    const low = f64x2.mul(f64x2.mul(a, factor), f64x2.promote_low_f32x4(s))
    const high = f64x2.mul(f64x2.mul(b, factor), f64x2.promote_low_f32x4(v128.shuffle<i64>(s, s, 1, 0)))
    return v128.shuffle<i64>(f32x4.demote_f64x2_zero(low), f32x4.demote_f64x2_zero(high), 0, 2)
  }

  /** Of lanes a b c d: a + b and c + d. */
  @inline static twice(x: v128): v128 {
    const low = f64x2.convert_low_i32x4_s(v128.shuffle<i32>(x, x, 0, 2, 0, 2))
    return f64x2.add(low, f64x2.convert_low_i32x4_s(v128.shuffle<i32>(x, x, 1, 3, 1, 3)))
  }
}

/** Of four rows each: products of 4-bit weights. */
class Fours {
  /** sum + dots · scales · sx, but for a power of two: that of float16, and those of the inputs' scales, wait for the end. */
  @inline static scaled(sum: v128, dots: v128, scales: usize, sx: v128): v128 {
    return f32x4.add(sum, f32x4.mul(f32x4.convert_i32x4_s(dots), f32x4.mul(Half.small(scales), sx)))
  }

  /**
   * Whether this engine multiplies by whole bytes, all 8 bits of them, and exactly, as it may. Such a product is that by the
   * low half, which is had anyway, and 16 times that by the high half, which need not be taken out.
   */
  @inline static isWide(): bool {
    if (!ASC_FEATURE_RELAXED_SIMD) return false
    const x = v128.load32_splat(Quant.LARGEST)
    const w = v128.load32_splat(Quant.LARGEST, 4)
    return i32x4.extract_lane(i32x4.relaxed_dot_i8x16_i7x16_add_s(x, w, Table.zero()), 0) == 4 * 127 * 255
  }

  /** Stores 8 rows of a tile, as far as there are so many, in a row y of results. Wide sums of high halves are 16 times. */
  static put(low: v128, high: v128, isWide: bool, b: usize, y: usize, N: i32, tile: i32): void {
    const first = tile * ROWS
    const bias = b ? Address.of<f32>(b, first) : 0
    const to = Address.of<f32>(y, first)
    const rows = N - first
    const back: f32 = Half.MORE / LARGE
    Quant.put(f32x4.mul(low, f32x4.splat(back)), bias, to, rows)
    if (rows <= 4) return
    Quant.put(f32x4.mul(high, f32x4.splat(isWide ? back / 16 : back)), bias ? bias + 16 : 0, to + 16, rows - 4)
  }
}

export function quantMatmul_i4(
  q: usize,
  p: usize,
  b: usize,
  y: usize,
  N: i32,
  K: i32,
  M: i32,
  begin: i32,
  end: i32,
): void {
  const bytes = Quant.tile4(K)
  const inputs = Quant.inputBytes(K)
  const width = Quant.up(K, BLOCK)
  const pairs = Quant.pairsOf(begin, end)
  const isWide = Fours.isWide()
  for (const stop = begin + pairs; begin < stop; begin++) {
    const tile = p + <usize>begin * bytes
    const isTwo = ASC_FEATURE_RELAXED_SIMD && begin + pairs < end
    const far = isTwo ? <usize>pairs * bytes : 0
    for (let m = 0; m < M; m++) {
      let x = q + <usize>m * inputs
      let scales = x + <usize>(2 * width)
      let s0 = Table.zero()
      let s1 = s0
      let s2 = s0
      let s3 = s0
      for (let at = tile, stop = tile + bytes; at < stop; at += BLOCK_BYTES) {
        let d0 = v128.load32_splat(scales, 4)
        let d1 = d0
        let d2 = d0
        let d3 = d0
        const nibble = v128.load(Quant.NIBBLES)
        let from = at
        if (ASC_FEATURE_RELAXED_SIMD) {
          let other = at + far
          if (isWide) {
            d1 = i32x4.add(d0, i32x4.shl(d0, 4))
            d3 = d1
            let e0 = Table.zero()
            let e1 = e0
            let e2 = e0
            let e3 = e0
            // Not unrolled, here and below: V8 would gather what belongs to one sum, where each addition waits for the last.
            for (const stop = x + BLOCK; x < stop; x += 8) {
              const u = v128.load32_splat(x)
              const v = v128.load32_splat(x, 4)
              const a = v128.load(from, 16)
              const b = v128.load(from, 32)
              const c = v128.load(other, 16)
              const d = v128.load(other, 32)
              d0 = i32x4.relaxed_dot_i8x16_i7x16_add_s(u, v128.and(a, nibble), d0)
              d1 = i32x4.relaxed_dot_i8x16_i7x16_add_s(u, a, d1)
              d2 = i32x4.relaxed_dot_i8x16_i7x16_add_s(u, v128.and(c, nibble), d2)
              d3 = i32x4.relaxed_dot_i8x16_i7x16_add_s(u, c, d3)
              e0 = i32x4.relaxed_dot_i8x16_i7x16_add_s(v, v128.and(b, nibble), e0)
              e1 = i32x4.relaxed_dot_i8x16_i7x16_add_s(v, b, e1)
              e2 = i32x4.relaxed_dot_i8x16_i7x16_add_s(v, v128.and(d, nibble), e2)
              e3 = i32x4.relaxed_dot_i8x16_i7x16_add_s(v, d, e3)
              from += 32
              other += 32
            }
            d0 = i32x4.add(d0, e0)
            d1 = i32x4.add(d1, e1)
            d2 = i32x4.add(d2, e2)
            d3 = i32x4.add(d3, e3)
            d1 = i32x4.sub(d1, d0)
            d3 = i32x4.sub(d3, d2)
          } else {
            for (const stop = x + BLOCK; x < stop; x += 4) {
              const u = v128.load32_splat(x)
              const a = v128.load(from, 16)
              const c = v128.load(other, 16)
              d0 = i32x4.relaxed_dot_i8x16_i7x16_add_s(u, v128.and(a, nibble), d0)
              d1 = i32x4.relaxed_dot_i8x16_i7x16_add_s(u, v128.and(i16x8.shr_u(a, 4), nibble), d1)
              d2 = i32x4.relaxed_dot_i8x16_i7x16_add_s(u, v128.and(c, nibble), d2)
              d3 = i32x4.relaxed_dot_i8x16_i7x16_add_s(u, v128.and(i16x8.shr_u(c, 4), nibble), d3)
              from += 16
              other += 16
            }
          }
        } else {
          let a0 = Table.zero()
          let a1 = a0
          let a2 = a0
          let a3 = a0
          for (const stop = x + 2 * BLOCK; x < stop; x += 8) {
            const u = v128.load64_splat(x)
            const a = v128.load(from, 16)
            const low = v128.and(a, nibble)
            const high = v128.and(i16x8.shr_u(a, 4), nibble)
            a0 = i32x4.add(a0, i32x4.dot_i16x8_s(i16x8.extend_low_i8x16_u(low), u))
            a1 = i32x4.add(a1, i32x4.dot_i16x8_s(i16x8.extend_high_i8x16_u(low), u))
            a2 = i32x4.add(a2, i32x4.dot_i16x8_s(i16x8.extend_low_i8x16_u(high), u))
            a3 = i32x4.add(a3, i32x4.dot_i16x8_s(i16x8.extend_high_i8x16_u(high), u))
            from += 16
          }
          d0 = i32x4.add(d0, Quant.pairs(a0, a1))
          d1 = i32x4.add(d1, Quant.pairs(a2, a3))
        }
        const sx = v128.load32_splat(scales)
        s0 = Fours.scaled(s0, d0, at, sx)
        s1 = Fours.scaled(s1, d1, at + 8, sx)
        if (ASC_FEATURE_RELAXED_SIMD) {
          s2 = Fours.scaled(s2, d2, at + far, sx)
          s3 = Fours.scaled(s3, d3, at + far + 8, sx)
        }
        scales += 8
      }
      Fours.put(s0, s1, isWide, b, y + Address.bytes<f32>(m * N), N, begin)
      if (isTwo) Fours.put(s2, s3, isWide, b, y + Address.bytes<f32>(m * N), N, begin + pairs)
    }
  }
}

/** Four bytes of each of four rows as f32. */
class Spread {
  /** Lane r of 16 bytes, signed. */
  @inline static signed(v: v128, row: i32): v128 {
    const half = row & 2 ? i16x8.extend_high_i8x16_s(v) : i16x8.extend_low_i8x16_s(v)
    return f32x4.convert_i32x4_s(row & 1 ? i32x4.extend_high_i16x8_s(half) : i32x4.extend_low_i16x8_s(half))
  }

  /** Stores the first `columns` of 4. */
  @inline static put(y: usize, v: v128, columns: i32): void {
    if (columns >= 4) {
      v128.store(y, v)
      return
    }
    for (let k = 0; k < columns; k++) {
      store<f32>(Address.of<f32>(y, k), f32x4.extract_lane(v, 0))
      v = v128.shuffle<i32>(v, v, 1, 2, 3, 0)
    }
  }
}

export function quantTiles_i8(p: usize, y: usize, N: i32, K: i32, begin: i32, end: i32): void {
  const bytes = Quant.tile8(K)
  for (; begin < end; begin++) {
    const tile = p + <usize>begin * bytes
    const scales = tile + bytes - 64
    for (let r = 0; r < min(ROWS, N - begin * ROWS); r++) {
      const row = Address.of<f32>(y, (begin * ROWS + r) * K)
      const scale = v128.load32_splat(Address.of<f32>(scales, r))
      for (let k = 0; k < K; k += 4) {
        const four = v128.load32_zero(Quant.at8(tile, r, k))
        Spread.put(Address.of<f32>(row, k), f32x4.mul(Spread.signed(four, 0), scale), K - k)
      }
    }
  }
}

export function quantTiles_i4(p: usize, y: usize, N: i32, K: i32, begin: i32, end: i32): void {
  const bytes = Quant.tile4(K)
  const nibble = v128.load(Quant.NIBBLES)
  const eight = i8x16.splat(8)
  for (; begin < end; begin++) {
    const tile = p + <usize>begin * bytes
    for (let r = 0; r < min(ROWS, N - begin * ROWS); r++) {
      const row = Address.of<f32>(y, (begin * ROWS + r) * K)
      for (let k = 0; k < K; ) {
        const scale = f32x4.splat(Half.one(Quant.scale4(tile, r, k / BLOCK)))
        for (const stop = min(K, k + BLOCK); k < stop; k += 4) {
          const four = i16x8.shr_u(v128.load32_zero(Quant.at4(tile, r, k)), r & 4)
          const quants = i8x16.sub(v128.and(four, nibble), eight)
          Spread.put(Address.of<f32>(row, k), f32x4.mul(Spread.signed(quants, 0), scale), K - k)
        }
      }
    }
  }
}

export function quantRows_i8(p: usize, index: usize, y: usize, K: i32, begin: i32, end: i32): void {
  const bytes = Quant.tile8(K)
  for (; begin < end; begin++) {
    const row = load<i32>(Address.of<i32>(index, begin))
    const tile = p + <usize>(row / ROWS) * bytes
    const r = row % ROWS
    const scale = load<f32>(Address.of<f32>(tile + bytes - 64, r))
    const to = Address.of<f32>(y, begin * K)
    for (let k = 0; k < K; k++) {
      store<f32>(Address.of<f32>(to, k), <f32>load<i8>(Quant.at8(tile, r, k)) * scale)
    }
  }
}

export function quantRows_i4(p: usize, index: usize, y: usize, K: i32, begin: i32, end: i32): void {
  const bytes = Quant.tile4(K)
  for (; begin < end; begin++) {
    const row = load<i32>(Address.of<i32>(index, begin))
    const tile = p + <usize>(row / ROWS) * bytes
    const r = row % ROWS
    const to = Address.of<f32>(y, begin * K)
    for (let k = 0; k < K; k++) {
      const byte = <i32>load<u8>(Quant.at4(tile, r, k))
      const quant = (r & 4 ? byte >> 4 : byte & 15) - 8
      store<f32>(Address.of<f32>(to, k), <f32>quant * Half.one(Quant.scale4(tile, r, k / BLOCK)))
    }
  }
}
