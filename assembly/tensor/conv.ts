// Convolutions of images: x [N, C, H, W], w [O, C / groups, KH, KW], y [N, O, OH, OW], NCHW and OIHW, no bias.
//
// All three are matrix products on the micro-kernel of tile.ts, with panels packed straight from the images:
//   conv2d        y = w · patches(x)            [begin, end) counts images
//   conv2dInput   dx = wᵀ · patches(dy)         [begin, end) counts images; strides above 1 scatter instead
//   conv2dWeight  dw = Σ_images dy · patches(x)ᵀ  [begin, end) counts output channels
// Every output element has a fixed order of operations, so nothing depends on the cut.
// Accuracy: as matmul; sums go over slices of at most 384 products.

import { Address } from '../lib/address'
import { correlate, packAll } from './correlate'
import { Gemm } from './gemm'
import { Geometry } from './geometry'
import { scatter } from './scatter'
import { sumPatches } from './sumPatches'

export function conv2d_f32(
  x: usize,
  w: usize,
  y: usize,
  N: i32,
  C: i32,
  H: i32,
  W: i32,
  O: i32,
  KH: i32,
  KW: i32,
  OH: i32,
  OW: i32,
  strideH: i32,
  strideW: i32,
  padH: i32,
  padW: i32,
  dilationH: i32,
  dilationW: i32,
  groups: i32,
  scratch: usize,
  begin: i32,
  end: i32,
): void {
  const g = Geometry.at(
    scratch,
    N,
    C,
    H,
    W,
    O,
    KH,
    KW,
    OH,
    OW,
    strideH,
    strideW,
    padH,
    padW,
    dilationH,
    dilationW,
    groups,
  )
  forward<f32>(x, w, y, g, scratch, begin, end)
}

export function conv2d_f64(
  x: usize,
  w: usize,
  y: usize,
  N: i32,
  C: i32,
  H: i32,
  W: i32,
  O: i32,
  KH: i32,
  KW: i32,
  OH: i32,
  OW: i32,
  strideH: i32,
  strideW: i32,
  padH: i32,
  padW: i32,
  dilationH: i32,
  dilationW: i32,
  groups: i32,
  scratch: usize,
  begin: i32,
  end: i32,
): void {
  const g = Geometry.at(
    scratch,
    N,
    C,
    H,
    W,
    O,
    KH,
    KW,
    OH,
    OW,
    strideH,
    strideW,
    padH,
    padW,
    dilationH,
    dilationW,
    groups,
  )
  forward<f64>(x, w, y, g, scratch, begin, end)
}

export function conv2dInput_f32(
  dy: usize,
  w: usize,
  dx: usize,
  N: i32,
  C: i32,
  H: i32,
  W: i32,
  O: i32,
  KH: i32,
  KW: i32,
  OH: i32,
  OW: i32,
  strideH: i32,
  strideW: i32,
  padH: i32,
  padW: i32,
  dilationH: i32,
  dilationW: i32,
  groups: i32,
  scratch: usize,
  begin: i32,
  end: i32,
): void {
  const g = Geometry.at(
    scratch,
    N,
    C,
    H,
    W,
    O,
    KH,
    KW,
    OH,
    OW,
    strideH,
    strideW,
    padH,
    padW,
    dilationH,
    dilationW,
    groups,
  )
  inputGradient<f32>(dy, w, dx, g, scratch, begin, end)
}

export function conv2dInput_f64(
  dy: usize,
  w: usize,
  dx: usize,
  N: i32,
  C: i32,
  H: i32,
  W: i32,
  O: i32,
  KH: i32,
  KW: i32,
  OH: i32,
  OW: i32,
  strideH: i32,
  strideW: i32,
  padH: i32,
  padW: i32,
  dilationH: i32,
  dilationW: i32,
  groups: i32,
  scratch: usize,
  begin: i32,
  end: i32,
): void {
  const g = Geometry.at(
    scratch,
    N,
    C,
    H,
    W,
    O,
    KH,
    KW,
    OH,
    OW,
    strideH,
    strideW,
    padH,
    padW,
    dilationH,
    dilationW,
    groups,
  )
  inputGradient<f64>(dy, w, dx, g, scratch, begin, end)
}

