// Whether two columns computed the same.
import type { Numbers } from './engine.ts'
import type { Workload } from './workload.ts'

const TOLERANCE = 2e-5

/** What is wrong with the results, or null. */
export function differenceOf(
  found: readonly Numbers[],
  expected: readonly Numbers[],
  { tolerance = TOLERANCE, random }: Workload,
): string | null {
  if (found.length !== expected.length) return `${found.length} results for ${expected.length}`
  for (let k = 0; k < expected.length; k++) {
    const [a, b] = [found[k], expected[k]]
    if (a.length !== b.length) return `${a.length} numbers for ${b.length}`
    const wrong = random ? distributionDiffers(a, b) : valuesDiffer(a, b, tolerance)
    if (wrong) return expected.length > 1 ? `result ${k}: ${wrong}` : wrong
  }
  return null
}

function valuesDiffer(a: Numbers, b: Numbers, tolerance: number): string | null {
  let scale = 1e-30
  for (let i = 0; i < b.length; i++) if (Number.isFinite(b[i])) scale = Math.max(scale, Math.abs(b[i]))
  for (let i = 0; i < b.length; i++) {
    if (Object.is(a[i], b[i]) || a[i] === b[i]) continue
    // Written so that NaN fails.
    if (!(Math.abs(a[i] - b[i]) <= tolerance * scale))
      return `${a[i]} for ${b[i]} at ${i} (scale ${scale.toPrecision(3)})`
  }
  return null
}

function distributionDiffers(a: Numbers, b: Numbers): string | null {
  if (a.length < 1000) return null
  const [p, q] = [moments(a), moments(b)]
  const isNear = (x: number, y: number): boolean => Math.abs(x - y) <= 0.05 * Math.max(q.deviation, 1e-30)
  return isNear(p.mean, q.mean) && isNear(p.deviation, q.deviation)
    ? null
    : `mean ${p.mean}, deviation ${p.deviation} for ${q.mean}, ${q.deviation}`
}

function moments(x: Numbers): { mean: number; deviation: number } {
  let [sum, squares] = [0, 0]
  for (let i = 0; i < x.length; i++) {
    sum += x[i]
    squares += x[i] * x[i]
  }
  const mean = sum / x.length
  return { mean, deviation: Math.sqrt(Math.max(0, squares / x.length - mean * mean)) }
}
