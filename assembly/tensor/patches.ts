// What a convolution sees: for each channel and tap of the kernel, the pixels under it (im2col, never stored whole).
//
// A band of output pixels needs a window of the source. The window is copied into scratch with its padding as zeros;
// after that, pixel (r, s) of the band under tap t of channel c is at window + c·plane + taps[t] + r·rowStep + s·strideW,
// and the panels of the micro-kernel are packed from there without another look at the borders.

import { Address } from '../lib/address'
import { Lanes } from '../lib/lanes'
import { Pack } from './pack'
import { Tile } from './tile'

/** Bytes of scratch for a window, without the vector that may be read beyond its end. */
export const WINDOW: i32 = 393216

/** Lives in scratch: sizes, then the place of the window and the current band. Lengths are in elements. */
@unmanaged
export class Patches {
  height: i32 = 0
  width: i32 = 0
  kernelH: i32 = 0
  kernelW: i32 = 0
  outHeight: i32 = 0
  outWidth: i32 = 0
  strideH: i32 = 0
  strideW: i32 = 0
  padH: i32 = 0
  padW: i32 = 0
  dilationH: i32 = 0
  dilationW: i32 = 0
  /** Taps in reverse order: the kernel turned by 180°. */
  flip: bool = false
  /** Addresses of the window and of the table of the taps' distances in it. */
  window: usize = 0
  taps: usize = 0
  /** The largest band, then the current one. */
  mostRows: i32 = 0
  mostColumns: i32 = 0
  rows: i32 = 0
  columns: i32 = 0
  /** Elements of the window from row to row and from channel to channel. */
  row: i32 = 0
  plane: i32 = 0

  /** Source elements under `count` neighbouring outputs. */
  @inline static extent(count: i32, stride: i32, kernel: i32, dilation: i32): i32 {
    return (count - 1) * stride + (kernel - 1) * dilation + 1
  }

  /** Outputs in one direction whose sources fit in `room` elements: at least 1, at most `most`. */
  @inline static fitting(room: i32, most: i32, stride: i32, kernel: i32, dilation: i32): i32 {
    return max(1, min(most, (room - (kernel - 1) * dilation - 1) / stride + 1))
  }

  /** Source elements under one output, of one channel. */
  @inline get least(): i64 {
    return (
      <i64>Patches.extent(1, this.strideH, this.kernelH, this.dilationH) *
      Patches.extent(1, this.strideW, this.kernelW, this.dilationW)
    )
  }

  /** Whether a window for one output fits: else the taps are taken one by one. */
  fits<T>(): bool {
    return this.least <= WINDOW / sizeof<T>()
  }

  /** Leaves of a kernel [height, width] that has these paddings only tap t, as it stands in the weights. */
  only(t: i32, height: i32, width: i32, padH: i32, padW: i32): void {
    const at = this.flip ? height * width - 1 - t : t
    this.kernelH = 1
    this.kernelW = 1
    this.padH = padH - (at / width) * this.dilationH
    this.padW = padW - (at % width) * this.dilationW
  }

  /** Puts a kernel back in place of its taps. */
  whole(height: i32, width: i32, padH: i32, padW: i32): void {
    this.kernelH = height
    this.kernelW = width
    this.padH = padH
    this.padW = padW
  }

  /** Chooses the largest band whose window of `channels` fits: whole rows, at most `pixels`, or else part of a row. */
  size<T>(channels: i32, pixels: i32): void {
    const room = WINDOW / sizeof<T>() / channels
    const row = Patches.extent(this.outWidth, this.strideW, this.kernelW, this.dilationW)
    const least = (this.kernelH - 1) * this.dilationH + 1
    if (row <= room / least && this.outWidth <= pixels) {
      const most = min(this.outHeight, pixels / this.outWidth)
      this.mostRows = Patches.fitting(room / row, most, this.strideH, this.kernelH, this.dilationH)
      this.mostColumns = this.outWidth
    } else {
      const most = min(this.outWidth, pixels)
      this.mostRows = 1
      this.mostColumns = Patches.fitting(room / least, most, this.strideW, this.kernelW, this.dilationW)
    }
  }

