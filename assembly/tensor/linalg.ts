// Factorisations of matrices and what is computed with them. [begin, end) are matrices of a batch.

import { Address } from '../lib/address'
import { Cholesky } from './linalg/cholesky'
import { Distance } from './linalg/distance'
import { Eig } from './linalg/eig'
import { Eigh } from './linalg/eigh'
import { Exponential } from './linalg/exponential'
import { Lu } from './linalg/lu'
import { Qr } from './linalg/qr'
import { Svd } from './linalg/svd'
import { Triangular } from './linalg/triangular'

class Batch {
  @inline static lu<T extends number>(
    a: usize,
    order: usize,
    state: usize,
    m: i32,
    n: i32,
    scratch: usize,
    begin: i32,
    end: i32,
  ): void {
    for (; begin < end; begin++) {
      const rows = Address.of<i32>(order, begin * m)
      Lu.factor<T>(Address.of<T>(a, begin * m * n), rows, Address.of<i32>(state, begin << 1), m, n, scratch)
    }
  }

  @inline static cholesky<T extends number>(
    a: usize,
    state: usize,
    n: i32,
    scratch: usize,
    begin: i32,
    end: i32,
  ): void {
    for (; begin < end; begin++) {
      const matrix = Address.of<T>(a, begin * n * n)
      store<i32>(Address.of<i32>(state, begin), Cholesky.factor<T>(matrix, Address.bytes<T>(n), n, scratch))
      for (let i = 1; i < n; i++) memory.fill(Address.of<T>(matrix, i * n), 0, Address.bytes<T>(i))
    }
  }

  /** x = A⁻¹ b from P A = L U, or with `transposed` A⁻ᵀ b, which overwrites b; without b, that of the identity. */
  @inline static luSolve<T extends number>(
    lu: usize,
    order: usize,
    b: usize,
    x: usize,
    n: i32,
    columns: i32,
    transposed: i32,
    scratch: usize,
    begin: i32,
    end: i32,
  ): void {
    const size = sizeof<T>()
    const row = Address.bytes<T>(n)
    const length = Address.bytes<T>(columns)
    for (; begin < end; begin++) {
      const t = Address.of<T>(lu, begin * n * n)
      const to = Address.of<T>(x, begin * n * columns)
      const from = b + (to - x)
      if (transposed) {
        Triangular.solve<T>(t, size, row, from, length, n, columns, false, false, scratch)
        Triangular.solve<T>(t, size, row, from, length, n, columns, true, true, scratch)
      }
      for (let i = 0; i < n; i++) {
        const k = load<i32>(Address.of<i32>(order, begin * n + i))
        const p = <usize>(transposed ? k : i) * length
        const q = <usize>(transposed ? i : k) * length
        if (b) memory.copy(to + p, from + q, length)
        else {
          memory.fill(to + p, 0, length)
          store<T>(Address.of<T>(to + p, k), <T>1)
        }
      }
      if (transposed) continue
      Triangular.solve<T>(t, row, size, to, length, n, columns, false, true, scratch)
      Triangular.solve<T>(t, row, size, to, length, n, columns, true, false, scratch)
    }
  }

  @inline static triangular<T extends number>(
    t: usize,
    x: usize,
    n: i32,
    columns: i32,
    upper: i32,
    unit: i32,
    transposed: i32,
    scratch: usize,
    begin: i32,
    end: i32,
  ): void {
    const row = Address.bytes<T>(n)
    for (; begin < end; begin++) {
      Triangular.solve<T>(
        Address.of<T>(t, begin * n * n),
        transposed ? sizeof<T>() : row,
        transposed ? row : sizeof<T>(),
        Address.of<T>(x, begin * n * columns),
        Address.bytes<T>(columns),
        n,
        columns,
        upper != transposed,
        unit != 0,
        scratch,
      )
    }
  }
}

/** See linalg/lu: a [batch, m, n] in place, order [batch, m] and state [batch, 2] of i32. */
export function lu_f32(
  a: usize,
  order: usize,
  state: usize,
  m: i32,
  n: i32,
  scratch: usize,
  begin: i32,
  end: i32,
): void {
  Batch.lu<f32>(a, order, state, m, n, scratch, begin, end)
}
export function lu_f64(
  a: usize,
  order: usize,
  state: usize,
  m: i32,
  n: i32,
  scratch: usize,
  begin: i32,
  end: i32,
): void {
  Batch.lu<f64>(a, order, state, m, n, scratch, begin, end)
}

/** b and x [batch, n, columns]; b is overwritten where `transposed`, and 0 stands for the identity where not. */
export function luSolve_f32(
  lu: usize,
  order: usize,
  b: usize,
  x: usize,
  n: i32,
  columns: i32,
  transposed: i32,
  scratch: usize,
  begin: i32,
  end: i32,
): void {
  Batch.luSolve<f32>(lu, order, b, x, n, columns, transposed, scratch, begin, end)
}
export function luSolve_f64(
  lu: usize,
  order: usize,
  b: usize,
  x: usize,
  n: i32,
  columns: i32,
  transposed: i32,
  scratch: usize,
  begin: i32,
  end: i32,
): void {
  Batch.luSolve<f64>(lu, order, b, x, n, columns, transposed, scratch, begin, end)
}

/** See linalg/cholesky: a [batch, n, n] in place, state [batch] of i32. */
export function cholesky_f32(a: usize, state: usize, n: i32, scratch: usize, begin: i32, end: i32): void {
  Batch.cholesky<f32>(a, state, n, scratch, begin, end)
}
export function cholesky_f64(a: usize, state: usize, n: i32, scratch: usize, begin: i32, end: i32): void {
  Batch.cholesky<f64>(a, state, n, scratch, begin, end)
}

