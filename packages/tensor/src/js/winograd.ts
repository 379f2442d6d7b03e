// What the kernels of Winograd's method compute, by the plain sum: the oracle of their transforms.
import { heap } from '../memory/heap.ts'
import { conv } from './conv.ts'
import type { Twins } from './family.ts'

const TILES = 16

export const winograd: Twins = {
  /** u [rows, depth, 9] of the kernels at w, turned by 180° with `flip`; [begin, end) counts the depth. */
  winogradWeights_f32(w, u, rows, depth, rowStep, depthStep, flip, _scratch, begin, end) {
    const { f32 } = heap
    for (let i = 0; i < rows; i++)
      for (let k = begin; k < end; k++) {
        const from = (w >>> 2) + i * rowStep + k * depthStep
        const to = (u >>> 2) + (i * depth + k) * 9
        for (let t = 0; t < 9; t++) f32[to + t] = f32[from + (flip ? 8 - t : t)]
      }
  },

  /** y = x ⋆ u; [begin, end) counts blocks of 16 tiles of 4x4 outputs; an image belongs to the block of its first tile. */
  winograd_f32(x, u, y, N, C, H, W, O, OH, OW, padH, padW, scratch, begin, end) {
    const tiles = Math.ceil(OH / 4) * Math.ceil(OW / 4)
    const first = Math.ceil((begin * TILES) / tiles)
    const last = Math.min(N, Math.ceil((end * TILES) / tiles))
    conv.conv2d_f32(x, u, y, N, C, H, W, O, 3, 3, OH, OW, 1, 1, padH, padW, 1, 1, 1, scratch, first, last)
  },
}
