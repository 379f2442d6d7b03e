// Reductions of a row that read it twice: op_T(x, y, n, …, begin, end), x [rows, n] → y [rows]; [begin, end) counts rows.
// variance_T(x, y, n, divisor, …): Σ (x − mean)² / divisor, with totals in f64. logsumexp_T: ln Σ eˣ, of which the largest x is
// taken out first; NaN if there is one, −Inf for nothing.

import { Address } from '../lib/address'
import { Table } from '../lib/constants'
import { Fold, Sum } from '../lib/reduce'
import { Row } from '../lib/rows'

function variance<T extends number>(x: usize, y: usize, n: i32, divisor: f64, begin: i32, end: i32): void {
  for (; begin < end; begin++) {
    const p = Address.of<T>(x, begin * n)
    const mean = v128.splat<T>(<T>(Sum.row<T>(p, n) / n))
    store<T>(Address.of<T>(y, begin), <T>(Row.spread<T>(p, n, mean) / divisor))
  }
}

function logsumexp<T extends number>(x: usize, y: usize, n: i32, begin: i32, end: i32): void {
  for (; begin < end; begin++) {
    const p = Address.of<T>(x, begin * n)
    let y_ = <T>-Infinity
    if (n > 0) {
      const top = Fold.top<T>(p, n, Table.zero())
      y_ = v128.extract_lane<T>(top, 0)
      // Infinite or NaN: the sum could not tell more.
      if (<T>(y_ - y_) == 0) y_ = <T>(y_ + Row.logSumExp<T>(p, n, top))
    }
    store<T>(Address.of<T>(y, begin), y_)
  }
}

export function variance_f32(x: usize, y: usize, n: i32, divisor: f64, begin: i32, end: i32): void {
  variance<f32>(x, y, n, divisor, begin, end)
}
export function variance_f64(x: usize, y: usize, n: i32, divisor: f64, begin: i32, end: i32): void {
  variance<f64>(x, y, n, divisor, begin, end)
}
export function logsumexp_f32(x: usize, y: usize, n: i32, begin: i32, end: i32): void {
  logsumexp<f32>(x, y, n, begin, end)
}
export function logsumexp_f64(x: usize, y: usize, n: i32, begin: i32, end: i32): void {
  logsumexp<f64>(x, y, n, begin, end)
}