  /** Copies the window of `channels` planes of the source for the band that starts at output pixel (r, s). */
  load<T>(source: usize, channels: i32, r: i32, s: i32): void {
    this.rows = min(this.mostRows, this.outHeight - r)
    this.columns = min(this.mostColumns, this.outWidth - s)
    const height = Patches.extent(this.rows, this.strideH, this.kernelH, this.dilationH)
    const width = Patches.extent(this.columns, this.strideW, this.kernelW, this.dilationW)
    this.row = width
    this.plane = height * width
    // The part [low, high) × [first, last) of the window that is inside the source.
    const top = r * this.strideH - this.padH
    const left = s * this.strideW - this.padW
    const low = max(0, -top)
    const high = min(height, this.height - top)
    const first = max(0, -left)
    const last = min(width, this.width - left)
    if (low > 0 || high < height || first > 0 || last < width)
      memory.fill(this.window, 0, Address.bytes<T>(channels * this.plane))
    for (let c = 0; c < channels; c++)
      for (let i = low; i < high; i++) {
        const from = Address.of<T>(source, (c * this.height + top + i) * this.width + left + first)
        copyRow<T>(from, Address.of<T>(this.window, c * this.plane + i * width + first), last - first)
      }
  }

  /** Fills the table with the distances of taps t0 … t0 + count - 1 in the window just loaded. */
  point<T>(t0: i32, count: i32): void {
    const end = this.kernelH * this.kernelW - 1
    for (let i = 0; i < count; i++) {
      const t = this.flip ? end - t0 - i : t0 + i
      const at = (t / this.kernelW) * this.dilationH * this.row + (t % this.kernelW) * this.dilationW
      store<usize>(Address.of<usize>(this.taps, i), Address.bytes<T>(at))
    }
  }

  /** Fills a table at `to` with the distances of all taps of all channels: the rows of [channels · taps, pixels]. */
  pointAll<T>(channels: i32, taps: i32, to: usize): void {
    for (let k = 0; k < channels * taps; k++) store<usize>(Address.of<usize>(to, k), this.tap<T>(taps, k) - this.window)
  }

  /** Pixels from q on to the end of their row. */
  @inline run(q: i32): i32 {
    return this.columns - (q % this.columns)
  }

  /** The address of pixel q of the band, before a channel or tap is chosen. */
  @inline pixel<T>(q: i32): usize {
    const at = (q / this.columns) * this.strideH * this.row + (q % this.columns) * this.strideW
    return Address.of<T>(this.window, at)
  }

  /**
   * Packs a panel of [channels · taps, pixels]: `count` pixels from q on. Its other columns hold anything; a vector
   * beyond the panel is written too.
   */
  packPixels<T>(channels: i32, taps: i32, q: i32, count: i32, to: usize): void {
    const width = Tile.columns<T>()
    const plane = Address.bytes<T>(this.plane)
    const from = this.pixel<T>(q)
    const first = this.run(q)
    if (this.strideW == 1 && first >= count) {
      for (let c = 0; c < channels; c++) to = packRun(from + <usize>c * plane, this.taps, taps, to)
    } else if (this.strideW == 1 && first + this.columns >= count) {
      const second = this.pixel<T>(q + first)
      for (let c = 0; c < channels; c++)
        to = packTwoRuns(
          from + <usize>c * plane,
          second + <usize>c * plane,
          Address.bytes<T>(first),
          this.taps,
          taps,
          to,
        )
    } else {
      for (let j = 0; j < count; j++) {
        const pixel = this.pixel<T>(q + j)
        for (let c = 0; c < channels; c++)
          packPixel<T>(pixel + <usize>c * plane, this.taps, taps, Address.of<T>(to, c * taps * width + j))
      }
    }
  }

