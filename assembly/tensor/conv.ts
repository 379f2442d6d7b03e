// Convolutions of images: x [N, C, H, W], w [O, C / groups, KH, KW], y [N, O, OH, OW], NCHW and OIHW, no bias.
//
// All three are matrix products on the micro-kernel of tile.ts, with panels packed straight from the images:
//   conv2d        y = w · patches(x)            [begin, end) counts images
//   conv2dInput   dx = wᵀ · patches(dy)         [begin, end) counts images; strides above 1 scatter instead
//   conv2dWeight  dw = Σ_images dy · patches(x)ᵀ  [begin, end) counts output channels
// Every output element has a fixed order of operations, so nothing depends on the cut.
// Accuracy: as matmul; sums go over slices of at most 384 products.

import { correlate } from './correlate'
import { Geometry } from './geometry'
import { scatter } from './scatter'
import { sumPatches } from './sumPatches'
