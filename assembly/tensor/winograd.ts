// Winograd's convolution F(4x4, 3x3) in float32: kernels of 3x3, strides, dilations and groups of 1, with four times fewer
// products than the plain sum.
//
//   winogradWeights  w → u: each kernel transformed, G g Gᵀ, and packed for the micro-kernel of tile.ts. With `flip` it is
//                    turned by 180°, for input gradients. [begin, end) counts input channels.
//   winograd         y = x ⋆ w from u. [begin, end) counts blocks of 16 tiles, of 4x4 outputs each, over all images.
//
// In a block the 6x6 pixels d under each tile and channel become Bᵀ d B, 36 products are summed over the channels, and
// Aᵀ m A are the outputs (Lavin and Gray 2015, arXiv:1509.09308). The points are 0, ±5/8, ±3/2 and ∞: the constants
// for pixels are exact, and the largest error is about 1.5 times that of the plain sum, where the usual 0, ±1, ±2 and ∞ have 6 times.
// A pixel that is not finite makes all outputs of its tile NaN.
//
// Every output has a fixed order of operations: sums go over slices of DEPTH channels, whatever the block.

import { Address } from '../lib/address'
import { Table } from '../lib/constants'
import { Lanes } from '../lib/lanes'
import { Part } from '../lib/part'
import { Gemm } from './gemm'
import { Tile } from './tile'

/** Tiles of a block. */
const TILES: i32 = 16
/** Channels of a slice, and output channels of a chunk: what fits in scratch. */
const DEPTH: i32 = 128
const ROWS: i32 = 240
/** Elements between one product's matrix and the next beyond its own: keeps them out of each other's cache sets. */
const APART: i32 = 16

/** What the transforms multiply with: indices into the table. */
const PPQQ = 0
const SUM = 1 // −p² − q²
const MINUS_QQ = 2
const MINUS_PP = 3
const PLUS_P = 4
const MINUS_P = 5
const PLUS_Q = 6
const MINUS_Q = 7
const PLUS_PP = 8
const PLUS_QQ = 9
const PPP = 10
const QQQ = 11
const FIRST = 12 // of G: 1 / p²q²
const NEAR = 13 // n = 1 / 2p²(p² − q²), np², np
const FAR = 16 // the same with p and q exchanged

class Coefficient {
  static readonly TABLE: usize = memory.data<f32>(
    [
      0.87890625, -2.640625, -2.25, -0.390625, 0.625, -0.625, 1.5, -1.5, 0.390625, 2.25, 0.244140625, 3.375,
      1.1377777777777778, -0.6884033613445378, -0.2689075630252101, -0.43025210084033616, 0.11951447245564893,
      0.2689075630252101, 0.1792717086834734,
    ],
    16,
  )

  /** c · x + y. */
  @inline static madd(index: i32, x: v128, y: v128): v128 {
    return Lanes.madd<f32>(Table.at<f32>(Coefficient.TABLE, index), x, y)
  }

  @inline static mul(index: i32, x: v128): v128 {
    return f32x4.mul(Table.at<f32>(Coefficient.TABLE, index), x)
  }
}

/** Up to four neighbouring tiles of one row of tiles. Lives in scratch. */
@unmanaged
class Run {
  /** The first tile's place in the block. */
  at: i32 = 0
  tiles: i32 = 0
  image: i32 = 0
  /** Row and column of the first output. */
  row: i32 = 0
  column: i32 = 0
  /** Of the 20 pixels from the first that the run sees on, those inside of the plane: 80 bytes. */
  masks: usize = 0
}

// Scratch: an edge tile of gemm.ts, pixels before and after the first pass, runs and their masks, V and M.
class Area {
  @inline static patch(scratch: usize): usize {
    return scratch + 256
  }
  @inline static half(scratch: usize): usize {
    return scratch + 768
  }
  @inline static run(scratch: usize, i: i32): Run {
    return changetype<Run>(scratch + 1280 + <usize>i * offsetof<Run>())
  }
  @inline static masks(scratch: usize, i: i32): usize {
    return scratch + 1792 + <usize>i * 80
  }
  @inline static v(scratch: usize): usize {
    return scratch + 3072
  }
  @inline static m(scratch: usize): usize {
    return Area.v(scratch) + Address.bytes<f32>(36 * (DEPTH * TILES + APART))
  }
}

