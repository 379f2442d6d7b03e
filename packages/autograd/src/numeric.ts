// Gradients by finite differences: slow, simple, and the judge of the others.
import { Generator, type Tensor, tensor, tidy, uniform } from '@x/tensor'
import { show } from '@x/tensor/op'
import { vjp } from './grad.ts'

export interface NumericOptions {
  /** Step of the central difference. Default 1e-6, for float64. */
  eps?: number
}

/**
 * The gradient of fn(x) · dy by central differences, one element at a time.
 * @param x float64, or the differences drown in rounding
 */
export function numericGradient(
  fn: (x: Tensor) => Tensor,
  x: Tensor,
  dy: Tensor,
  { eps = 1e-6 }: NumericOptions = {},
): Tensor {
  const values = Float64Array.from(x.data())
  const weights = dy.data()
  const at = (i: number, shift: number): Float64Array =>
    tidy(() => {
      const moved = values.slice()
      moved[i] += shift
      return Float64Array.from(fn(tensor(moved, { shape: x.shape, dtype: x.dtype })).data())
    })
  const slopes = values.map((_, i) => {
    const [up, down] = [at(i, eps), at(i, -eps)]
    return up.reduce((sum, u, k) => sum + ((u - down[k]) / (2 * eps)) * weights[k], 0)
  })
  return tensor(slopes, { shape: x.shape, dtype: x.dtype })
}

export interface GradcheckOptions extends NumericOptions {
  /** Relative tolerance. Default 1e-5. */
  rtol?: number
  /** Absolute tolerance. Default 1e-7. */
  atol?: number
  /** Also check the gradient of the gradient. Default false. */
  second?: boolean
}

/**
 * Compares the gradients of `fn` with finite differences for random weights on its outputs.
 * @param inputs float64 tensors
 * @throws Error naming the input, the element and both values when they differ
 * @example
 * import { tensor } from '@x/tensor'
 * import { gradcheck } from '@x/autograd'
 * gradcheck((x) => x.tanh(), [tensor([0.5, -1], { dtype: 'float64' })])
 */
export function gradcheck(
  fn: (...inputs: Tensor[]) => Tensor,
  inputs: readonly Tensor[],
  options: GradcheckOptions = {},
): void {
  for (const x of inputs) {
    if (x.dtype !== 'float64') throw new TypeError(`gradcheck: an input is ${x.dtype}; finite differences need float64`)
  }
  tidy(() => compare(fn, inputs, options))
  if (options.second) {
    inputs.forEach((_, i) => {
      const gradient = (...xs: Tensor[]): Tensor => {
        const y = fn(...xs)
        return vjp(() => fn(...xs), xs, weightsFor(y)).grads[i] as Tensor
      }
      tidy(() => compare(gradient, inputs, options))
    })
  }
}

function weightsFor(y: Tensor): Tensor {
  return uniform(y.shape, { low: 0.5, high: 1.5, dtype: 'float64', generator: new Generator(7) })
}

function compare(
  fn: (...inputs: Tensor[]) => Tensor,
  inputs: readonly Tensor[],
  { eps, rtol = 1e-5, atol = 1e-7 }: GradcheckOptions,
): void {
  const weights = weightsFor(fn(...inputs))
  const { grads } = vjp(() => fn(...inputs), inputs as Tensor[], weights)
  inputs.forEach((x, i) => {
    const of = (moved: Tensor): Tensor => fn(...inputs.map((t, k) => (k === i ? moved : t)))
    const want = numericGradient(of, x, weights, { eps }).data()
    const got = (grads[i] as Tensor).data()
    for (let k = 0; k < want.length; k++) {
      if (!(Math.abs(got[k] - want[k]) <= atol + rtol * Math.abs(want[k]))) {
        throw new Error(
          `gradcheck: input ${i} ${show(x.shape)}, element ${k}: gradient ${got[k]}, finite difference ${want[k]}`,
        )
      }
    }
  })
}