/** See linalg/triangular: T [batch, n, n], or its transpose; x [batch, n, columns] in place. */
export function triangular_f32(
  t: usize,
  x: usize,
  n: i32,
  columns: i32,
  upper: i32,
  unit: i32,
  transposed: i32,
  scratch: usize,
  begin: i32,
  end: i32,
): void {
  Batch.triangular<f32>(t, x, n, columns, upper, unit, transposed, scratch, begin, end)
}
export function triangular_f64(
  t: usize,
  x: usize,
  n: i32,
  columns: i32,
  upper: i32,
  unit: i32,
  transposed: i32,
  scratch: usize,
  begin: i32,
  end: i32,
): void {
  Batch.triangular<f64>(t, x, n, columns, upper, unit, transposed, scratch, begin, end)
}

/** See linalg/eigh: a [batch, n, n], y [batch, n, 1 + n] or [batch, n, 1], state [batch] of i32. */
export function eigh_f64(
  a: usize,
  y: usize,
  state: usize,
  n: i32,
  vectors: i32,
  scratch: usize,
  begin: i32,
  end: i32,
): void {
  const width = vectors ? n + 1 : 1
  for (; begin < end; begin++) {
    const to = Address.of<f64>(y, begin * n * width)
    const code = Eigh.factor(Address.of<f64>(a, begin * n * n), to, n, vectors != 0, scratch)
    store<i32>(Address.of<i32>(state, begin), code)
  }
}

/** See linalg/svd: a [batch, n, m], y [batch, n or m, m + 1 + n] or [batch, n, 1], state [batch] of i32. */
export function svd_f64(
  a: usize,
  y: usize,
  state: usize,
  m: i32,
  n: i32,
  vectors: i32,
  full: i32,
  scratch: usize,
  begin: i32,
  end: i32,
): void {
  const size = vectors ? (full ? m : n) * (m + 1 + n) : n
  for (; begin < end; begin++) {
    const from = Address.of<f64>(a, begin * m * n)
    const code = Svd.factor(from, Address.of<f64>(y, begin * size), m, n, vectors != 0, full != 0, scratch)
    store<i32>(Address.of<i32>(state, begin), code)
  }
}

/** See linalg/qr: a [batch, n, m], y [batch, rows, m + n] or [batch, rows, n]. */
export function qr_f64(
  a: usize,
  y: usize,
  m: i32,
  n: i32,
  rows: i32,
  vectors: i32,
  scratch: usize,
  begin: i32,
  end: i32,
): void {
  const size = rows * ((vectors ? m : 0) + n)
  for (; begin < end; begin++) {
    Qr.factor(Address.of<f64>(a, begin * m * n), Address.of<f64>(y, begin * size), m, n, rows, vectors != 0, scratch)
  }
}

/** See linalg/eig: a and z [batch, n, n], y [batch, n, 2] or [batch, n + 1, n, 2], state [batch] of i32. */
export function eig_f64(
  a: usize,
  z: usize,
  y: usize,
  state: usize,
  n: i32,
  vectors: i32,
  scratch: usize,
  begin: i32,
  end: i32,
): void {
  const size = (vectors ? n + 1 : 1) * 2 * n
  for (; begin < end; begin++) {
    const at = begin * n * n
    const to = Address.of<f64>(y, begin * size)
    const code = Eig.factor(Address.of<f64>(a, at), Address.of<f64>(z, at), to, n, vectors != 0, scratch)
    store<i32>(Address.of<i32>(state, begin), code)
  }
}

/** See linalg/exponential: a and y [batch, n, n], work [batch, 5, n, n]. */
export function matrixExp_f64(a: usize, y: usize, work: usize, n: i32, scratch: usize, begin: i32, end: i32): void {
  for (; begin < end; begin++) {
    const at = begin * n * n
    Exponential.of(Address.of<f64>(a, at), Address.of<f64>(y, at), Address.of<f64>(work, 5 * at), n, scratch)
  }
}

/** See linalg/distance: a [batch, m, d], b [batch, n, d], y [batch, m, n]; [begin, end) are rows of all y. */
export function cdist_f32(a: usize, b: usize, y: usize, m: i32, n: i32, d: i32, p: i32, begin: i32, end: i32): void {
  Distance.rows<f32>(a, b, y, m, n, d, p, begin, end)
}
export function cdist_f64(a: usize, b: usize, y: usize, m: i32, n: i32, d: i32, p: i32, begin: i32, end: i32): void {
  Distance.rows<f64>(a, b, y, m, n, d, p, begin, end)
}

/** g and dx beside them: g [batch, m, n], dx [batch, m, d]. */
export function cdistGrad_f32(
  a: usize,
  b: usize,
  y: usize,
  g: usize,
  dx: usize,
  m: i32,
  n: i32,
  d: i32,
  p: i32,
  begin: i32,
  end: i32,
): void {
  Distance.gradient<f32>(a, b, y, g, dx, m, n, d, p, begin, end)
}
export function cdistGrad_f64(
  a: usize,
  b: usize,
  y: usize,
  g: usize,
  dx: usize,
  m: i32,
  n: i32,
  d: i32,
  p: i32,
  begin: i32,
  end: i32,
): void {
  Distance.gradient<f64>(a, b, y, g, dx, m, n, d, p, begin, end)
}
