// What optimisers share: parameters, settings in memory, and state that can be saved.
import { keep, ShapeError, type Tensor, tensor, zeros } from '@x/tensor'
import { assign, elements, lasting, sameShape, show } from '@x/tensor/op'
import { type StateDict, StateDictError } from '../module.ts'

/**
 * Base of optimisers. Settings live in memory beside the state, so that a compiled step sees a changed learning rate.
 * Gradients are handed in; nothing is hidden in the parameters.
 */
export abstract class Optimizer {
  readonly parameters: readonly Tensor[]
  /** float64 settings and counters, laid out by the subclass; the learning rate comes first. */
  protected readonly hyper: Tensor

  protected constructor(parameters: readonly Tensor[], hyper: readonly number[]) {
    if (parameters.length === 0) throw new RangeError('an optimiser needs at least one parameter')
    for (const p of parameters) {
      if (p.dtype !== 'float32' && p.dtype !== 'float64')
        throw new TypeError(`an optimiser cannot train a ${p.dtype} tensor`)
      if (!p.isContiguous) throw new ShapeError(`an optimiser needs contiguous parameters, not a view ${show(p.shape)}`)
    }
    this.parameters = [...parameters]
    this.hyper = kept(() => tensor(Float64Array.from(hyper)))
  }

  /** The learning rate; may be set at any time. */
  get lr(): number {
    const { view, start } = elements(this.hyper)
    return view[start]
  }
  set lr(value: number) {
    if (!(value >= 0)) throw new RangeError(`lr: ${value} is not a number ≥ 0`)
    const { view, start } = elements(this.hyper)
    view[start] = value
  }

  /** Moves every parameter one step along its gradient, in place. @throws ShapeError when a gradient does not fit */
  abstract step(gradients: readonly Tensor[]): void

  /** State by name: the settings, and one tensor per parameter and kind of moment. */
  abstract stateDict(): StateDict

  /** Copies saved state in. @throws StateDictError when names or shapes differ; nothing is changed then */
  loadStateDict(values: Readonly<StateDict>): void {
    const own = this.stateDict()
    for (const name of Object.keys(own)) {
      if (!(name in values)) throw new StateDictError(`loadStateDict: '${name}' is missing`)
      if (!sameShape(own[name].shape, values[name].shape)) {
        throw new StateDictError(
          `loadStateDict: '${name}' has shape ${show(values[name].shape)}, not ${show(own[name].shape)}`,
        )
      }
    }
    for (const name of Object.keys(own)) assign(own[name], values[name])
  }

  protected check(gradients: readonly Tensor[]): void {
    if (gradients.length !== this.parameters.length) {
      throw new ShapeError(`step: ${gradients.length} gradients for ${this.parameters.length} parameters`)
    }
    gradients.forEach((g, i) => {
      const p = this.parameters[i]
      if (!sameShape(g.shape, p.shape) || g.dtype !== p.dtype) {
        throw new ShapeError(
          `step: gradient ${i} is ${g.dtype} ${show(g.shape)}, its parameter ${p.dtype} ${show(p.shape)}`,
        )
      }
    })
  }
}

/** A tensor that no tidy frees. */
export function kept(make: () => Tensor): Tensor {
  return lasting(() => keep(make()))
}

/** Zeros like each parameter, kept. */
export const moments = (parameters: readonly Tensor[]): Tensor[] =>
  parameters.map((p) => kept(() => zeros(p.shape, { dtype: p.dtype })))

/** Names `kind.0`, `kind.1` … */
export const named = (kind: string, tensors: readonly Tensor[]): StateDict =>
  Object.fromEntries(tensors.map((t, i) => [`${kind}.${i}`, t]))

/** @throws RangeError unless low ≤ value < high */
export function within(name: string, value: number, low: number, high: number = Number.POSITIVE_INFINITY): number {
  if (!(value >= low && value < high)) throw new RangeError(`${name}: ${value} is not in [${low}, ${high})`)
  return value
}
