// One image and group: y [m, pixels] = A [m, channels · taps] · patches [channels · taps, pixels].
//
// A(i, channel c, tap t) lies at a + i·ars + c·aChannel + t elements. Loops: bands of pixels; slices of whole channels,
// or of one channel's taps, at most KC deep; panels of pixels. Slices depend on the sizes alone, and each adds to y.

import { Address } from '../lib/address'
import { Gemm, KC, MC } from './gemm'
import { Geometry } from './geometry'
import { Pack } from './pack'
import { Patches } from './patches'
import { Tile } from './tile'

export function correlate<T>(
  x: usize,
  channels: i32,
  a: usize,
  ars: i32,
  aChannel: i32,
  y: usize,
  m: i32,
  patches: Patches,
  scratch: usize,
): void {
  const taps = patches.kernelH * patches.kernelW
  const plane = patches.height * patches.width
  const pixels = patches.outHeight * patches.outWidth
  const slice = Slice.channels(channels, taps)
  const tapSlice = min(taps, KC)
  patches.size<T>(slice, pixels)
  for (let r = 0; r < patches.outHeight; r += patches.mostRows)
    for (let s = 0; s < patches.outWidth; s += patches.mostColumns)
      for (let c = 0; c < channels; c += slice) {
        const count = min(slice, channels - c)
        patches.load<T>(Address.of<T>(x, c * plane), count, r, s)
        for (let t = 0; t < taps; t += tapSlice) {
          const part = min(tapSlice, taps - t)
          patches.point<T>(t, part)
          const from = Address.of<T>(a, c * aChannel + t)
          const to = Address.of<T>(y, r * patches.outWidth + s)
          band<T>(from, ars, aChannel, to, pixels, m, count, part, patches, c + t > 0, scratch)
        }
      }
}

export class Slice {
  /** Channels of a slice: as many as KC allows, in slices of about equal size. */
  static channels(channels: i32, taps: i32): i32 {
    const most = max(1, KC / taps)
    const slices = (channels + most - 1) / most
    return (channels + slices - 1) / slices
  }
}

/** The pixels of a band times one slice; `pixels` is the distance of the rows of y. */
function band<T>(
  a: usize,
  ars: i32,
  aChannel: i32,
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
  const packed = aChannel != taps && channels > 1
  const rows = packed ? MC : m
  for (let i = 0; i < m; i += rows) {
    const height = min(rows, m - i)
    const block = Address.of<T>(a, i * ars)
    if (packed) packRows<T>(block, height, channels, taps, ars, aChannel, panelsA)
    for (let q = 0; q < patches.rows * patches.columns; q += width) {
      const count = min(width, patches.rows * patches.columns - q)
      patches.packPixels<T>(channels, taps, q, count, panel)
      Gemm.column<T>(
        packed ? panelsA : block,
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
