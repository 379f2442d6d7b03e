// The sizes of a convolution, and how its scratch area is laid out.

import { Patches } from './patches'

/** Lives in scratch. Lengths and strides are in elements. */
@unmanaged
export class Geometry {
  N: i32 = 0
  C: i32 = 0
  H: i32 = 0
  W: i32 = 0
  O: i32 = 0
  KH: i32 = 0
  KW: i32 = 0
  OH: i32 = 0
  OW: i32 = 0
  strideH: i32 = 0
  strideW: i32 = 0
  padH: i32 = 0
  padW: i32 = 0
  dilationH: i32 = 0
  dilationW: i32 = 0
  groups: i32 = 0

  // Scratch: an edge tile of gemm.ts, this record, the record of the patches and its table, a panel of B,
  // panels of A, a window. Up to 0.75 MiB.
  @inline static patches(scratch: usize): Patches {
    return changetype<Patches>(scratch + 384)
  }

  @inline static panel(scratch: usize): usize {
    return scratch + 2048
  }

  @inline static panelsA(scratch: usize): usize {
    return scratch + 16384
  }

  @inline static window(scratch: usize): usize {
    return scratch + 393216
  }

  static at(
    scratch: usize,
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
  ): Geometry {
    const g = changetype<Geometry>(scratch + 256)
    g.N = N
    g.C = C
    g.H = H
    g.W = W
    g.O = O
    g.KH = KH
    g.KW = KW
    g.OH = OH
    g.OW = OW
    g.strideH = strideH
    g.strideW = strideW
    g.padH = padH
    g.padW = padW
    g.dilationH = dilationH
    g.dilationW = dilationW
    g.groups = groups
    return g
  }

  /** Elements of one input plane, of one output plane, and the taps of one kernel. */
  @inline get plane(): i32 {
    return this.H * this.W
  }

  @inline get outPlane(): i32 {
    return this.OH * this.OW
  }

  @inline get taps(): i32 {
    return this.KH * this.KW
  }

  /** Channels of x and of y in one group. */
  @inline get I(): i32 {
    return this.C / this.groups
  }

  @inline get P(): i32 {
    return this.O / this.groups
  }

  /** A kernel that does no more than mix channels. */
  @inline get pointwise(): bool {
    const whole = this.plane == this.outPlane && this.W == this.OW
    return whole && this.taps == 1 && this.strideH == 1 && this.strideW == 1 && this.padH == 0 && this.padW == 0
  }

  /** What the outputs see of x. */
  seen(scratch: usize): Patches {
    const p = Geometry.patches(scratch)
    p.height = this.H
    p.width = this.W
    p.outHeight = this.OH
    p.outWidth = this.OW
    p.strideH = this.strideH
    p.strideW = this.strideW
    p.padH = this.padH
    p.padW = this.padW
    return this.place(p, false, scratch)
  }

  /** What the inputs see of dy when strides are 1: every output they had a part in, taps turned. */
  seenBack(scratch: usize): Patches {
    const p = Geometry.patches(scratch)
    p.height = this.OH
    p.width = this.OW
    p.outHeight = this.H
    p.outWidth = this.W
    p.strideH = 1
    p.strideW = 1
    p.padH = (this.KH - 1) * this.dilationH - this.padH
    p.padW = (this.KW - 1) * this.dilationW - this.padW
    return this.place(p, true, scratch)
  }

  private place(p: Patches, flip: bool, scratch: usize): Patches {
    p.kernelH = this.KH
    p.kernelW = this.KW
    p.dilationH = this.dilationH
    p.dilationW = this.dilationW
    p.flip = flip
    p.window = Geometry.window(scratch)
    p.taps = scratch + 512
    return p
  }
}
