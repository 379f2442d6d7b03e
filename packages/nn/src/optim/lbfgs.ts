// L-BFGS: steps along the gradient times an inverse Hessian that is estimated from the last steps.
import { concat, ShapeError, slice, type Tensor, tensor, tidy, zeros } from '@x/tensor'
import { assign, checkOptions, elements, sameShape, show, sizeOf } from '@x/tensor/op'
import type { StateDict } from '../module.ts'
import { oneOf } from '../options.ts'
import { kept, mustFit, ParameterOptimizer, type ParametersToTrain } from './optimizer.ts'
import { number, type SettingsSpec, whole } from './settings.ts'
import { type LinePoint, strongWolfe } from './strongWolfe.ts'

/** Options of `LBFGS`. */
export interface LBFGSOptions {
  /** Factor of the step, ≥ 0. Default 1. */
  lr?: number
  /** Most iterations of one `step`, ≥ 1. Default 20. */
  maxIter?: number
  /** Most evaluations of one `step`, ≥ 1. Default 1.25 · maxIter. */
  maxEval?: number
  /** Stops where no element of the gradient is larger, ≥ 0. Default 1e-7. */
  toleranceGrad?: number
  /** Stops where loss and parameters change less, ≥ 0. Default 1e-9. */
  toleranceChange?: number
  /** How many steps the estimate remembers, ≥ 1. It takes twice the memory of the parameters for each. Default 100. */
  historySize?: number
  /** How the length of a step is found; null takes `lr` as it is. Default null. */
  lineSearchFn?: 'strong_wolfe' | null
}

type LBFGSSettings = Required<Omit<LBFGSOptions, 'lineSearchFn'>>

const spec: SettingsSpec<LBFGSSettings> = {
  name: 'LBFGS',
  settings: {
    lr: number(1),
    maxIter: whole(20, 1),
    maxEval: whole(25, 1),
    toleranceGrad: number(1e-7),
    toleranceChange: number(1e-9),
    historySize: whole(100, 1),
  },
}

/** Loss and gradients at the present parameters: what `valueAndGrad` returns. */
export type LossClosure = () => { readonly value: Tensor; readonly grads: readonly (Tensor | null)[] }

/** A loss with the gradient of all parameters, one behind the other. */
interface Evaluated {
  readonly loss: number
  readonly gradient: Tensor
}

/** What is remembered from step to step besides vectors. */
interface Progress {
  iterations: number
  evaluations: number
  /** Length of the last step, in directions. */
  t: number
  /** Scale of the first estimate of the inverse Hessian. */
  scale: number
}

/**
 * Limited-memory BFGS. `step` takes a function that computes loss and gradients, and calls it many times. It decides on
 * numbers that it reads, so it cannot be part of a compiled function; what is handed in may be one.
 * All parameters are one group of one dtype.
 * Source: Liu and Nocedal 1989, with the two loops of Nocedal and Wright 2006, algorithm 7.4, in the form of
 * torch.optim.LBFGS.
 * @throws RangeError for settings out of range, or more than one group
 * @example
 * import { tensor } from '@x/tensor'
 * import { valueAndGrad } from '@x/autograd'
 * import { LBFGS } from '@x/nn'
 * const w = tensor([3, -2])
 * const lbfgs = new LBFGS([w], { lineSearchFn: 'strong_wolfe' })
 * lbfgs.step(() => valueAndGrad(() => w.sub(1).square().sum(), [w])) // 13, the loss before; w is now [1, 1]
 */
export class LBFGS extends ParameterOptimizer<LBFGSSettings> {
  private readonly lineSearchFn: 'strong_wolfe' | null
  /** float64, the numbers of Progress in their order. */
  private readonly progress: Tensor
  private readonly direction: Tensor
  /** The gradient before the last step. */
  private readonly before: Tensor
  /** The last steps s and changes of the gradient y, oldest first. */
  private readonly s: Tensor[] = []
  private readonly y: Tensor[] = []

