// searchsorted_T(sorted, v, y, n, m, right, begin, end): how many of the n ascending numbers of row i / m of
// `sorted` go before v[i] (or, with right, are not above it), NaN being above all others; [begin, end) counts v.
// firsts_i32(x, y, n, low, begin, end): y[v − low] is where v stands first among the n numbers x; one unit of work.

import { Address } from '../lib/address'
import { Lanes } from '../lib/lanes'

class Order {
  @inline static isNaN<T extends number>(x: T): bool {
    return ne<T>(x, x) != 0
  }

  /** The numbers `at` bytes behind p, a lane of them for each. */
  @inline static gather<T>(p: usize, at: v128): v128 {
    if (sizeof<T>() == 8)
      return v128.load64_lane(p + i32x4.extract_lane(at, 2), v128.load64_zero(p + i32x4.extract_lane(at, 0)), 1)
    const s = v128.load32_lane(p + i32x4.extract_lane(at, 1), v128.load32_zero(p + i32x4.extract_lane(at, 0)), 1)
    return v128.load32_lane(p + i32x4.extract_lane(at, 3), v128.load32_lane(p + i32x4.extract_lane(at, 2), s, 2), 3)
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
    const more = right ? n - numbers : 0
    const stop = min(end, (row + 1) * m)
    // Halved without a branch that depends on the numbers; all are taken to go before NaN.
    for (; stop - begin >= Lanes.count<T>(); begin += Lanes.count<T>()) {
      const x = v128.load(Address.of<T>(v, begin))
      let low = i32x4.splat(0)
      for (let left = numbers; left > 0; ) {
        const half = left >> 1
        const step = (left - half) << alignof<T>()
        const s = Order.gather<T>(first + step - sizeof<T>(), low)
        low = i32x4.add(low, v128.andnot(i32x4.splat(step), right ? v128.lt<T>(x, s) : v128.le<T>(x, s)))
        left = half
      }
      low = i32x4.add(i32x4.shr_u(low, alignof<T>()), v128.and(i32x4.splat(more), v128.ne<T>(x, x)))
      if (sizeof<T>() == 4) v128.store(Address.of<i32>(y, begin), low)
      else v128.store64_lane(Address.of<i32>(y, begin), v128.shuffle<i32>(low, low, 0, 2, 0, 2), 0)
    }
    for (; begin < stop; begin++) {
      const x = load<T>(Address.of<T>(v, begin))
      let low = first
      for (let left = numbers; left > 0; ) {
        const half = left >> 1
        const next = Address.of<T>(low, left - half)
        const s = load<T>(next - sizeof<T>())
        low = select(low, next, right ? x < s : x <= s)
        left = half
      }
      const count = <i32>(low - first) / sizeof<T>()
      store<i32>(Address.of<i32>(y, begin), Order.isNaN<T>(x) ? count + more : count)
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

export function firsts_i32(x: usize, y: usize, n: i32, low: i32, begin: i32, end: i32): void {
  if (begin < end) while (n-- > 0) store<i32>(Address.of<i32>(y, load<i32>(Address.of<i32>(x, n)) - low), n)
}
