// Real digits for models that make their own, and how near those come.
import { slice, type Tensor, tensor, tidy } from '@x/tensor'
import { bundledDigits } from '../digits/images.ts'
import type { Shown } from '../scenario.ts'

export const SIDE = 8
export const PIXELS = SIDE * SIDE

/** All digits [n, 64] in [0, 1]. */
export function realDigits(): Tensor {
  const { pixels, labels, ink } = bundledDigits()
  return tensor(
    Float32Array.from(pixels, (v) => v / ink),
    { shape: [labels.length, PIXELS] },
  )
}

/**
 * The mean distance of each x [n, 64] to the nearest real digit, in units of what separates a real digit from its
 * nearest other: about 1 for what looks real, 3 for noise.
 */
export function strangeness(x: Tensor, real: Tensor): number {
  return tidy(() => {
    const some = real.at(slice(0, 300))
    return nearest(x, real, false) / nearest(some, real, true)
  })
}

/** The mean over x of the distance to the nearest y; to the second nearest where x is part of y. */
function nearest(x: Tensor, y: Tensor, isPart: boolean): number {
  const cross = x.matmul(y.mT).mul(-2)
  const squares = cross
    .add(x.square().sum(1, { keepdims: true }))
    .add(y.square().sum(1))
    .relu() // [n, m]
  const [n, m] = squares.shape
  const values = squares.data() as Float32Array
  let sum = 0
  for (let i = 0; i < n; i++) {
    let [first, second] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY]
    for (let j = 0; j < m; j++) {
      const v = values[i * m + j]
      if (v < first) [first, second] = [v, first]
      else if (v < second) second = v
    }
    sum += Math.sqrt(isPart ? second : first)
  }
  return sum / n
}

/** Images [n, 64] to be shown. */
export function digitImages(id: string, title: string, x: Tensor, captions?: readonly string[]): Shown {
  const values = x.data() as Float32Array
  const pixels = Array.from({ length: x.shape[0] }, (_, i) => values.slice(i * PIXELS, (i + 1) * PIXELS))
  return { kind: 'images', id, title, height: SIDE, width: SIDE, pixels, captions }
}
