// One image and group of an input gradient at any stride: columns = wᵀ · dy, and each value is added to the input that
// its tap saw (col2im).
//
// w(o, channel c, tap t) lies at w + o·wOut + c·taps + t elements. As many channels at a time as fit the panels of A;
// pixels in bands for which the columns fit in scratch.

import { Address } from '../lib/address'
import { Lanes } from '../lib/lanes'
import { Gemm, KC, MC } from './gemm'
import { Geometry } from './geometry'
import { Pack } from './pack'
import { WINDOW } from './patches'
import { Tile } from './tile'

export function scatter<T>(
  dy: usize,
  outputs: i32,
  w: usize,
  wOut: i32,
  dx: usize,
  channels: i32,
  g: Geometry,
  scratch: usize,
): void {
  const taps = g.taps
  // As many taps, or whole channels of them, as fit the panels of A.
  const part = min(taps, MC)
  const slice = max(1, min(channels, MC / taps))
  const pixels = WINDOW / sizeof<T>() / (slice * part)
  const columns = min(g.OW, pixels)
  const rows = min(g.OH, pixels / columns)
  memory.fill(dx, 0, Address.bytes<T>(channels * g.plane))
  for (let c = 0; c < channels; c += slice)
    for (let t = 0; t < taps; t += part) {
      const count = min(slice, channels - c) * min(part, taps - t)
      for (let r = 0; r < g.OH; r += rows)
        for (let s = 0; s < g.OW; s += columns) {
          const height = min(rows, g.OH - r)
          const width = min(columns, g.OW - s)
          const from = Address.of<T>(dy, r * g.OW + s)
          multiply<T>(Address.of<T>(w, c * taps + t), wOut, count, outputs, from, g.outPlane, height * width, scratch)
          for (let i = 0; i < count; i++) {
            const columnsOf = Address.of<T>(Geometry.window(scratch), i * height * width)
            const tap = (t + i) % taps
            add<T>(columnsOf, Address.of<T>(dx, (c + (t + i) / taps) * g.plane), tap, r, s, height, width, g)
          }
        }
    }
}

/** The columns, [m, pixels], into the window of scratch; rows of dy are `plane` elements apart. */
function multiply<T>(
  w: usize,
  wOut: i32,
  m: i32,
  outputs: i32,
  dy: usize,
  plane: i32,
  pixels: i32,
  scratch: usize,
): void {
  const width = Tile.columns<T>()
  const panelsA = Geometry.panelsA(scratch)
  const packed = m <= MC
  for (let o = 0; o < outputs; o += KC) {
    const depth = min(KC, outputs - o)
    const a = Address.of<T>(w, o * wOut)
    const ars = sizeof<T>()
    const acs = Address.bytes<T>(wOut)
    if (packed) Gemm.packRows<T>(a, m, depth, ars, acs, panelsA)
    for (let q = 0; q < pixels; q += width) {
      const count = min(width, pixels - q)
      let from = Address.of<T>(dy, o * plane + q)
      let step = Address.bytes<T>(plane)
      if (!Tile.whole<T>(count)) {
        Pack.panel<T>(width, count, depth, from, step, sizeof<T>(), Geometry.panel(scratch))
        from = Geometry.panel(scratch)
        step = 32
      }
      Gemm.column<T>(
        packed ? panelsA : a,
        m,
        count,
        depth,
        packed,
        ars,
        acs,
        from,
        step,
        Address.of<T>(Geometry.window(scratch), q),
        Address.bytes<T>(pixels),
        o > 0,
        scratch,
      )
    }
  }
}

/** Adds what `rows` × `width` outputs from (r, s) on have for one tap to a plane of dx. */
function add<T>(columns: usize, dx: usize, tap: i32, r: i32, s: i32, rows: i32, width: i32, g: Geometry): void {
  // Outputs whose source column is inside: first … last - 1.
  const left = s * g.strideW - g.padW + (tap % g.KW) * g.dilationW
  const first = left < 0 ? (g.strideW - 1 - left) / g.strideW : 0
  const last = left < g.W ? min(width, (g.W - 1 - left) / g.strideW + 1) : 0
  for (let i = 0; i < rows; i++) {
    const h = (r + i) * g.strideH - g.padH + (tap / g.KW) * g.dilationH
    if (h >= 0 && h < g.H)
      addRow<T>(
        Address.of<T>(columns, i * width + first),
        Address.of<T>(dx, h * g.W + left + first * g.strideW),
        last - first,
        Address.bytes<T>(g.strideW),
      )
  }
}

function addRow<T>(from: usize, to: usize, count: i32, step: usize): void {
  for (; count > 0; count--) {
    Lanes.storeOne<T>(to, v128.add<T>(Lanes.loadOne<T>(to), Lanes.loadOne<T>(from)))
    from += sizeof<T>()
    to += step
  }
}