  /**
   * Packs a panel of [pixels of the band, channels · taps]: columns k … k + count - 1, where column k is tap k % taps of
   * channel k / taps. Its other columns repeat the last.
   */
  packTaps<T>(taps: i32, k: i32, count: i32, to: usize): void {
    const last = k + count - 1
    const rowStep = Address.bytes<T>(this.strideH * this.row)
    for (let j = 0; j < Tile.columns<T>() && j < count; j += Lanes.count<T>()) {
      const from0 = this.tap<T>(taps, min(last, k + j))
      const from1 = this.tap<T>(taps, min(last, k + j + 1))
      const from2 = this.tap<T>(taps, min(last, k + j + 2))
      const from3 = this.tap<T>(taps, min(last, k + j + 3))
      packFour<T>(from0, from1, from2, from3, this.rows, this.columns, rowStep, this.strideW, Address.of<T>(to, j))
    }
  }

  /** The address of column k's first pixel. */
  @inline tap<T>(taps: i32, k: i32): usize {
    return Address.of<T>(this.window, (k / taps) * this.plane) + load<usize>(Address.of<usize>(this.taps, k % taps))
  }
}

/** A row of the source. It is short more often than not, so that memory.copy would cost more than the copying. */
function copyRow<T>(from: usize, to: usize, count: i32): void {
  for (; count >= Lanes.count<T>(); count -= Lanes.count<T>()) {
    v128.store(to, v128.load(from))
    from += 16
    to += 16
  }
  for (; count > 0; count--) {
    store<T>(to, load<T>(from))
    from += sizeof<T>()
    to += sizeof<T>()
  }
}

/** For each tap two vectors of pixels of one row. Returns where the next channel goes. */
function packRun(from: usize, table: usize, taps: i32, to: usize): usize {
  for (; taps > 0; taps--) {
    const at = from + load<usize>(table)
    v128.store(to, v128.load(at))
    v128.store(to, v128.load(at, 16), 16)
    table += sizeof<usize>()
    to += 32
  }
  return to
}

/** The same where the pixels go on in a second row after `split` bytes; what the store exceeds is overwritten next. */
function packTwoRuns(from: usize, second: usize, split: usize, table: usize, taps: i32, to: usize): usize {
  for (; taps > 0; taps--) {
    const distance = load<usize>(table)
    const at = from + distance
    const then = second + distance
    v128.store(to, v128.load(at))
    v128.store(to, v128.load(at, 16), 16)
    v128.store(to + split, v128.load(then))
    v128.store(to + split, v128.load(then, 16), 16)
    table += sizeof<usize>()
    to += 32
  }
  return to
}

/** One pixel under each tap. */
function packPixel<T>(from: usize, table: usize, taps: i32, to: usize): void {
  for (; taps > 0; taps--) {
    store<T>(to, load<T>(from + load<usize>(table)))
    table += sizeof<usize>()
    to += 32
  }
}

/** Four columns (two of f64) of all pixels of a band, turned block by block; the last block of a row may overlap. */
function packFour<T>(
  from0: usize,
  from1: usize,
  from2: usize,
  from3: usize,
  rows: i32,
  columns: i32,
  rowStep: usize,
  stride: i32,
  to: usize,
): void {
  const step = Address.bytes<T>(stride)
  for (; rows > 0; rows--) {
    if (stride == 1 && columns >= Lanes.count<T>()) {
      for (let s = 0; s < columns; s += Lanes.count<T>()) {
        const block = min(s, columns - Lanes.count<T>())
        const at = Address.bytes<T>(block)
        Pack.turn<T>(from0 + at, from1 + at, from2 + at, from3 + at, to + <usize>block * 32, 32)
      }
    } else {
      for (let s: usize = 0; s < <usize>columns; s++) {
        const row = to + s * 32
        store<T>(row, load<T>(from0 + s * step))
        store<T>(row + sizeof<T>(), load<T>(from1 + s * step))
        if (sizeof<T>() == 4) {
          store<T>(row + 2 * sizeof<T>(), load<T>(from2 + s * step))
          store<T>(row + 3 * sizeof<T>(), load<T>(from3 + s * step))
        }
      }
    }
    from0 += rowStep
    from1 += rowStep
    from2 += rowStep
    from3 += rowStep
    to += <usize>columns * 32
  }
}
