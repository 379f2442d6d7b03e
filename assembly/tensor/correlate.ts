// One image and group: y [m, pixels] = A [m, channels · taps] · patches [channels · taps, pixels].
//
// A(i, channel c, tap t) lies at a + i·ars + c·aChannel + t elements, or is packed for every slice already (packAll).
// Loops: bands of pixels; slices of whole channels, or of one channel's taps, at most KC deep; panels of pixels. Slices
// depend on the sizes alone, and each adds to y.

import { Address } from '../lib/address'
import { Gemm, KC, MC } from './gemm'
import { Geometry } from './geometry'
import { Pack } from './pack'
import { Patches, WINDOW } from './patches'
import { SHALLOW, Shallow } from './shallow'
import { Tile } from './tile'

/** Elements that the panels of A have room for. */
const PANELS_A: i32 = MC * KC
/** Rows of A, as in a kernel per channel, for which packing patches is not worth it. */
const FEW: i32 = 8

export function correlate<T>(
  x: usize,
  channels: i32,
  a: usize,
  ars: i32,
  aChannel: i32,
  y: usize,
  m: i32,
  ready: bool,
  patches: Patches,
  scratch: usize,
): void {
  if (patches.fits<T>()) {
    bySlices<T>(x, channels, a, ars, aChannel, y, m, ready, patches, false, scratch)
    return
  }
  const height = patches.kernelH
  const width = patches.kernelW
  const padH = patches.padH
  const padW = patches.padW
  for (let t = 0; t < height * width; t++) {
    patches.only(t, height, width, padH, padW)
    bySlices<T>(x, channels, Address.of<T>(a, t), ars, aChannel, y, m, false, patches, t > 0, scratch)
  }
  patches.whole(height, width, padH, padW)
}

function bySlices<T>(
  x: usize,
  channels: i32,
  a: usize,
  ars: i32,
  aChannel: i32,
  y: usize,
  m: i32,
  ready: bool,
  patches: Patches,
  more: bool,
  scratch: usize,
): void {
  const taps = patches.kernelH * patches.kernelW
  const plane = patches.height * patches.width
  const pixels = patches.outHeight * patches.outWidth
  const slice = Slice.channels<T>(channels, patches)
  const tapSlice = min(taps, KC)
  const few = channels * taps <= SHALLOW && slice == channels && aChannel == taps && m * channels * taps <= PANELS_A
  patches.size<T>(slice, pixels)
  for (let r = 0; r < patches.outHeight; r += patches.mostRows)
    for (let s = 0; s < patches.outWidth; s += patches.mostColumns) {
      let add = more
      for (let c = 0; c < channels; c += slice) {
        const count = min(slice, channels - c)
        patches.load<T>(Address.of<T>(x, c * plane), count, r, s)
        for (let t = 0; t < taps; t += tapSlice) {
          const part = min(tapSlice, taps - t)
          patches.point<T>(t, part)
          const from = Address.of<T>(a, c * aChannel + t)
          const to = Address.of<T>(y, r * patches.outWidth + s)
          if (few) shallow<T>(from, to, pixels, m, count, part, patches, scratch)
          else {
            const packed = ready ? Address.of<T>(Geometry.panelsA(scratch), (c * taps + t) * m) : 0
            band<T>(from, ars, aChannel, packed, to, pixels, m, count, part, patches, add, scratch)
          }
          add = true
        }
      }
    }
}

/**
 * Packs A for every slice of `correlate`, where that is of use and it fits in scratch; returns whether it did. One
 * packing then serves many images.
 */
export function packAll<T>(
  a: usize,
  ars: i32,
  aChannel: i32,
  m: i32,
  channels: i32,
  patches: Patches,
  scratch: usize,
): bool {
  const taps = patches.kernelH * patches.kernelW
  if (aChannel == taps || taps > KC || m * channels * taps > PANELS_A || !patches.fits<T>()) return false
  const slice = Slice.channels<T>(channels, patches)
  for (let c = 0; c < channels; c += slice) {
    const to = Address.of<T>(Geometry.panelsA(scratch), c * taps * m)
    packRows<T>(Address.of<T>(a, c * aChannel), m, min(slice, channels - c), taps, ars, aChannel, to)
  }
  return true
}

class Slice {
  /** Channels of a slice: as many as KC and the window allow, in slices of about equal size. */
  static channels<T>(channels: i32, patches: Patches): i32 {
    const window = <i32>(WINDOW / sizeof<T>() / patches.least)
    const most = max(1, min(KC / (patches.kernelH * patches.kernelW), window))
    const slices = (channels + most - 1) / most
    return (channels + slices - 1) / slices
  }
}

