// P · A = L · U with partial pivoting, in place: L below the diagonal, whose own is 1, and U on and above it.
//
// Columns are halved down to four, and what the left half does to the right is a triangular system and a product
// (S. Toledo 1997, "Locality of reference in LU decomposition with partial pivoting").
// order[i] is the row of A that row i of L · U equals; state holds, for each matrix, the number (from 1) of the first
// pivot that is 0, or 0, and the sign of P.

import { Address } from '../../lib/address'
import { Rows } from './rows'
import { Triangular } from './triangular'
import { Update } from './update'

export class Lu {
  /** A [m, n] and its order. */
  static factor<T extends number>(a: usize, order: usize, state: usize, m: i32, n: i32, scratch: usize): void {
    for (let i = 0; i < m; i++) store<i32>(Address.of<i32>(order, i), i)
    store<i32>(state, 0)
    store<i32>(state, 1, 4)
    const square = min(m, n)
    const row = Address.bytes<T>(n)
    if (square == 0) return
    Lu.columns<T>(a, order, state, m, n, 0, square, scratch)
    if (n > m) {
      Triangular.solve<T>(a, row, sizeof<T>(), Address.of<T>(a, m), row, m, n - m, false, true, scratch)
    }
  }

  /** Columns [first, stop) from row `first` on. */
  static columns<T extends number>(
    a: usize,
    order: usize,
    state: usize,
    m: i32,
    n: i32,
    first: i32,
    stop: i32,
    scratch: usize,
  ): void {
    if (stop - first <= 4) {
      few<T>(a, order, state, m, n, first, stop)
      return
    }
    const row = Address.bytes<T>(n)
    const middle = first + (((stop - first + 4) >> 3) << 2)
    const corner = Address.of<T>(a, first * n + first)
    const right = Address.of<T>(a, first * n + middle)
    const left = Address.of<T>(a, middle * n + first)
    const rest = Address.of<T>(a, middle * n + middle)
    const width = middle - first
    Lu.columns<T>(a, order, state, m, n, first, middle, scratch)
    Triangular.solve<T>(corner, row, sizeof<T>(), right, row, width, stop - middle, false, true, scratch)
    Update.minus<T>(rest, row, left, row, sizeof<T>(), right, row, m - middle, stop - middle, width, scratch)
    Lu.columns<T>(a, order, state, m, n, middle, stop, scratch)
  }
}

/** Column by column; rows are exchanged over all their length. */
function few<T extends number>(a: usize, order: usize, state: usize, m: i32, n: i32, first: i32, stop: i32): void {
  const row = Address.bytes<T>(n)
  for (let j = first; j < stop; j++) {
    const top = Address.of<T>(a, j * n + j)
    let best = j
    let most = abs(load<T>(top))
    let p = top
    for (let i = j + 1; i < m; i++) {
      p += row
      const size = abs(load<T>(p))
      if (size > most) {
        most = size
        best = i
      }
    }
    if (most == 0) {
      if (load<i32>(state) == 0) store<i32>(state, j + 1)
      continue
    }
    if (best != j) {
      Rows.swap(Address.of<T>(a, j * n), Address.of<T>(a, best * n), <i32>row)
      const from = Address.of<i32>(order, best)
      const to = Address.of<i32>(order, j)
      const k = load<i32>(from)
      store<i32>(from, load<i32>(to))
      store<i32>(to, k)
      store<i32>(state, -load<i32>(state, 4), 4)
    }
    const pivot = load<T>(top)
    const bytes = Address.bytes<T>(stop - j)
    p = top
    for (let i = j + 1; i < m; i++) {
      p += row
      const l = <T>(load<T>(p) / pivot)
      store<T>(p, l)
      for (let c: usize = sizeof<T>(); c < bytes; c += sizeof<T>())
        store<T>(p + c, <T>(load<T>(p + c) - l * load<T>(top + c)))
    }
  }
}