/** Bytes from one product's matrix to the next in V and M. */
class Step {
  @inline static of(rows: i32): usize {
    return Address.bytes<f32>(rows * TILES + APART)
  }

  /** The same in u. */
  @inline static weights(rows: i32, depth: i32): i32 {
    return rows * depth + APART
  }
}

export function winogradWeights_f32(
  w: usize,
  u: usize,
  rows: i32,
  depth: i32,
  rowStep: i32,
  depthStep: i32,
  flip: i32,
  scratch: usize,
  begin: i32,
  end: i32,
): void {
  const step = Address.bytes<f32>(Step.weights(rows, depth))
  const row = Address.bytes<f32>(rowStep)
  const tap = Address.bytes<f32>(flip ? -1 : 1)
  for (let next = begin; begin < end; begin = next) {
    const first = begin - (begin % DEPTH)
    const deep = min(DEPTH, depth - first)
    next = min(end, first + deep)
    for (let r = 0; r < rows; r += ROWS) {
      const chunk = min(ROWS, rows - r)
      for (let i = 0; i < chunk; ) {
        const high = Tile.rows(chunk - i)
        let from = Address.of<f32>(w, (r + i) * rowStep + begin * depthStep + (flip ? 8 : 0))
        let to = Address.of<f32>(u, first * rows + (r + i) * deep + (begin - first) * high)
        for (let k = begin; k < next; k++) {
          // Four kernels at a time; the last four of a panel overlap the others.
          if (high < 4) fewKernels(from, row, tap, high, to, step, scratch)
          else
            for (let j = 0; j < high; j += 4) {
              const at = min(j, high - 4)
              const first = from + <usize>at * row
              kernels(first, row, 2 * row, 3 * row, tap, Address.of<f32>(to, at), step, Area.half(scratch))
            }
          from += Address.bytes<f32>(depthStep)
          to += Address.bytes<f32>(high)
        }
        i += high
      }
    }
  }
}

/** G g Gᵀ of four kernels at distances from the first, one in each lane; the 36 results go `step` bytes apart. */
function kernels(
  from: usize,
  second: usize,
  third: usize,
  fourth: usize,
  tap: usize,
  to: usize,
  step: usize,
  half: usize,
): void {
  for (let j: usize = 0; j < 3; j++) {
    const x = Three.taps(from, second, third, fourth)
    const y = Three.taps(from + 3 * tap, second, third, fourth)
    const z = Three.taps(from + 6 * tap, second, third, fourth)
    Three.store(x, y, z, half + 16 * j, 48)
    from += tap
  }
  for (let i = 0; i < 6; i++) {
    Three.store(v128.load(half), v128.load(half, 16), v128.load(half, 32), to, step)
    half += 48
    to += 6 * step
  }
}

/** The same for `count` kernels, less than four. */
function fewKernels(from: usize, row: usize, tap: usize, count: i32, to: usize, step: usize, scratch: usize): void {
  const whole = Area.v(scratch)
  kernels(from, count > 1 ? row : 0, count > 2 ? 2 * row : 0, 0, tap, whole, 16, Area.half(scratch))
  for (let i: usize = 0; i < 36; i++) Part.copy(to + i * step, whole + i * 16, 4 * count)
}

class Three {
  /** The same tap of four kernels. */
  @inline static taps(from: usize, second: usize, third: usize, fourth: usize): v128 {
    const low = v128.load32_lane(from + second, v128.load32_zero(from), 1)
    return v128.load32_lane(from + fourth, v128.load32_lane(from + third, low, 2), 3)
  }

  /** G times a column of three; the results go `step` bytes apart. */
  @inline static store(x: v128, y: v128, z: v128, to: usize, step: usize): void {
    v128.store(to, Coefficient.mul(FIRST, x))
    let even = Coefficient.madd(NEAR + 1, z, Coefficient.mul(NEAR, x))
    let odd = Coefficient.mul(NEAR + 2, y)
    v128.store(to + step, f32x4.add(even, odd))
    v128.store(to + 2 * step, f32x4.sub(even, odd))
    even = Coefficient.madd(FAR + 1, z, Coefficient.mul(FAR, x))
    odd = Coefficient.mul(FAR + 2, y)
    v128.store(to + 3 * step, f32x4.add(even, odd))
    v128.store(to + 4 * step, f32x4.sub(even, odd))
    v128.store(to + 5 * step, z)
  }
}

