// A = Uᵀ · U of symmetric positive definite matrices, in place: the upper triangle is read and becomes U, below it are zeros.

import { Address } from '../../lib/address'
import { Rows } from './rows'
import { Triangular } from './triangular'
import { Update } from './update'

/** Columns of the trailing matrix that are updated together: little of what lies below the diagonal is computed in vain. */
const STRIPE: i32 = 32

export class Cholesky {
  /** The number (from 1) of the first leading minor that is not positive; 0 if all are. Rows are `row` bytes apart. */
  static factor<T extends number>(a: usize, row: usize, n: i32, scratch: usize): i32 {
    if (n <= 4) return few<T>(a, row, n)
    const half = ((n + 4) >> 3) << 2
    const rest = n - half
    const right = Address.of<T>(a, half)
    const corner = right + <usize>half * row
    let bad = Cholesky.factor<T>(a, row, half, scratch)
    if (bad) return bad
    Triangular.solve<T>(a, sizeof<T>(), row, right, row, half, rest, false, false, scratch)
    for (let j = 0; j < rest; j += STRIPE) {
      const stop = min(rest, j + STRIPE)
      const b = Address.of<T>(right, j)
      Update.minus<T>(Address.of<T>(corner, j), row, right, sizeof<T>(), row, b, row, stop, stop - j, half, scratch)
    }
    bad = Cholesky.factor<T>(corner, row, rest, scratch)
    return bad ? half + bad : 0
  }
}

function few<T extends number>(a: usize, row: usize, n: i32): i32 {
  for (let j = 0; j < n; j++) {
    const top = Address.of<T>(a, j) + <usize>j * row
    const square = load<T>(top)
    if (!(square > 0)) return j + 1
    const pivot = <T>sqrt(square)
    store<T>(top, pivot)
    const right = Address.of<T>(top, 1)
    Rows.divide<T>(right, pivot, (n - j - 1) * sizeof<T>())
    for (let i = 1; i < n - j; i++) {
      const from = Address.of<T>(top, i)
      Rows.minus<T>(from + <usize>i * row, from, load<T>(from), (n - j - i) * sizeof<T>())
    }
  }
  return 0
}
