// Patches of planes [H, W] as columns [KH·KW, OH·OW], zero outside, and back. [begin, end) counts planes. After the pointers:
// (H, W, OH, OW, KH, KW, strideH, strideW, padH, padW, dilationH, dilationW).
//   im2col  columns ← x          col2im  x = the sum of all columns' elements that stand for a pixel, in the order of taps

import { Address } from '../lib/address'

function columns<T extends number>(
  back: bool,
  x: usize,
  c: usize,
  H: i32,
  W: i32,
  OH: i32,
  OW: i32,
  KH: i32,
  KW: i32,
  strideH: i32,
  strideW: i32,
  padH: i32,
  padW: i32,
  dilationH: i32,
  dilationW: i32,
  begin: i32,
  end: i32,
): void {
  const step = Address.bytes<T>(strideW)
  const outputs = KH * KW * OH * OW
  const low = begin * outputs
  if (back) memory.fill(Address.of<T>(x, begin * H * W), 0, Address.bytes<T>((end - begin) * H * W))
  else memory.fill(Address.of<T>(c, low), 0, Address.bytes<T>((end - begin) * outputs))
  for (; begin < end; begin++) {
    let row = Address.of<T>(c, begin * outputs)
    for (let kh = 0; kh < KH; kh++)
      for (let kw = 0; kw < KW; kw++) {
        // Outputs first … last - 1 see a column that is inside.
        const left = kw * dilationW - padW
        const first = left < 0 ? (strideW - 1 - left) / strideW : 0
        const last = left < W ? min(OW, (W - 1 - left) / strideW + 1) : 0
        for (let oh = 0; oh < OH; oh++) {
          const h = oh * strideH - padH + kh * dilationH
          if (h >= 0 && h < H) {
            let p = Address.of<T>(x, (begin * H + h) * W + left + first * strideW)
            let q = Address.of<T>(row, first)
            for (let ow = first; ow < last; ow++) {
              if (back) store<T>(p, <T>(load<T>(p) + load<T>(q)))
              else store<T>(q, load<T>(p))
              p += step
              q += sizeof<T>()
            }
          }
          row += Address.bytes<T>(OW)
        }
      }
  }
}

export function im2col_f32(
  x: usize,
  y: usize,
  H: i32,
  W: i32,
  OH: i32,
  OW: i32,
  KH: i32,
  KW: i32,
  strideH: i32,
  strideW: i32,
  padH: i32,
  padW: i32,
  dilationH: i32,
  dilationW: i32,
  begin: i32,
  end: i32,
): void {
  columns<f32>(false, x, y, H, W, OH, OW, KH, KW, strideH, strideW, padH, padW, dilationH, dilationW, begin, end)
}
export function col2im_f32(
  x: usize,
  y: usize,
  H: i32,
  W: i32,
  OH: i32,
  OW: i32,
  KH: i32,
  KW: i32,
  strideH: i32,
  strideW: i32,
  padH: i32,
  padW: i32,
  dilationH: i32,
  dilationW: i32,
  begin: i32,
  end: i32,
): void {
  columns<f32>(true, y, x, H, W, OH, OW, KH, KW, strideH, strideW, padH, padW, dilationH, dilationW, begin, end)
}
export function im2col_f64(
  x: usize,
  y: usize,
  H: i32,
  W: i32,
  OH: i32,
  OW: i32,
  KH: i32,
  KW: i32,
  strideH: i32,
  strideW: i32,
  padH: i32,
  padW: i32,
  dilationH: i32,
  dilationW: i32,
  begin: i32,
  end: i32,
): void {
  columns<f64>(false, x, y, H, W, OH, OW, KH, KW, strideH, strideW, padH, padW, dilationH, dilationW, begin, end)
}
export function col2im_f64(
  x: usize,
  y: usize,
  H: i32,
  W: i32,
  OH: i32,
  OW: i32,
  KH: i32,
  KW: i32,
  strideH: i32,
  strideW: i32,
  padH: i32,
  padW: i32,
  dilationH: i32,
  dilationW: i32,
  begin: i32,
  end: i32,
): void {
  columns<f64>(true, y, x, H, W, OH, OW, KH, KW, strideH, strideW, padH, padW, dilationH, dilationW, begin, end)
}