export function winograd_f32(
  x: usize,
  u: usize,
  y: usize,
  N: i32,
  C: i32,
  H: i32,
  W: i32,
  O: i32,
  OH: i32,
  OW: i32,
  padH: i32,
  padW: i32,
  scratch: usize,
  begin: i32,
  end: i32,
): void {
  const across = (OW + 3) >> 2
  const tiles = across * ((OH + 3) >> 2)
  const v = Area.v(scratch)
  const m = Area.m(scratch)
  const uStep = Address.bytes<f32>(Step.weights(O, C))
  for (let block = begin; block < end; block++) {
    const count = min(TILES, N * tiles - block * TILES)
    const runs = cut(block * TILES, count, across, tiles, W, padW, scratch)
    for (let r = 0; r < O; r += ROWS) {
      const rows = min(ROWS, O - r)
      for (let k = 0; k < C; k += DEPTH) {
        const deep = min(DEPTH, C - k)
        spread(x, N, C, H, W, k, deep, padH, padW, runs, v, scratch)
        for (let i = 0; i < 36; i++) {
          const a = Address.of<f32>(u + <usize>i * uStep, k * O + r * deep)
          const b = v + <usize>i * Step.of(deep)
          const c = m + <usize>i * Step.of(rows)
          for (let j = 0; j < count; j += 8) {
            const wide = count - j > 4 ? 8 : 4
            const at = Address.bytes<f32>(j)
            Gemm.column<f32>(a, rows, wide, deep, true, 0, 0, b + at, 4 * TILES, c + at, 4 * TILES, k > 0, scratch)
          }
        }
      }
      gather(m, y, O, OH, OW, r, rows, runs, scratch)
    }
  }
}

/** Cuts `count` tiles from the first on into runs; returns how many. */
function cut(first: i32, count: i32, across: i32, tiles: i32, W: i32, padW: i32, scratch: usize): i32 {
  let runs = 0
  for (let at = 0; at < count; runs++) {
    const q = first + at
    const run = Area.run(scratch, runs)
    const inImage = q % tiles
    const column = inImage % across
    run.at = at
    run.tiles = min(min(4, across - column), count - at)
    run.image = q / tiles
    run.row = (inImage / across) * 4
    run.column = column * 4
    run.masks = Area.masks(scratch, runs)
    for (let j = 0; j < 20; j++) {
      const w = run.column - padW + j
      store<i32>(Address.of<i32>(run.masks, j), w >= 0 && w < W ? -1 : 0)
    }
    at += run.tiles
  }
  return runs
}

/** V ← Bᵀ d B for the channels of a slice: V [36, channels, TILES]. */
function spread(
  x: usize,
  N: i32,
  C: i32,
  H: i32,
  W: i32,
  first: i32,
  channels: i32,
  padH: i32,
  padW: i32,
  runs: i32,
  v: usize,
  scratch: usize,
): void {
  const step = Step.of(channels)
  const row = Address.bytes<f32>(W)
  const half = Area.half(scratch)
  const behind = Address.of<f32>(x, N * C * H * W)
  for (let c = 0; c < channels; c++) {
    for (let i = 0; i < runs; i++) {
      const run = Area.run(scratch, i)
      const top = run.row - padH
      const left = run.column - padW
      const plane = Address.of<f32>(x, (run.image * C + first + c) * H * W)
      const corner = Address.of<f32>(plane, top * W + left)
      // Pixels are read as five vectors a row; what is too much belongs to tiles that are not there.
      const inArray = corner >= x && corner + 5 * row + 80 <= behind
      let from = corner
      let fromRow = row
      if (!inArray || top < 0 || left < 0 || top + 6 > H || left + 4 * run.tiles + 2 > W) {
        from = Area.patch(scratch)
        fromRow = 80
        if (inArray) patch(corner, row, run.masks, top, H, from)
        else patchInside(corner, row, run.masks, top, H, from)
      }
      vertical(from, fromRow, half)
      // Lanes beyond the run are overwritten by the next run or channel.
      horizontal(half, v + <usize>(c * TILES + run.at) * 4, step)
    }
  }
}

