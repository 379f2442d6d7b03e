// Gradients by finite differences: slow, simple, and the judge of the others.
import { DTypeError, Generator, ShapeError, type Tensor, type TypedArray, tensor, tidy, uniform } from '@x/tensor'
import { checkOptions, requireFunction, requireTensor, show } from '@x/tensor/op'
import { vjp } from './grad.ts'

/** Options of `numericGradient`. */
export interface NumericOptions {
  /** Step of the central difference, in units of x, above 0. Default 1e-6, for float64. */
  eps?: number
}

/**
 * The gradient of Σ fn(x)·dy by central differences, (f(x + eps) − f(x − eps)) / (2 eps) for one element at a time.
 * x [..x] → gradient [..x].
 * @param x float64, or the differences drown in rounding
 * @param dy weights of the shape of fn(x). Default ones
 * @throws ShapeError when dy does not have the shape of fn(x); RangeError for eps
 * @example
 * import { tensor } from '@x/tensor'
 * import { numericGradient } from '@x/autograd'
 * const x = tensor([1, 2], { dtype: 'float64' })
 * numericGradient((x) => x.square(), x).toArray() // about [2, 4]
 */
export function numericGradient(
  fn: (x: Tensor) => Tensor,
  x: Tensor,
  dy: Tensor | null = null,
  options: NumericOptions = {},
): Tensor {
  requireFunction('numericGradient', 'fn', fn)
  requireTensor('numericGradient', 'x', x)
  checkOptions('numericGradient', options, ['eps'])
  const { eps = 1e-6 } = options
  if (!(eps > 0)) throw new RangeError(`numericGradient: eps ${eps} is not above 0`)
  const values = Float64Array.from(x.data())
  const weights = dy?.data()
  const at = (i: number, shift: number): TypedArray =>
    tidy(() => {
      const moved = values.slice()
      moved[i] += shift
      const y = fn(tensor(moved, { shape: x.shape, dtype: x.dtype }))
      if (dy && show(dy.shape) !== show(y.shape)) {
        throw new ShapeError(`numericGradient: dy ${show(dy.shape)} needs the shape of fn(x) ${show(y.shape)}`)
      }
      return y.data()
    })
  const slopes = values.map((_, i) => {
    const [up, down] = [at(i, eps), at(i, -eps)]
    let slope = 0
    for (let k = 0; k < up.length; k++) slope += ((up[k] - down[k]) / (2 * eps)) * (weights ? weights[k] : 1)
    return slope
  })
  return tensor(slopes, { shape: x.shape, dtype: x.dtype })
}

/** Options of `gradcheck`. */
export interface GradcheckOptions extends NumericOptions {
  /** Relative tolerance. Default 1e-5. */
  rtol?: number
  /** Absolute tolerance. Default 1e-7. */
  atol?: number
  /** Also check the gradient of the gradient. Default false. */
  second?: boolean
}

/**
 * Compares the gradients of `fn` with finite differences for random weights on its outputs: for each element,
 * |gradient − difference| ≤ atol + rtol · |difference|.
 * @param inputs float64 tensors, away from kinks
 * @throws Error naming the input, the element and both values when they differ; DTypeError; RangeError for options
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
  requireFunction('gradcheck', 'fn', fn)
  checkOptions('gradcheck', options, ['eps', 'rtol', 'atol', 'second'])
  for (const name of ['rtol', 'atol'] as const) {
    const { [name]: tolerance = 0 } = options
    if (!(tolerance >= 0)) throw new RangeError(`gradcheck: ${name} ${tolerance} is not ≥ 0`)
  }
  if (!Array.isArray(inputs)) throw new TypeError('gradcheck: inputs are a list of tensors')
  for (const [i, x] of inputs.entries()) {
    requireTensor('gradcheck', `input ${i}`, x)
    if (x.dtype !== 'float64')
      throw new DTypeError(`gradcheck: an input is ${x.dtype}; finite differences need float64`)
  }
  tidy(() => compare('gradient', fn, inputs, options))
  if (options.second) {
    inputs.forEach((_, i) => {
      const gradient = (...xs: Tensor[]): Tensor => {
        const y = fn(...xs)
        return vjp(() => fn(...xs), xs, weightsFor(y)).grads[i] as Tensor
      }
      tidy(() => compare('second derivative', gradient, inputs, options))
    })
  }
}

function weightsFor(y: Tensor): Tensor {
  const generator = new Generator(7)
  const weights = uniform(y.shape, { low: 0.5, high: 1.5, dtype: 'float64', generator })
  generator.dispose()
  return weights
}

function compare(
  what: string,
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
          `gradcheck: input ${i} ${show(x.shape)}, element ${k}: ${what} ${got[k]}, finite difference ${want[k]}`,
        )
      }
    }
  })
}
