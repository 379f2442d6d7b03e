// A line search for the strong Wolfe conditions: bracket, then zoom with cubic interpolation.
import type { Tensor } from '@x/tensor'

/** The function on the line x + t·d. */
export interface LinePoint {
  readonly t: number
  readonly loss: number
  /** Derivative along the line, g·d. */
  readonly slope: number
  /** Gradient, flat. */
  readonly gradient: Tensor
}

export interface LineSearchOptions {
  /** The first t to try. */
  readonly first: number
  /** Largest |dᵢ|. */
  readonly largest: number
  /** Stops where the bracket times `largest` is smaller than this. */
  readonly toleranceChange: number
  /** Rounds to the precision of the loss: what it cannot tell from the loss at 0 counts as no higher. */
  readonly round: (x: number) => number
}

const DECREASE = 1e-4
const CURVATURE = 0.9
const MOST_EVALUATIONS = 25

/**
 * A point with loss(t) ≤ loss(0) + 1e-4·t·slope(0) and |slope(t)| ≤ 0.9·|slope(0)|, or after 25 evaluations the best so
 * far; and how many evaluations it took. Gradients of points that are passed over are freed.
 * Source: Nocedal and Wright 2006, Numerical Optimization, algorithms 3.5 and 3.6; constants and safeguards are those of
 * torch.optim.LBFGS, which follow lswolfe.lua.
 * @param start the point t = 0
 */
export function strongWolfe(
  evaluate: (t: number) => LinePoint,
  start: LinePoint,
  { first, largest, toleranceChange, round }: LineSearchOptions,
): { point: LinePoint; evaluations: number } {
  const isTooHigh = ({ t, loss }: LinePoint): boolean => loss > round(start.loss + DECREASE * t * start.slope)
  const isFlat = ({ slope }: LinePoint): boolean => Math.abs(slope) <= -CURVATURE * start.slope
  let alive: LinePoint[] = []
  const keepOnly = (...points: LinePoint[]): void => {
    for (const p of alive) if (p !== start && !points.includes(p)) p.gradient.dispose()
    alive = points
  }

  let [before, now] = [start, evaluate(first)]
  let bracket: [LinePoint, LinePoint] | null = null
  let tries = 0
  for (; tries < MOST_EVALUATIONS; tries++) {
    keepOnly(before, now)
    if (isTooHigh(now) || (tries > 1 && now.loss >= before.loss)) bracket = [before, now]
    else if (isFlat(now)) {
      keepOnly(now)
      return { point: now, evaluations: tries + 1 }
    } else if (now.slope >= 0) bracket = [before, now]
    if (bracket) break
    const bounds = [now.t + 0.01 * (now.t - before.t), now.t * 10] as const
    const t: number = cubicMinimum(before, now, bounds)
    ;[before, now] = [now, evaluate(t)]
  }
  bracket ??= [start, now]

  let evaluations = tries + 1
  let isStuck = false
  let [low, high] = bracket[0].loss <= bracket[1].loss ? [0, 1] : [1, 0]
  for (; tries < MOST_EVALUATIONS; tries++) {
    const [a, b] = bracket
    const [left, right] = [Math.min(a.t, b.t), Math.max(a.t, b.t)]
    if ((right - left) * largest < toleranceChange) break
    let t = cubicMinimum(a, b)
    // Too near to an end twice, or beyond it: a tenth of the bracket away from it.
    const margin = 0.1 * (right - left)
    const isNear = Math.min(right - t, t - left) < margin
    if (isNear && (isStuck || t >= right || t <= left)) {
      t = Math.abs(t - right) < Math.abs(t - left) ? right - margin : left + margin
      isStuck = false
    } else isStuck = isNear

    const next = evaluate(t)
    alive.push(next)
    evaluations++
    if (isTooHigh(next) || next.loss >= bracket[low].loss) {
      bracket[high] = next
      ;[low, high] = bracket[0].loss <= bracket[1].loss ? [0, 1] : [1, 0]
    } else {
      const isDone = isFlat(next)
      if (!isDone && next.slope * (bracket[high].t - bracket[low].t) >= 0) bracket[high] = bracket[low]
      bracket[low] = next
      if (isDone) break
    }
    keepOnly(...bracket)
  }
  const point = bracket[low]
  keepOnly(point)
  return { point, evaluations }
}

/** Where the cubic through two points with their slopes is least, within bounds (default: between the points). */
function cubicMinimum(a: LinePoint, b: LinePoint, bounds?: readonly [number, number]): number {
  const [low, high] = bounds ?? (a.t <= b.t ? [a.t, b.t] : [b.t, a.t])
  const d1 = a.slope + b.slope - (3 * (a.loss - b.loss)) / (a.t - b.t)
  const square = d1 * d1 - a.slope * b.slope
  if (!(square >= 0)) return (low + high) / 2
  const d2 = Math.sqrt(square)
  const [near, far] = a.t <= b.t ? [a, b] : [b, a]
  const t = far.t - (far.t - near.t) * ((far.slope + d2 - d1) / (far.slope - near.slope + 2 * d2))
  return Math.min(Math.max(t, low), high)
}