/** Six rows of 20 pixels, zero outside of the plane: where a mask is zero, or the row is not one of H. */
function patch(corner: usize, row: usize, masks: usize, top: i32, H: i32, to: usize): void {
  for (let r = top; r < top + 6; r++) {
    const inside = i32x4.splat(r >= 0 && r < H ? -1 : 0)
    for (let at: usize = 0; at < 80; at += 16) {
      const mask = v128.and(inside, v128.load(masks + at))
      v128.store(to + at, v128.and(v128.load(corner + at), mask))
    }
    corner += row
    to += 80
  }
}

/** The same, reading nothing but pixels that are there: for the ends of the array. */
function patchInside(corner: usize, row: usize, masks: usize, top: i32, H: i32, to: usize): void {
  for (let r = top; r < top + 6; r++) {
    for (let at: usize = 0; at < 80; at += 4) {
      const seen = r >= 0 && r < H && load<i32>(masks + at) != 0
      store<f32>(to + at, seen ? load<f32>(corner + at) : 0)
    }
    corner += row
    to += 80
  }
}

class Six {
  /** Bᵀ times a column of six; the results go `step` bytes apart. */
  @inline static store(d0: v128, d1: v128, d2: v128, d3: v128, d4: v128, d5: v128, to: usize, step: usize): void {
    v128.store(to, Coefficient.madd(PPQQ, d0, Coefficient.madd(SUM, d2, d4)))
    let even = Coefficient.madd(MINUS_QQ, d2, d4)
    let odd = Coefficient.madd(MINUS_QQ, d1, d3)
    v128.store(to + step, Coefficient.madd(PLUS_P, odd, even))
    v128.store(to + 2 * step, Coefficient.madd(MINUS_P, odd, even))
    even = Coefficient.madd(MINUS_PP, d2, d4)
    odd = Coefficient.madd(MINUS_PP, d1, d3)
    v128.store(to + 3 * step, Coefficient.madd(PLUS_Q, odd, even))
    v128.store(to + 4 * step, Coefficient.madd(MINUS_Q, odd, even))
    v128.store(to + 5 * step, Coefficient.madd(PPQQ, d1, Coefficient.madd(SUM, d3, d5)))
  }
}

/** Bᵀ d for six rows of 20 pixels, `row` bytes apart, to rows of 80 bytes. */
function vertical(from: usize, row: usize, to: usize): void {
  for (let j = 0; j < 5; j++) {
    const d0 = v128.load(from)
    const d1 = v128.load(from + row)
    const d2 = v128.load(from + 2 * row)
    const d3 = v128.load(from + 3 * row)
    const d4 = v128.load(from + 4 * row)
    const d5 = v128.load(from + 5 * row)
    Six.store(d0, d1, d2, d3, d4, d5, to, 80)
    from += 16
    to += 16
  }
}

/** Four vectors as the columns of a square, in registers. */
class Square {
  @inline static low(a: v128, b: v128): v128 {
    return v128.shuffle<f32>(a, b, 0, 4, 1, 5)
  }
  @inline static high(a: v128, b: v128): v128 {
    return v128.shuffle<f32>(a, b, 2, 6, 3, 7)
  }
  @inline static first(a: v128, b: v128): v128 {
    return v128.shuffle<f32>(a, b, 0, 1, 4, 5)
  }
  @inline static second(a: v128, b: v128): v128 {
    return v128.shuffle<f32>(a, b, 2, 3, 6, 7)
  }
}

/** (Bᵀ d) B for four tiles side by side, one in each lane; the 36 results go `step` bytes apart. */
function horizontal(from: usize, to: usize, step: usize): void {
  for (let i = 0; i < 6; i++) {
    const r0 = v128.load(from)
    const r1 = v128.load(from, 16)
    const r2 = v128.load(from, 32)
    const r3 = v128.load(from, 48)
    const r4 = v128.load(from, 64)
    const low01 = Square.low(r0, r1)
    const low23 = Square.low(r2, r3)
    const high01 = Square.high(r0, r1)
    const high23 = Square.high(r2, r3)
    const d0 = Square.first(low01, low23)
    const d1 = Square.second(low01, low23)
    const d2 = Square.first(high01, high23)
    const d3 = Square.second(high01, high23)
    const d4 = v128.shuffle<f32>(d0, r4, 1, 2, 3, 4)
    const d5 = v128.shuffle<f32>(d1, r4, 1, 2, 3, 5)
    Six.store(d0, d1, d2, d3, d4, d5, to, step)
    from += 80
    to += 6 * step
  }
}

