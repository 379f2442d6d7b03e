// A = Q R in float64, by reflections.
//
// A is [m, n] and comes as its columns: a [n, m], which is overwritten. Row i of y is column i of Q (m numbers; none without
// `vectors`), then row i of R (n numbers). There are `rows` of them: min(m, n), or m for all of Q.

import { Address } from '../../lib/address'
import { Reflect } from './reflect'

export class Qr {
  static factor(a: usize, y: usize, m: i32, n: i32, rows: i32, vectors: bool, tau: usize): void {
    const made = min(m, n)
    const column = Address.bytes<f64>(m)
    const before = vectors ? m : 0
    const step = Address.bytes<f64>(before + n)
    for (let j = 0; j < made; j++) {
      const v = Address.of<f64>(a + <usize>j * column, j)
      const t = Reflect.make(v, m - j)
      store<f64>(Address.of<f64>(tau, j), t)
      Reflect.applyKept(v, t, v + column, column, n - 1 - j, m - j)
    }
    for (let i = 0; i < rows; i++) {
      const q = y + <usize>i * step
      const r = Address.of<f64>(q, before)
      for (let j = 0; j < n; j++) {
        const value = j < i ? 0 : load<f64>(Address.of<f64>(a + <usize>j * column, i))
        store<f64>(Address.of<f64>(r, j), value)
      }
      if (vectors && i < made) memory.copy(q, a + <usize>i * column, column)
    }
    if (vectors) Reflect.form(y, step, tau, made, rows, m)
  }
}