export function conv2dWeight_f32(
  x: usize,
  dy: usize,
  dw: usize,
  N: i32,
  C: i32,
  H: i32,
  W: i32,
  O: i32,
  KH: i32,
  KW: i32,
  OH: i32,
  OW: i32,
  strideH: i32,
  strideW: i32,
  padH: i32,
  padW: i32,
  dilationH: i32,
  dilationW: i32,
  groups: i32,
  scratch: usize,
  begin: i32,
  end: i32,
): void {
  const g = Geometry.at(
    scratch,
    N,
    C,
    H,
    W,
    O,
    KH,
    KW,
    OH,
    OW,
    strideH,
    strideW,
    padH,
    padW,
    dilationH,
    dilationW,
    groups,
  )
  weightGradient<f32>(x, dy, dw, g, scratch, begin, end)
}

export function conv2dWeight_f64(
  x: usize,
  dy: usize,
  dw: usize,
  N: i32,
  C: i32,
  H: i32,
  W: i32,
  O: i32,
  KH: i32,
  KW: i32,
  OH: i32,
  OW: i32,
  strideH: i32,
  strideW: i32,
  padH: i32,
  padW: i32,
  dilationH: i32,
  dilationW: i32,
  groups: i32,
  scratch: usize,
  begin: i32,
  end: i32,
): void {
  const g = Geometry.at(
    scratch,
    N,
    C,
    H,
    W,
    O,
    KH,
    KW,
    OH,
    OW,
    strideH,
    strideW,
    padH,
    padW,
    dilationH,
    dilationW,
    groups,
  )
  weightGradient<f64>(x, dy, dw, g, scratch, begin, end)
}

function forward<T>(x: usize, w: usize, y: usize, g: Geometry, scratch: usize, begin: i32, end: i32): void {
  const patches = g.seen(scratch)
  for (let n = begin; n < end; n++)
    for (let group = 0; group < g.groups; group++) {
      const from = Address.of<T>(x, (n * g.C + group * g.I) * g.plane)
      const kernels = Address.of<T>(w, group * g.P * g.I * g.taps)
      const to = Address.of<T>(y, (n * g.O + group * g.P) * g.outPlane)
      if (g.pointwise) mix<T>(kernels, from, to, g.P, g.plane, g.I, g.I, 1, scratch)
      else correlate<T>(from, g.I, kernels, g.I * g.taps, g.taps, to, g.P, false, patches, scratch)
    }
}

function inputGradient<T>(dy: usize, w: usize, dx: usize, g: Geometry, scratch: usize, begin: i32, end: i32): void {
  const patches = g.seenBack(scratch)
  const row = g.I * g.taps
  const plain = g.strideH == 1 && g.strideW == 1 && !g.pointwise
  for (let group = 0; group < g.groups; group++) {
    const kernels = Address.of<T>(w, group * g.P * row)
    const ready = plain && packAll<T>(kernels, g.taps, row, g.I, g.P, patches, scratch)
    for (let n = begin; n < end; n++) {
      const from = Address.of<T>(dy, (n * g.O + group * g.P) * g.outPlane)
      const to = Address.of<T>(dx, (n * g.C + group * g.I) * g.plane)
      if (g.pointwise) mix<T>(kernels, from, to, g.I, g.plane, g.P, 1, g.I, scratch)
      else if (plain) correlate<T>(from, g.P, kernels, g.taps, row, to, g.I, ready, patches, scratch)
      else scatter<T>(from, g.P, kernels, row, to, g.I, g, scratch)
    }
  }
}

function weightGradient<T>(x: usize, dy: usize, dw: usize, g: Geometry, scratch: usize, begin: i32, end: i32): void {
  const patches = g.seen(scratch)
  while (begin < end) {
    const group = begin / g.P
    const rows = min(end, (group + 1) * g.P) - begin
    const from = Address.of<T>(x, group * g.I * g.plane)
    const grads = Address.of<T>(dy, begin * g.outPlane)
    const to = Address.of<T>(dw, begin * g.I * g.taps)
    if (g.N == 0) memory.fill(to, 0, Address.bytes<T>(rows * g.I * g.taps))
    sumPatches<T>(from, g.C * g.plane, grads, g.O * g.outPlane, to, g.N, g.I, rows, patches, scratch)
    begin += rows
  }
}

/** y [m, n] = w · x [k, n] for one image, w with strides in elements. */
function mix<T>(w: usize, x: usize, y: usize, m: i32, n: i32, k: i32, wrs: i32, wcs: i32, scratch: usize): void {
  const row = Address.bytes<T>(n)
  const packB = row >= 1024 && m >= 64
  Gemm.run<T>(
    w,
    x,
    y,
    m,
    n,
    k,
    Address.bytes<T>(wrs),
    Address.bytes<T>(wcs),
    row,
    sizeof<T>(),
    row,
    false,
    packB,
    scratch,
  )
}
