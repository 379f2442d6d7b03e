// A vector times a matrix: y[j] = Σ_p x[p] · W(p, j), what a product with one row or one column is.
//
// W(p, j) lies at w + p·wk + j·wn (bytes). Where wk is one element, each y is a dot product: four at a time, each in two
// accumulators, and a quarter of the columns apart, so that four long streams come from memory: of four neighbours none
// would be read for long, and beyond the caches memory gives half as much then. Otherwise eight scaled rows at a time are added to y. Every y has the same order of operations wherever
// it stands, so the result does not depend on how the columns are cut.

import { Address } from '../lib/address'
import { Lanes } from '../lib/lanes'
import { Part } from '../lib/part'

/** Elements of x that are copied together when they are not adjacent. */
const CHUNK: i32 = 32768

export class Matvec {
  /** n outputs; scratch holds CHUNK elements. */
  static run<T>(
    x: usize,
    xStep: usize,
    w: usize,
    wk: usize,
    wn: usize,
    y: usize,
    n: i32,
    k: i32,
    scratch: usize,
  ): void {
    if (wk != sizeof<T>()) {
      Matvec.rows<T>(x, xStep, w, wk, wn, y, n, k)
      return
    }
    for (let p = 0; p < k; p += CHUNK) {
      const depth = min(CHUNK, k - p)
      let from = x + <usize>p * xStep
      if (xStep != sizeof<T>()) {
        for (let i = 0; i < depth; i++) store<T>(Address.of<T>(scratch, i), load<T>(from + <usize>i * xStep))
        from = scratch
      }
      Matvec.dots<T>(from, Address.of<T>(w, p), wn, y, n, depth, p > 0)
    }
  }

  /** y[j] = x · W(:, j), columns contiguous. */
  static dots<T>(x: usize, w: usize, wn: usize, y: usize, n: i32, k: i32, more: bool): void {
    const pair = 2 * Lanes.count<T>()
    const quarter = n >> 2
    const far = <usize>quarter * wn
    const yFar = Address.bytes<T>(quarter)
    for (const stop = y + yFar; y < stop; y += sizeof<T>()) {
      let s0 = Lanes.zero<T>()
      let s1 = s0
      let s2 = s0
      let s3 = s0
      let t0 = s0
      let t1 = s0
      let t2 = s0
      let t3 = s0
      let from = x
      let w0 = w
      let w1 = w0 + far
      let w2 = w1 + far
      let w3 = w2 + far
      let left = k
      for (; left >= pair; left -= pair) {
        const x0 = v128.load(from)
        const x1 = v128.load(from, 16)
        s0 = Lanes.madd<T>(v128.load(w0), x0, s0)
        t0 = Lanes.madd<T>(v128.load(w0, 16), x1, t0)
        s1 = Lanes.madd<T>(v128.load(w1), x0, s1)
        t1 = Lanes.madd<T>(v128.load(w1, 16), x1, t1)
        s2 = Lanes.madd<T>(v128.load(w2), x0, s2)
        t2 = Lanes.madd<T>(v128.load(w2, 16), x1, t2)
        s3 = Lanes.madd<T>(v128.load(w3), x0, s3)
        t3 = Lanes.madd<T>(v128.load(w3, 16), x1, t3)
        from += 32
        w0 += 32
        w1 += 32
        w2 += 32
        w3 += 32
      }
      if (left > 0) {
        const bytes = left * sizeof<T>()
        const x0 = Part.load(from, bytes)
        const x1 = Part.load(from + 16, bytes - 16)
        s0 = Lanes.madd<T>(Part.load(w0, bytes), x0, s0)
        t0 = Lanes.madd<T>(Part.load(w0 + 16, bytes - 16), x1, t0)
        s1 = Lanes.madd<T>(Part.load(w1, bytes), x0, s1)
        t1 = Lanes.madd<T>(Part.load(w1 + 16, bytes - 16), x1, t1)
        s2 = Lanes.madd<T>(Part.load(w2, bytes), x0, s2)
        t2 = Lanes.madd<T>(Part.load(w2 + 16, bytes - 16), x1, t2)
        s3 = Lanes.madd<T>(Part.load(w3, bytes), x0, s3)
        t3 = Lanes.madd<T>(Part.load(w3 + 16, bytes - 16), x1, t3)
      }
      s0 = Lanes.sum<T>(v128.add<T>(s0, t0))
      s1 = Lanes.sum<T>(v128.add<T>(s1, t1))
      s2 = Lanes.sum<T>(v128.add<T>(s2, t2))
      s3 = Lanes.sum<T>(v128.add<T>(s3, t3))
      Matvec.put<T>(y, s0, more)
      Matvec.put<T>(y + yFar, s1, more)
      Matvec.put<T>(y + 2 * yFar, s2, more)
      Matvec.put<T>(y + 3 * yFar, s3, more)
      w += wn
    }
    w += 3 * far
    y += 3 * yFar
    for (n &= 3; n > 0; n--) {
      let s0 = Lanes.zero<T>()
      let t0 = s0
      let from = x
      let w0 = w
      let left = k
      for (; left >= pair; left -= pair) {
        s0 = Lanes.madd<T>(v128.load(w0), v128.load(from), s0)
        t0 = Lanes.madd<T>(v128.load(w0, 16), v128.load(from, 16), t0)
        from += 32
        w0 += 32
      }
      if (left > 0) {
        const bytes = left * sizeof<T>()
        s0 = Lanes.madd<T>(Part.load(w0, bytes), Part.load(from, bytes), s0)
        t0 = Lanes.madd<T>(Part.load(w0 + 16, bytes - 16), Part.load(from + 16, bytes - 16), t0)
      }
      Matvec.put<T>(y, Lanes.sum<T>(v128.add<T>(s0, t0)), more)
      w += wn
      y += sizeof<T>()
    }
  }

