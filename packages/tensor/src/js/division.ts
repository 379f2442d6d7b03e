// Division with a rest: op_T(a, b, y, inner, aOuter, aInner, bOuter, bInner, begin, end), arguments as in binary.ts.
import { byRows, type RowLoop } from './binary.ts'
import type { Twins } from './family.ts'

function remainder(a: number, b: number): number {
  const r = a % b
  return r !== 0 && r < 0 !== b < 0 ? r + b : r
}

/** The floor of the exact quotient, as Python computes it. */
function floorDivide(a: number, b: number): number {
  if (b === 0) return a / b
  const r = a % b
  const q = (a - r) / b - Number(r !== 0 && r < 0 !== b < 0)
  const floor = Math.floor(q)
  if (q === 0) return Math.sign(a / b) < 0 || Object.is(a / b, -0) ? -0 : 0
  return q - floor > 0.5 ? floor + 1 : floor
}

const loops: Record<string, RowLoop> = {
  fmod(h, a, s, b, t, y, n) {
    for (let i = 0; i < n; i++, a += s, b += t) h[y + i] = h[a] % h[b]
  },
  remainder(h, a, s, b, t, y, n) {
    for (let i = 0; i < n; i++, a += s, b += t) h[y + i] = remainder(h[a], h[b])
  },
  floorDivide(h, a, s, b, t, y, n) {
    for (let i = 0; i < n; i++, a += s, b += t) h[y + i] = floorDivide(h[a], h[b])
  },
}

export const division: Twins = {}
for (const type of ['f32', 'f64'] as const) {
  for (const [name, loop] of Object.entries(loops)) division[`${name}_${type}`] = byRows(type, type, loop)
}