/** y ← Aᵀ m A for `rows` output channels from the first on: M [36, rows, TILES]. */
function gather(m: usize, y: usize, O: i32, OH: i32, OW: i32, first: i32, rows: i32, runs: i32, scratch: usize): void {
  const step = Step.of(rows)
  const half = Area.half(scratch)
  const turned = Area.patch(scratch)
  for (let o = 0; o < rows; o++)
    for (let i = 0; i < runs; i++) {
      const run = Area.run(scratch, i)
      outVertical(m + <usize>(o * TILES + run.at) * 4, step, half)
      const high = min(4, OH - run.row)
      const wide = min(4 * run.tiles, OW - run.column)
      let to = Address.of<f32>(y, ((run.image * O + first + o) * OH + run.row) * OW + run.column)
      let from = half
      for (let r = 0; r < high; r++) {
        if (wide == 16) outHorizontal(from, to)
        else {
          outHorizontal(from, turned)
          Part.copy(to, turned, 4 * wide)
        }
        from += 96
        to += Address.bytes<f32>(OW)
      }
    }
}

/** Aᵀ times a column of six, from m1 ± m2 and m3 ± m4. */
class Four {
  @inline static y0(m0: v128, sum: v128, sum2: v128): v128 {
    return f32x4.add(m0, f32x4.add(sum, sum2))
  }
  @inline static y1(difference: v128, difference2: v128): v128 {
    return Coefficient.madd(PLUS_Q, difference2, Coefficient.mul(PLUS_P, difference))
  }
  @inline static y2(sum: v128, sum2: v128): v128 {
    return Coefficient.madd(PLUS_QQ, sum2, Coefficient.mul(PLUS_PP, sum))
  }
  @inline static y3(difference: v128, difference2: v128, m5: v128): v128 {
    return Coefficient.madd(QQQ, difference2, Coefficient.madd(PPP, difference, m5))
  }
}

/** Aᵀ m for four tiles, one in each lane: four rows of six. */
function outVertical(m: usize, step: usize, to: usize): void {
  for (let j = 0; j < 6; j++) {
    const m1 = v128.load(m + 6 * step)
    const m2 = v128.load(m + 12 * step)
    const m3 = v128.load(m + 18 * step)
    const m4 = v128.load(m + 24 * step)
    const sum = f32x4.add(m1, m2)
    const difference = f32x4.sub(m1, m2)
    const sum2 = f32x4.add(m3, m4)
    const difference2 = f32x4.sub(m3, m4)
    v128.store(to, Four.y0(v128.load(m), sum, sum2))
    v128.store(to, Four.y1(difference, difference2), 96)
    v128.store(to, Four.y2(sum, sum2), 192)
    v128.store(to, Four.y3(difference, difference2, v128.load(m + 30 * step)), 288)
    m += step
    to += 16
  }
}

/** One row of (Aᵀ m) A, in lanes, to 16 outputs side by side. */
function outHorizontal(from: usize, to: usize): void {
  const m1 = v128.load(from, 16)
  const m2 = v128.load(from, 32)
  const m3 = v128.load(from, 48)
  const m4 = v128.load(from, 64)
  const sum = f32x4.add(m1, m2)
  const difference = f32x4.sub(m1, m2)
  const sum2 = f32x4.add(m3, m4)
  const difference2 = f32x4.sub(m3, m4)
  const y0 = Four.y0(v128.load(from), sum, sum2)
  const y1 = Four.y1(difference, difference2)
  const y2 = Four.y2(sum, sum2)
  const y3 = Four.y3(difference, difference2, v128.load(from, 80))
  const low01 = Square.low(y0, y1)
  const low23 = Square.low(y2, y3)
  const high01 = Square.high(y0, y1)
  const high23 = Square.high(y2, y3)
  v128.store(to, Square.first(low01, low23))
  v128.store(to, Square.second(low01, low23), 16)
  v128.store(to, Square.first(high01, high23), 32)
  v128.store(to, Square.second(high01, high23), 48)
}