  constructor(parameters: ParametersToTrain<LBFGSSettings>, options: LBFGSOptions = {}) {
    checkOptions('LBFGS', options, [...Object.keys(spec.settings), 'lineSearchFn'])
    const { lineSearchFn = null, ...rest } = options
    if (lineSearchFn !== null) oneOf('LBFGS: lineSearchFn', lineSearchFn, ['strong_wolfe'])
    super(spec, parameters, { ...rest, maxEval: rest.maxEval ?? Math.floor(((rest.maxIter ?? 20) * 5) / 4) })
    const [{ dtype }] = this.parameters
    if (this.groups.length > 1 || this.parameters.some((p) => p.dtype !== dtype)) {
      this.hyper.dispose()
      throw new RangeError('LBFGS: all parameters must be one group of one dtype')
    }
    const size = this.parameters.reduce((n, p) => n + p.size, 0)
    this.lineSearchFn = lineSearchFn
    this.progress = kept(() => tensor(Float64Array.of(0, 0, 0, 1)))
    this.direction = kept(() => zeros([size], { dtype }))
    this.before = kept(() => zeros([size], { dtype }))
  }

  /**
   * Moves the parameters by up to `maxIter` iterations.
   * @param closure computes loss and gradients at the present parameters, as `() => valueAndGrad(loss, parameters)`
   * @returns the loss before
   * @throws ShapeError when a gradient does not fit
   */
  step(closure: LossClosure): number {
    return tidy(() => this.iterate(closure))
  }

  override stateDict(): StateDict {
    const dict: StateDict = { hyper: this.hyper, progress: this.progress }
    Object.assign(dict, { direction: this.direction, before: this.before })
    this.s.forEach((s, i) => {
      dict[`s.${i}`] = s
      dict[`y.${i}`] = this.y[i]
    })
    return dict
  }

  override loadStateDict(values: Readonly<StateDict>): void {
    const { shape, dtype } = this.direction
    const count = Object.keys(values).filter((name) => name.startsWith('s.')).length
    const shapes = { hyper: this.hyper.shape, progress: this.progress.shape, direction: shape, before: shape }
    const pairs = Array.from({ length: count }, (_, i) => ({ [`s.${i}`]: shape, [`y.${i}`]: shape }))
    mustFit(values, Object.assign(shapes, ...pairs))
    for (const list of [this.s, this.y]) {
      while (list.length > count) list.pop()?.dispose()
      while (list.length < count) list.push(kept(() => zeros(shape, { dtype })))
    }
    super.loadStateDict(values)
  }

  private iterate(closure: LossClosure): number {
    const { maxIter, maxEval, toleranceGrad, toleranceChange, lr } = this.settingsOf(0)
    const round = this.direction.dtype === 'float32' ? Math.fround : (x: number) => x
    const progress = this.read()
    const start = this.evaluate(closure)
    progress.evaluations++
    this.write(progress)
    if (largest(start.gradient) <= toleranceGrad) return start.loss

    let { loss, gradient } = start
    for (let iteration = 1, evaluations = 1; ; iteration++) {
      progress.iterations++
      const d = tidy(() => this.newDirection(gradient, progress))
      assign(this.direction, d)
      assign(this.before, gradient)
      const lossBefore = loss
      const first = progress.iterations === 1 ? Math.min(1, 1 / tidy(() => gradient.abs().sum().item())) * lr : lr
      progress.t = first
      const slope = dot(gradient, d)
      if (slope > -toleranceChange) break

      const from = this.parameters.map((p) => p.copy())
      let taken = 0
      if (this.lineSearchFn !== null) {
        const evaluate = (t: number): LinePoint => {
          this.move(from, d, t)
          const { loss, gradient } = this.evaluate(closure)
          return { t, loss, gradient, slope: dot(gradient, d) }
        }
        const options = { first, largest: largest(d), toleranceChange, round }
        const found = strongWolfe(evaluate, { t: 0, loss, slope, gradient }, options)
        taken = found.evaluations
        progress.t = found.point.t
        this.move(from, d, progress.t)
        const { point } = found
        if (point.gradient !== gradient) gradient.dispose()
        ;({ loss, gradient } = point)
      } else {
        this.move(from, d, first)
        if (iteration < maxIter) {
          gradient.dispose()
          ;({ loss, gradient } = this.evaluate(closure))
          taken = 1
        }
      }
      for (const x of from) x.dispose()
      evaluations += taken
      progress.evaluations += taken

      if (iteration >= maxIter || evaluations >= maxEval) break
      if (largest(gradient) <= toleranceGrad) break
      if (largest(d) * Math.abs(progress.t) <= toleranceChange) break
      d.dispose()
      if (Math.abs(loss - lossBefore) < toleranceChange) break
    }
    this.write(progress)
    return start.loss
  }