/** The pixels of a band times one slice, A perhaps `ready` in panels; `pixels` is the distance of the rows of y. */
function band<T>(
  a: usize,
  ars: i32,
  aChannel: i32,
  ready: usize,
  y: usize,
  pixels: i32,
  m: i32,
  channels: i32,
  taps: i32,
  patches: Patches,
  more: bool,
  scratch: usize,
): void {
  const width = Tile.columns<T>()
  const depth = channels * taps
  const panel = Geometry.panel(scratch)
  const panelsA = Geometry.panelsA(scratch)
  const packed = ready != 0 || (aChannel != taps && channels > 1)
  const rows = packed && ready == 0 ? MC : m
  for (let i = 0; i < m; i += rows) {
    const height = min(rows, m - i)
    let block = Address.of<T>(a, i * ars)
    if (ready) block = ready
    else if (packed) {
      packRows<T>(block, height, channels, taps, ars, aChannel, panelsA)
      block = panelsA
    }
    for (let q = 0; q < patches.rows * patches.columns; q += width) {
      const count = min(width, patches.rows * patches.columns - q)
      patches.packPixels<T>(channels, taps, q, count, panel)
      Gemm.column<T>(
        block,
        height,
        count,
        depth,
        packed,
        Address.bytes<T>(ars),
        sizeof<T>(),
        panel,
        32,
        Address.of<T>(y, i * pixels + q),
        Address.bytes<T>(pixels),
        more,
        scratch,
      )
    }
  }
}

/** The pixels of a band when k is so small that there is one slice; A is contiguous. */
function shallow<T>(
  a: usize,
  y: usize,
  pixels: i32,
  m: i32,
  channels: i32,
  taps: i32,
  patches: Patches,
  scratch: usize,
): void {
  const width = Tile.columns<T>()
  const depth = channels * taps
  const panel = Geometry.panel(scratch)
  const packedA = Geometry.panelsA(scratch)
  const inWindow = Address.of<usize>(patches.taps, SHALLOW)
  const inPanel = Address.of<usize>(inWindow, SHALLOW)
  Shallow.pack<T>(a, m, depth, packedA)
  patches.pointAll<T>(channels, taps, inWindow)
  if (m <= FEW && patches.strideW == 1 && patches.columns >= width) {
    // Row by row: packing costs more than what the last vectors of a row do again.
    const columns = patches.columns
    const rowStep = Address.bytes<T>(patches.strideH * patches.row)
    let from = patches.window
    for (let r = 0; r < patches.rows; r++) {
      for (let s = 0; s < columns; s += width) {
        const at = Address.bytes<T>(min(s, columns - width))
        Shallow.run<T>(packedA, m, depth, from + at, inWindow, y + at, Address.bytes<T>(pixels))
      }
      from += rowStep
      y += Address.bytes<T>(columns)
    }
    return
  }
  for (let k = 0; k < depth; k++) store<usize>(Address.of<usize>(inPanel, k), <usize>k * 32)
  for (let q = 0; q < patches.rows * patches.columns; q += width) {
    const count = min(width, patches.rows * patches.columns - q)
    const to = Address.of<T>(y, q)
    const yRow = Address.bytes<T>(pixels)
    if (count == width && patches.strideW == 1 && patches.run(q) >= width) {
      Shallow.run<T>(packedA, m, depth, patches.pixel<T>(q), inWindow, to, yRow)
      continue
    }
    patches.packPixels<T>(channels, taps, q, count, panel)
    if (count == width) Shallow.run<T>(packedA, m, depth, panel, inPanel, to, yRow)
    else {
      const row = Address.bytes<T>(depth)
      Gemm.column<T>(a, m, count, depth, false, row, sizeof<T>(), panel, 32, to, yRow, false, scratch)
    }
  }
}

/** Gemm.packRows for an A whose channels are not adjacent. */
function packRows<T>(a: usize, m: i32, channels: i32, taps: i32, ars: i32, aChannel: i32, to: usize): void {
  for (let i = 0; i < m; ) {
    const rows = Tile.rows(m - i)
    for (let c = 0; c < channels; c++) {
      const from = Address.of<T>(a, i * ars + c * aChannel)
      Pack.panel<T>(rows, rows, taps, from, sizeof<T>(), Address.bytes<T>(ars), to)
      to += Address.bytes<T>(rows * taps)
    }
    i += rows
  }
}
