// The discrete Fourier transform Σ x[j] e^(−2πi jk/n) of n complex numbers in float64, where n has no prime factors but 2, 3 and 5.
//
// Stockham's form: every stage reads one buffer in order and writes the other in order, so nothing is to be unscrambled
// (C. Van Loan, "Computational Frameworks for the Fast Fourier Transform", section 1.7). One number is one vector.
// `roots` holds e^(−2πi k/N) for k < N, where N = n · every.

export class Transform {
  /** Signs of the first lane and of the second; √¾; cosines and sines of 72° and 144°. */
  @lazy static readonly SIGNS: usize = memory.data<f64>([-0.0, 0, -0.0], 8)
  @lazy static readonly FIFTHS: usize = memory.data<f64>(
    [0.8660254037844386, 0.30901699437494745, -0.8090169943749475, 0.9510565162951535, 0.5877852522924731],
    8,
  )

  /** From x, through y; returns which of both holds the result. */
  static run(x: usize, y: usize, n: i32, roots: usize, every: i32): usize {
    let stride = 1
    while (n > 1) {
      const radix = n % 4 == 0 ? 4 : n % 2 == 0 ? 2 : n % 3 == 0 ? 3 : 5
      n /= radix
      if (radix == 4) fours(x, y, n, stride, roots, every)
      else if (radix == 2) twos(x, y, n, stride, roots, every)
      else if (radix == 3) threes(x, y, n, stride, roots, every)
      else fives(x, y, n, stride, roots, every)
      stride *= radix
      const from = x
      x = y
      y = from
    }
    return x
  }

  /** x · w for the root w at `at`. */
  @inline static times(x: v128, at: usize): v128 {
    const im = v128.xor(v128.load64_splat(at, 8), v128.load(Transform.SIGNS))
    return f64x2.add(f64x2.mul(x, v128.load64_splat(at)), f64x2.mul(v128.shuffle<i64>(x, x, 1, 0), im))
  }

  /** −i x. */
  @inline static turned(x: v128): v128 {
    return v128.xor(v128.shuffle<i64>(x, x, 1, 0), v128.load(Transform.SIGNS, 8))
  }
}

// A stage of radix r: for p < m and q < s, numbers q + s (p + m j) of x become, multiplied by powers of a root, numbers
// q + s (r p + k) of y.

function twos(x: usize, y: usize, m: i32, s: i32, roots: usize, every: i32): void {
  const row = (<usize>s) << 4
  const half = <usize>m * row
  const turn = (<usize>(s * every)) << 4
  for (; m > 0; m--) {
    for (const stop = x + row; x < stop; x += 16) {
      const a = v128.load(x)
      const b = v128.load(x + half)
      v128.store(y, f64x2.add(a, b))
      v128.store(y + row, Transform.times(f64x2.sub(a, b), roots))
      y += 16
    }
    y += row
    roots += turn
  }
}

function threes(x: usize, y: usize, m: i32, s: i32, roots: usize, every: i32): void {
  const row = (<usize>s) << 4
  const third = <usize>m * row
  const turn = (<usize>(s * every)) << 4
  const first = roots
  for (; m > 0; m--) {
    const second = roots + (roots - first)
    for (const stop = x + row; x < stop; x += 16) {
      const a = v128.load(x)
      const b = v128.load(x + third)
      const c = v128.load(x + 2 * third)
      const t = f64x2.add(b, c)
      const u = Transform.turned(f64x2.mul(f64x2.sub(b, c), v128.load64_splat(Transform.FIFTHS)))
      const half = f64x2.sub(a, f64x2.mul(t, f64x2.splat(0.5)))
      v128.store(y, f64x2.add(a, t))
      v128.store(y + row, Transform.times(f64x2.add(half, u), roots))
      v128.store(y + 2 * row, Transform.times(f64x2.sub(half, u), second))
      y += 16
    }
    y += 2 * row
    roots += turn
  }
}

function fours(x: usize, y: usize, m: i32, s: i32, roots: usize, every: i32): void {
  const row = (<usize>s) << 4
  const quarter = <usize>m * row
  const turn = (<usize>(s * every)) << 4
  const first = roots
  for (; m > 0; m--) {
    const second = roots + (roots - first)
    const third = second + (roots - first)
    for (const stop = x + row; x < stop; x += 16) {
      const a = v128.load(x)
      const c = v128.load(x + 2 * quarter)
      const b = v128.load(x + quarter)
      const d = v128.load(x + 3 * quarter)
      const ac = f64x2.add(a, c)
      const bd = f64x2.add(b, d)
      v128.store(y, f64x2.add(ac, bd))
      v128.store(y + 2 * row, Transform.times(f64x2.sub(ac, bd), second))
      const e = f64x2.sub(a, c)
      const f = Transform.turned(f64x2.sub(b, d))
      v128.store(y + row, Transform.times(f64x2.add(e, f), roots))
      v128.store(y + 3 * row, Transform.times(f64x2.sub(e, f), third))
      y += 16
    }
    y += 3 * row
    roots += turn
  }
}

function fives(x: usize, y: usize, m: i32, s: i32, roots: usize, every: i32): void {
  const row = (<usize>s) << 4
  const fifth = <usize>m * row
  const turn = (<usize>(s * every)) << 4
  const first = roots
  for (; m > 0; m--) {
    const step = roots - first
    for (const stop = x + row; x < stop; x += 16) {
      const c1 = v128.load64_splat(Transform.FIFTHS, 8)
      const c2 = v128.load64_splat(Transform.FIFTHS, 16)
      const s1 = v128.load64_splat(Transform.FIFTHS, 24)
      const s2 = v128.load64_splat(Transform.FIFTHS, 32)
      const a = v128.load(x)
      const b = v128.load(x + fifth)
      const c = v128.load(x + 2 * fifth)
      const d = v128.load(x + 3 * fifth)
      const e = v128.load(x + 4 * fifth)
      const be = f64x2.add(b, e)
      const cd = f64x2.add(c, d)
      const bLessE = f64x2.sub(b, e)
      const cLessD = f64x2.sub(c, d)
      v128.store(y, f64x2.add(a, f64x2.add(be, cd)))
      const p = f64x2.add(a, f64x2.add(f64x2.mul(be, c1), f64x2.mul(cd, c2)))
      const q = f64x2.add(a, f64x2.add(f64x2.mul(be, c2), f64x2.mul(cd, c1)))
      const u = Transform.turned(f64x2.add(f64x2.mul(bLessE, s1), f64x2.mul(cLessD, s2)))
      const v = Transform.turned(f64x2.sub(f64x2.mul(bLessE, s2), f64x2.mul(cLessD, s1)))
      v128.store(y + row, Transform.times(f64x2.add(p, u), roots))
      v128.store(y + 2 * row, Transform.times(f64x2.add(q, v), roots + step))
      v128.store(y + 3 * row, Transform.times(f64x2.sub(q, v), roots + 2 * step))
      v128.store(y + 4 * row, Transform.times(f64x2.sub(p, u), roots + 3 * step))
      y += 16
    }
    y += 4 * row
    roots += turn
  }
}