  /** −H·g with the estimate H of the inverse Hessian, after the last step has entered it. */
  private newDirection(gradient: Tensor, progress: Progress): Tensor {
    if (progress.iterations === 1) return gradient.neg()
    const y = gradient.sub(this.before)
    const s = this.direction.mul(progress.t)
    const ys = dot(y, s)
    if (ys > 1e-10) {
      this.remember(s, y)
      progress.scale = ys / dot(y, y)
    }
    const rho = this.s.map((s, i) => 1 / dot(this.y[i], s))
    const alpha: number[] = []
    let q = gradient.neg()
    for (let i = this.s.length - 1; i >= 0; i--) {
      alpha[i] = dot(this.s[i], q) * rho[i]
      q = along(q, this.y[i], -alpha[i])
    }
    let r = q.mul(progress.scale)
    for (let i = 0; i < this.s.length; i++) r = along(r, this.s[i], alpha[i] - dot(this.y[i], r) * rho[i])
    return r
  }

  /** Takes a pair into the history, in the place of the oldest when that is full. */
  private remember(s: Tensor, y: Tensor): void {
    const { historySize } = this.settingsOf(0)
    for (const [list, x] of [
      [this.s, s],
      [this.y, y],
    ] as const) {
      while (list.length > historySize) list.shift()?.dispose()
      const place =
        list.length === historySize ? (list.shift() as Tensor) : kept(() => zeros(x.shape, { dtype: x.dtype }))
      assign(place, x)
      list.push(place)
    }
  }

  /** Parameters ← from + t·d. */
  private move(from: readonly Tensor[], d: Tensor, t: number): void {
    tidy(() => {
      let at = 0
      this.parameters.forEach((p, i) => {
        const part = d.at(slice(at, at + p.size)).reshape(p.shape)
        assign(p, along(from[i], part, t))
        at += p.size
      })
    })
  }

  private evaluate(closure: LossClosure): Evaluated {
    return tidy(() => {
      const { value, grads } = closure()
      if (grads.length !== this.parameters.length)
        throw new ShapeError(`LBFGS: ${grads.length} gradients for ${this.parameters.length} parameters`)
      const parts = this.parameters.map((p, i) => {
        const g = grads[i] ?? zeros(p.shape, { dtype: p.dtype })
        if (!sameShape(g.shape, p.shape))
          throw new ShapeError(`LBFGS: gradient ${i} is ${show(g.shape)}, its parameter ${show(p.shape)}`)
        return g.cast(p.dtype).reshape([sizeOf(p.shape)])
      })
      return { loss: value.item(), gradient: concat(parts).copy() }
    })
  }

  private read(): Progress {
    const { view, start } = elements(this.progress)
    const [iterations, evaluations, t, scale] = view.subarray(start, start + 4)
    return { iterations, evaluations, t, scale }
  }

  private write({ iterations, evaluations, t, scale }: Progress): void {
    const { view, start } = elements(this.progress)
    view.set([iterations, evaluations, t, scale], start)
  }
}

const dot = (a: Tensor, b: Tensor): number => tidy(() => a.matmul(b).item())

const largest = (x: Tensor): number => tidy(() => x.abs().max().item())

/** x + t·d */
const along = (x: Tensor, d: Tensor, t: number): Tensor => tidy(() => x.add(d.mul(t)))
