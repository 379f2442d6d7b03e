// Twins of assembly/tensor/linalg/qr and exponential.
import { heap } from '../../memory/heap.ts'
import type { Twins } from '../family.ts'
import { add, applyKept, form, make, type Numbers, scale } from './reflect.ts'
import { factor, substitute } from './systems.ts'

function decompose(
  f: Numbers,
  a: number,
  y: number,
  m: number,
  n: number,
  rows: number,
  vectors: boolean,
  tau: number,
): void {
  const made = Math.min(m, n)
  const before = vectors ? m : 0
  const step = before + n
  for (let j = 0; j < made; j++) {
    const v = a + j * m + j
    f[tau + j] = make(f, v, m - j)
    applyKept(f, v, f[tau + j], v + m, m, n - 1 - j, m - j)
  }
  for (let i = 0; i < rows; i++) {
    const q = y + i * step
    for (let j = 0; j < n; j++) f[q + before + j] = j < i ? 0 : f[a + j * m + i]
    if (vectors && i < made) f.copyWithin(q, a + i * m, a + (i + 1) * m)
  }
  if (vectors) form(f, y, step, tau, made, rows, m)
}

/** c = a · b. */
function multiply(f: Numbers, c: number, a: number, b: number, n: number): void {
  f.fill(0, c, c + n * n)
  for (let i = 0; i < n; i++) for (let k = 0; k < n; k++) add(f, c + i * n, b + k * n, f[a + i * n + k], n)
}

const REACH = 5.371920351148152
/** Of Padé's approximant of degree 13, lowest power first. */
const PADE = [
  64764752532480000, 32382376266240000, 7771770303897600, 1187353796428800, 129060195264000, 10559470521600,
  670442572800, 33522128640, 1323241920, 40840800, 960960, 16380, 182, 1,
]

function exponential(f: Numbers, a: number, y: number, work: number, n: number): void {
  const size = n * n
  const [a2, a4, a6, u, v] = [0, 1, 2, 3, 4].map((k) => work + k * size)
  let norm = 0
  for (let j = 0; j < n; j++) {
    let sum = 0
    for (let i = 0; i < n; i++) sum += Math.abs(f[a + i * n + j])
    norm = Math.max(norm, sum)
  }
  if (!(norm < Infinity)) {
    f.fill(Number.NaN, y, y + size)
    return
  }
  let squarings = 0
  for (let left = norm; left > REACH; left /= 2) squarings++
  for (let left = squarings; left > 0; left -= 1000) scale(f, a, 2 ** -Math.min(left, 1000), size)
  multiply(f, a2, a, a, n)
  multiply(f, a4, a2, a2, n)
  multiply(f, a6, a4, a2, n)
  /** to += the powers of A with every second coefficient from `first` on. */
  const combine = (to: number, first: number, constant: number): void => {
    ;[a2, a4, a6].forEach((power, k) => {
      add(f, to, power, PADE[first + 2 * k], size)
    })
    for (let i = 0; i < n; i++) f[to + i * n + i] += constant
  }
  f.fill(0, v, v + size)
  combine(v, 9, 0)
  multiply(f, y, a6, v, n)
  combine(y, 3, PADE[1])
  multiply(f, u, a, y, n)
  f.fill(0, y, y + size)
  combine(y, 8, 0)
  multiply(f, v, a6, y, n)
  combine(v, 2, PADE[0])

  f.copyWithin(y, v, v + size)
  add(f, y, u, 1, size)
  add(f, v, u, -1, size)
  const order = a * 2
  factor(f, v, order, a2 * 2, n, n)
  for (let i = 0; i < n; i++) {
    const from = y + heap.i32[order + i] * n
    f.copyWithin(u + i * n, from, from + n)
  }
  substitute(f, v, n, 1, u, n, n, false, true)
  substitute(f, v, n, 1, u, n, n, true, false)
  let [from, to] = [u, a2]
  for (; squarings > 0; squarings--) {
    multiply(f, to, from, from, n)
    ;[from, to] = [to, from]
  }
  f.copyWithin(y, from, from + size)
}

export const qr: Twins = {
  qr_f64(a, y, m, n, rows, vectors, scratch, begin, end) {
    const size = rows * ((vectors ? m : 0) + n)
    for (let q = begin; q < end; q++) {
      decompose(heap.f64, a / 8 + q * m * n, y / 8 + q * size, m, n, rows, vectors !== 0, scratch / 8)
    }
  },
  matrixExp_f64(a, y, work, n, _scratch, begin, end) {
    for (let q = begin; q < end; q++) {
      const at = q * n * n
      exponential(heap.f64, a / 8 + at, y / 8 + at, work / 8 + 5 * at, n)
    }
  },
}
