// One group of a weight gradient: dw [m, channels · taps] = Σ_images dy [m, pixels] · patches(x)ᵀ [pixels, channels · taps].
//
// The depth of a product is a band of at most KC pixels of one image; bands and images are added in order, so rows of dw
// are independent of each other: any of them may be asked for.

import { Address } from '../lib/address'
import { Gemm, KC } from './gemm'
import { Geometry } from './geometry'
import { Patches, WINDOW } from './patches'
import { Tile } from './tile'

/**
 * x and dy are of the first image, xImage and dyImage elements apart from the next; rows of dy are a plane apart, rows
 * of dw hold all channels and taps.
 */
export function sumPatches<T>(
  x: usize,
  xImage: i32,
  dy: usize,
  dyImage: i32,
  dw: usize,
  images: i32,
  channels: i32,
  m: i32,
  patches: Patches,
  scratch: usize,
): void {
  const height = patches.kernelH
  const width = patches.kernelW
  const row = channels * height * width
  if (patches.fits<T>()) {
    byBands<T>(x, xImage, dy, dyImage, dw, row, images, channels, m, patches, scratch)
    return
  }
  const padH = patches.padH
  const padW = patches.padW
  const plane = patches.height * patches.width
  for (let c = 0; c < channels; c++)
    for (let t = 0; t < height * width; t++) {
      patches.only(t, height, width, padH, padW)
      const from = Address.of<T>(x, c * plane)
      const to = Address.of<T>(dw, c * height * width + t)
      byBands<T>(from, xImage, dy, dyImage, to, row, images, 1, m, patches, scratch)
    }
  patches.whole(height, width, padH, padW)
}

/** Rows of dw are `row` elements apart. */
function byBands<T>(
  x: usize,
  xImage: i32,
  dy: usize,
  dyImage: i32,
  dw: usize,
  row: i32,
  images: i32,
  channels: i32,
  m: i32,
  patches: Patches,
  scratch: usize,
): void {
  const taps = patches.kernelH * patches.kernelW
  const tapSlice = min(taps, KC)
  const slice = tapSlice < taps ? 1 : Band.channels<T>(channels, patches)
  const plane = patches.height * patches.width
  const pixels = patches.outHeight * patches.outWidth
  patches.size<T>(slice, KC)
  for (let c = 0; c < channels; c += slice) {
    const count = min(slice, channels - c)
    for (let n = 0; n < images; n++)
      for (let r = 0; r < patches.outHeight; r += patches.mostRows)
        for (let s = 0; s < patches.outWidth; s += patches.mostColumns) {
          patches.load<T>(Address.of<T>(x, n * xImage + c * plane), count, r, s)
          const from = Address.of<T>(dy, n * dyImage + r * patches.outWidth + s)
          for (let t = 0; t < taps; t += tapSlice) {
            const part = min(tapSlice, taps - t)
            patches.point<T>(t, part)
            const to = Address.of<T>(dw, c * taps + t)
            Band.add<T>(from, pixels, to, row, m, count * part, part, patches, n + r + s > 0, scratch)
          }
        }
  }
}

class Band {
  /** Channels whose windows, for about KC pixels, fit in scratch together. */
  static channels<T>(channels: i32, p: Patches): i32 {
    const columns = min(p.outWidth, KC)
    const rows = min(p.outHeight, KC / columns)
    const width = Patches.extent(columns, p.strideW, p.kernelW, p.dilationW)
    const height = Patches.extent(rows, p.strideH, p.kernelH, p.dilationH)
    const most = <i32>(WINDOW / sizeof<T>() / (<i64>width * height))
    return most >= channels ? channels : max(1, most >= 8 ? most & ~7 : most)
  }

  /** The loaded band of one image; rows of dy are `pixels` apart, rows of dw `row`. */
  static add<T>(
    dy: usize,
    pixels: i32,
    dw: usize,
    row: i32,
    m: i32,
    columns: i32,
    taps: i32,
    patches: Patches,
    more: bool,
    scratch: usize,
  ): void {
    const width = Tile.columns<T>()
    const panel = Geometry.panel(scratch)
    for (let k = 0; k < columns; k += width) {
      const count = min(width, columns - k)
      patches.packTaps<T>(taps, k, count, panel)
      Gemm.column<T>(
        dy,
        m,
        count,
        patches.rows * patches.columns,
        false,
        Address.bytes<T>(pixels),
        sizeof<T>(),
        panel,
        32,
        Address.of<T>(dw, k),
        Address.bytes<T>(row),
        more,
        scratch,
      )
    }
  }
}