  /** Stores or adds lane 0. */
  @inline static put<T>(y: usize, total: v128, more: bool): void {
    Lanes.storeOne<T>(y, more ? v128.add<T>(Lanes.loadOne<T>(y), total) : total)
  }

  /** y = Σ_p x[p] · W(p, :), eight rows at a time; vectors where a row is contiguous. */
  static rows<T>(x: usize, xStep: usize, w: usize, wk: usize, wn: usize, y: usize, n: i32, k: i32): void {
    memory.fill(y, 0, Address.bytes<T>(n))
    const vectors = wn == sizeof<T>() ? n & ~(Lanes.count<T>() - 1) : 0
    const middle = Address.of<T>(y, vectors)
    const end = Address.of<T>(y, n)
    for (; k >= 8; k -= 8) {
      const x0 = v128.load_splat<T>(x)
      const x1 = v128.load_splat<T>((x += xStep))
      const x2 = v128.load_splat<T>((x += xStep))
      const x3 = v128.load_splat<T>((x += xStep))
      const x4 = v128.load_splat<T>((x += xStep))
      const x5 = v128.load_splat<T>((x += xStep))
      const x6 = v128.load_splat<T>((x += xStep))
      const x7 = v128.load_splat<T>((x += xStep))
      x += xStep
      let from = w
      let to = y
      for (; to < middle; to += 16) {
        let s = Lanes.madd<T>(v128.load(from), x0, v128.load(to))
        let t = v128.mul<T>(v128.load(from + wk), x1)
        s = Lanes.madd<T>(v128.load(from + 2 * wk), x2, s)
        t = Lanes.madd<T>(v128.load(from + 3 * wk), x3, t)
        s = Lanes.madd<T>(v128.load(from + 4 * wk), x4, s)
        t = Lanes.madd<T>(v128.load(from + 5 * wk), x5, t)
        s = Lanes.madd<T>(v128.load(from + 6 * wk), x6, s)
        t = Lanes.madd<T>(v128.load(from + 7 * wk), x7, t)
        v128.store(to, v128.add<T>(s, t))
        from += 16
      }
      for (; to < end; to += sizeof<T>()) {
        let s = Lanes.madd<T>(Lanes.loadOne<T>(from), x0, Lanes.loadOne<T>(to))
        let t = v128.mul<T>(Lanes.loadOne<T>(from + wk), x1)
        s = Lanes.madd<T>(Lanes.loadOne<T>(from + 2 * wk), x2, s)
        t = Lanes.madd<T>(Lanes.loadOne<T>(from + 3 * wk), x3, t)
        s = Lanes.madd<T>(Lanes.loadOne<T>(from + 4 * wk), x4, s)
        t = Lanes.madd<T>(Lanes.loadOne<T>(from + 5 * wk), x5, t)
        s = Lanes.madd<T>(Lanes.loadOne<T>(from + 6 * wk), x6, s)
        t = Lanes.madd<T>(Lanes.loadOne<T>(from + 7 * wk), x7, t)
        Lanes.storeOne<T>(to, v128.add<T>(s, t))
        from += wn
      }
      w += 8 * wk
    }
    for (; k > 0; k--) {
      const x0 = v128.load_splat<T>(x)
      let from = w
      let to = y
      for (; to < middle; to += 16) {
        v128.store(to, Lanes.madd<T>(v128.load(from), x0, v128.load(to)))
        from += 16
      }
      for (; to < end; to += sizeof<T>()) {
        Lanes.storeOne<T>(to, Lanes.madd<T>(Lanes.loadOne<T>(from), x0, Lanes.loadOne<T>(to)))
        from += wn
      }
      x += xStep
      w += wk
    }
  }
}
