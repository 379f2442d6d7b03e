// searchsorted_T(sorted, v, y, n, m, right, begin, end): how many of the n ascending numbers of row i / m of
// `sorted` go before v[i] (or, with right, are not above it), NaN being above all others; [begin, end) counts v.

import { Address } from '../lib/address'

class Order {
  @inline static isNaN<T extends number>(x: T): bool {
    return ne<T>(x, x) != 0
  }
}

function searchsorted<T extends number>(
  sorted: usize,
  v: usize,
  y: usize,
  n: i32,
  m: i32,
  right: i32,
  begin: i32,
  end: i32,
): void {
  for (let row = begin / m; begin < end; row++) {
    const first = Address.of<T>(sorted, row * n)
    let numbers = n
    while (numbers > 0 && Order.isNaN<T>(load<T>(Address.of<T>(first, numbers - 1)))) numbers--
    for (const stop = min(end, (row + 1) * m); begin < stop; begin++) {
      const x = load<T>(Address.of<T>(v, begin))
      let low = first
      // Halved without a branch that depends on the numbers: the next search begins before this one ends.
      for (let left = numbers; left > 0; left >>= 1) {
        const half = (left + 1) >> 1
        const s = load<T>(Address.of<T>(low, half - 1))
        const goes = right ? i32(!(x < s)) : i32(s < x)
        low = Address.of<T>(low, half & -goes)
      }
      const count = <i32>(low - first) / sizeof<T>()
      store<i32>(Address.of<i32>(y, begin), Order.isNaN<T>(x) ? (right ? n : numbers) : count)
    }
  }
}

export function searchsorted_f32(
  sorted: usize,
  v: usize,
  y: usize,
  n: i32,
  m: i32,
  right: i32,
  begin: i32,
  end: i32,
): void {
  searchsorted<f32>(sorted, v, y, n, m, right, begin, end)
}
export function searchsorted_f64(
  sorted: usize,
  v: usize,
  y: usize,
  n: i32,
  m: i32,
  right: i32,
  begin: i32,
  end: i32,
): void {
  searchsorted<f64>(sorted, v, y, n, m, right, begin, end)
}
