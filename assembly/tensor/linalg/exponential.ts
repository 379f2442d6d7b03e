// e^A in float64: Padé's approximant of degree 13 at A / 2^s, squared s times
// (N. Higham 2005, "The scaling and squaring method for the matrix exponential revisited").

import { Address } from '../../lib/address'
import { Lu } from './lu'
import { Reflect } from './reflect'
import { Triangular } from './triangular'
import { Update } from './update'

/** Norm up to which the approximant is good to rounding. */
const REACH: f64 = 5.371920351148152

export class Exponential {
  /** a [n, n] and five matrices of `work` are overwritten; y [n, n]. A matrix that is not finite gives NaN. */
  static of(a: usize, y: usize, work: usize, n: i32, scratch: usize): void {
    const size = n * n
    const bytes = Address.bytes<f64>(size)
    const a2 = work
    const a4 = a2 + bytes
    const a6 = a4 + bytes
    const u = a6 + bytes
    const v = u + bytes
    const norm = largestColumn(a, n)
    if (!(norm < Infinity)) {
      for (let i = 0; i < size; i++) store<f64>(Address.of<f64>(y, i), NaN)
      return
    }
    let squarings = 0
    for (let left = norm; left > REACH; left /= 2) squarings++
    for (let left = squarings; left > 0; left -= 1000) Reflect.scale(a, pow2(-min(left, 1000)), size)
    product(a2, a, a, n, scratch)
    product(a4, a2, a2, n, scratch)
    product(a6, a4, a2, n, scratch)

    combine(v, a2, a4, a6, n, 0, 40840800, 16380, 1)
    product(y, a6, v, n, scratch)
    add(y, a2, a4, a6, n, 32382376266240000, 1187353796428800, 10559470521600, 33522128640)
    product(u, a, y, n, scratch)
    combine(y, a2, a4, a6, n, 0, 1323241920, 960960, 182)
    product(v, a6, y, n, scratch)
    add(v, a2, a4, a6, n, 64764752532480000, 7771770303897600, 129060195264000, 670442572800)

    // (V − U) X = V + U
    memory.copy(y, v, bytes)
    Reflect.add(y, u, 1, size)
    Reflect.add(v, u, -1, size)
    Lu.factor<f64>(v, a, a2, n, n, scratch)
    for (let i = 0; i < n; i++) {
      const from = Address.of<f64>(y, load<i32>(Address.of<i32>(a, i)) * n)
      memory.copy(Address.of<f64>(u, i * n), from, Address.bytes<f64>(n))
    }
    const row = Address.bytes<f64>(n)
    Triangular.solve<f64>(v, row, 8, u, row, n, n, false, true, scratch)
    Triangular.solve<f64>(v, row, 8, u, row, n, n, true, false, scratch)
    let from = u
    let to = a2
    for (; squarings > 0; squarings--) {
      product(to, from, from, n, scratch)
      const other = from
      from = to
      to = other
    }
    memory.copy(y, from, bytes)
  }
}

function pow2(exponent: i32): f64 {
  return reinterpret<f64>((<u64>(1023 + exponent)) << 52)
}

/** The largest sum of magnitudes in a column; not finite where the matrix is not. */
function largestColumn(a: usize, n: i32): f64 {
  let most: f64 = 0
  for (let j = 0; j < n; j++) {
    let sum: f64 = 0
    for (let i = 0; i < n; i++) sum += abs(load<f64>(Address.of<f64>(a, i * n + j)))
    if (!(sum <= most)) most = sum
    if (!(most >= 0)) return most
  }
  return most
}

/** c = a · b. */
function product(c: usize, a: usize, b: usize, n: i32, scratch: usize): void {
  const row = Address.bytes<f64>(n)
  memory.fill(c, 0, Address.bytes<f64>(n * n))
  Update.minus<f64>(c, row, a, row, 8, b, row, n, n, n, scratch)
  for (const stop = Address.of<f64>(c, n * n); c < stop; c += 8) store<f64>(c, 0 - load<f64>(c))
}

/** y = c₀ + c₂ a2 + c₄ a4 + c₆ a6. */
function combine(y: usize, a2: usize, a4: usize, a6: usize, n: i32, c0: f64, c2: f64, c4: f64, c6: f64): void {
  memory.fill(y, 0, Address.bytes<f64>(n * n))
  add(y, a2, a4, a6, n, c0, c2, c4, c6)
}

function add(y: usize, a2: usize, a4: usize, a6: usize, n: i32, c0: f64, c2: f64, c4: f64, c6: f64): void {
  const size = n * n
  Reflect.add(y, a2, c2, size)
  Reflect.add(y, a4, c4, size)
  Reflect.add(y, a6, c6, size)
  for (let i = 0; i < n; i++) {
    const at = Address.of<f64>(y, i * n + i)
    store<f64>(at, load<f64>(at) + c0)
  }
}
