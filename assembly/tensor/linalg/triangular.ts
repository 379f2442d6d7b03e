// Triangular systems T · X = B, solved in place of B [n, columns]: halves of T in turn, the part between them by products.
//
// T(i, j) lies at t + i·tRow + j·tColumn bytes, so a transposed triangle is one with its steps exchanged. Only the
// triangle is read, and with `unit` not its diagonal, which is 1. A zero on the diagonal gives infinities and NaN.

import { Rows } from './rows'
import { Update } from './update'

export class Triangular {
  static solve<T extends number>(
    t: usize,
    tRow: usize,
    tColumn: usize,
    x: usize,
    xRow: usize,
    n: i32,
    columns: i32,
    upper: bool,
    unit: bool,
    scratch: usize,
  ): void {
    if (n <= 4) {
      few<T>(t, tRow, tColumn, x, xRow, n, columns * <i32>sizeof<T>(), upper, unit)
      return
    }
    const half = ((n + 4) >> 3) << 2
    const rest = n - half
    const second = t + <usize>half * (tRow + tColumn)
    const below = x + <usize>half * xRow
    if (upper) {
      Triangular.solve<T>(second, tRow, tColumn, below, xRow, rest, columns, upper, unit, scratch)
      const corner = t + <usize>half * tColumn
      Update.minus<T>(x, xRow, corner, tRow, tColumn, below, xRow, half, columns, rest, scratch)
      Triangular.solve<T>(t, tRow, tColumn, x, xRow, half, columns, upper, unit, scratch)
    } else {
      Triangular.solve<T>(t, tRow, tColumn, x, xRow, half, columns, upper, unit, scratch)
      const corner = t + <usize>half * tRow
      Update.minus<T>(below, xRow, corner, tRow, tColumn, x, xRow, rest, columns, half, scratch)
      Triangular.solve<T>(second, tRow, tColumn, below, xRow, rest, columns, upper, unit, scratch)
    }
  }
}

/** Row by row. */
function few<T extends number>(
  t: usize,
  tRow: usize,
  tColumn: usize,
  x: usize,
  xRow: usize,
  n: i32,
  bytes: i32,
  upper: bool,
  unit: bool,
): void {
  for (let k = 0; k < n; k++) {
    const i = <usize>(upper ? n - 1 - k : k)
    const row = x + i * xRow
    for (let l = 0; l < k; l++) {
      const j = <usize>(upper ? n - 1 - l : l)
      Rows.minus<T>(row, x + j * xRow, load<T>(t + i * tRow + j * tColumn), bytes)
    }
    if (!unit) Rows.divide<T>(row, load<T>(t + i * (tRow + tColumn)), bytes)
  }
}
