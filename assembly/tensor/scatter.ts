// One image and group of an input gradient at any stride: columns = wᵀ · dy, and each value is added to the input that
// its tap saw (col2im).
//
// w(o, channel c, tap t) lies at w + o·wOut + c·taps + t elements. As many channels at a time as fit the panels of A;
// pixels in bands for which the columns fit in scratch.

import { Address } from '../lib/address'
import { Gemm, KC, MC } from './gemm'
import { Geometry } from './geometry'
import { Pack } from './pack'
import { WINDOW } from './patches'
import { Tile } from './tile'

export function scatter<T>(dy: usize, outputs: i32, w: usize, wOut: i32, dx: usize, channels: i32, g: Geometry, scratch: usize): void {
  const taps = g.taps
  const slice = max(1, min(channels, MC / taps))
  const most = max(1, min(g.OH, WINDOW / sizeof<T>() / (slice * taps * g.OW)))
  memory.fill(dx, 0, Address.bytes<T>(channels * g.plane))
  for (let c = 0; c < channels; c += slice) {
    const count = min(slice, channels - c)
    for (let r = 0; r < g.OH; r += most) {
      const rows = min(most, g.OH - r)
      multiply<T>(Address.of<T>(w, c * taps), wOut, count * taps, outputs, Address.of<T>(dy, r * g.OW), g.outPlane, rows * g.OW, scratch)
      add<T>(Geometry.window(scratch), Address.of<T>(dx, c * g.plane), count, r, rows, g)
    }
  }
}
