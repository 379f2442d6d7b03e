// What optimisers share: parameters in groups, settings in memory, and state that can be saved.
import { DisposedError, keep, type Shape, ShapeError, Tensor, tensor, tidy, zeros } from '@x/tensor'
import {
  assign,
  elements,
  ITEM_SIZE,
  type KernelFamily,
  lasting,
  pointer,
  run,
  runCheck,
  sameShape,
  show,
  tick,
} from '@x/tensor/op'
import { type StateDict, StateDictError } from '../module.ts'
import type { Gradients } from './clip.ts'
import { Layout, type SettingsSpec, type SettingValue } from './settings.ts'

/** What every optimiser lets be set. */
export interface LearningRate {
  /** The learning rate, ≥ 0. Its default stands with each optimiser. */
  lr: number
}

/** Parameters to train: tensors, or groups of them with settings of their own, as in PyTorch. */
export type ParametersToTrain<S> = readonly Tensor[] | readonly ({ readonly params: readonly Tensor[] } & Partial<S>)[]

/** A group of an optimiser: its parameters, and its settings, which may be changed at any time. */
export type ParameterGroup<S> = S & {
  readonly params: readonly Tensor[]
  /** The learning rate that schedules start from; set by the first of them. */
  initialLr?: number
}

/**
 * Base of all optimisers: groups of parameters and their settings. Settings live in memory beside the state, so that a
 * compiled step sees a changed learning rate.
 */
export abstract class ParameterOptimizer<S extends LearningRate = LearningRate> {
  /** All parameters, group after group. */
  readonly parameters: readonly Tensor[]
  /** Groups of parameters; `optimizer.groups[0].lr = 0.1` sets the rate of one. */
  readonly groups: readonly ParameterGroup<S>[]
  protected readonly layout: Layout<S>
  /** float64 [groups, settings] */
  protected readonly hyper: Tensor

  protected constructor(spec: SettingsSpec<S>, given: ParametersToTrain<S>, options: Partial<S>) {
    const { name } = spec
    const groups = inGroups<S>(name, given)
    const layout = new Layout<S>(spec)
    const rows = groups.map(({ params: _, ...own }) => layout.complete(own as unknown as Partial<S>, options))
    const numbers = rows.flatMap((row) => layout.row(row))
    this.layout = layout
    this.parameters = checked(
      name,
      groups.flatMap(({ params }) => params),
    )
    this.hyper = kept(() => tensor(Float64Array.from(numbers), { shape: [rows.length, layout.size] }))
    this.groups = groups.map(({ params }, k) => this.makeGroup(params, k))
  }

  /** The learning rate of the first group. Setting it sets that of all; it may be set at any time. */
  get lr(): number {
    return this.groups[0].lr
  }
  set lr(value: number) {
    for (const group of this.groups) group.lr = value
  }

  /** State by name: settings, counters, and one tensor per parameter and kind of state. The tensors themselves, not copies. */
  abstract stateDict(): StateDict

  /**
   * Copies saved state in, settings among it. Training goes on as if it had never stopped.
   * @throws StateDictError when names or shapes differ; nothing is changed then
   */
  loadStateDict(values: Readonly<StateDict>): void {
    const own = this.stateDict()
    mustFit(values, Object.fromEntries(Object.entries(own).map(([name, x]) => [name, x.shape])))
    const loaded = values.hyper.cast('float64').data()
    this.groups.forEach((_, k) => {
      const settings = this.layout.read(loaded, k * this.layout.size)
      this.layout.check(settings)
      this.accept(k, 'a saved setting', settings)
    })
    for (const name of Object.keys(own)) assign(own[name], values[name])
  }

  /** Frees settings and state now; the parameters stay. */
  dispose(): void {
    for (const x of Object.values(this.stateDict())) x.dispose()
  }

  /** The present settings of a group. */
  protected settingsOf(group: number): S {
    const { view, start } = elements(this.hyper)
    return this.layout.read(view, start + group * this.layout.size)
  }

  /** Called with the settings a group is about to have. @throws RangeError when it cannot have them */
  protected accept(_group: number, _name: string, _settings: S): void {}

  private makeGroup(params: readonly Tensor[], index: number): ParameterGroup<S> {
    const { layout } = this
    const group = { params: [...params] }
    for (const name of layout.names) {
      Object.defineProperty(group, name, {
        get: (): SettingValue => {
          const { view, start } = elements(this.hyper)
          return layout.get(name, view, start + index * layout.size)
        },
        set: (value: SettingValue) => {
          const settings = { ...this.settingsOf(index), [name]: value }
          layout.check(settings)
          this.accept(index, name, settings)
          const { view, start } = elements(this.hyper)
          layout.set(name, value, view, start + index * layout.size)
        },
      })
    }
    return group as unknown as ParameterGroup<S>
  }
}

/** How an optimiser changes one parameter. */
export interface Rule<S> extends SettingsSpec<S> {
  /** Takes parameter, gradient, state, coefficients. */
  readonly kernel: KernelFamily
  /** State of a parameter in the order in which the kernel takes it, with what it is filled at first; null: none. */
  state(settings: S): Readonly<Record<string, number | null>>
  /** What the counters of a parameter start from. */
  readonly counters: readonly number[]
  /** How many numbers the kernel multiplies with. */
  readonly coefficients: number
  /** Counts one step of a parameter, and works out what the kernel multiplies with. */
  prepare(settings: S, count: Float64Array, c: Float64Array): void
}

/**
 * Base of optimisers that step along given gradients: the numbers of a rule, which is one fused kernel per parameter.
 * Gradients are handed in; nothing is hidden in the parameters. A step may be part of a compiled function.
 */
export abstract class Optimizer<S extends LearningRate = LearningRate> extends ParameterOptimizer<S> {
  private readonly rule: Rule<S>
  /** float64 [parameters, counters]: every parameter counts the steps it has taken part in. */
  private readonly counters: Tensor
  /** float64 [parameters, coefficients], written before each step. */
  private readonly coefficients: Tensor
  /** Names of the kinds of state, in the order in which the kernel takes them. */
  private readonly kinds: readonly string[]
  /** The state of each parameter, null where its group needs none of that kind. */
  private readonly state: readonly (readonly (Tensor | null)[])[]
  /** The group of each parameter. */
  private readonly groupOf: readonly number[]

  protected constructor(rule: Rule<S>, parameters: ParametersToTrain<S>, options: Partial<S>) {
    super(rule, parameters, options)
    const count = this.parameters.length
    this.rule = rule
    this.groupOf = this.groups.flatMap(({ params }, k) => params.map(() => k))
    this.counters = kept(() => tensor(Float64Array.from(rule.counters)).expand([count, rule.counters.length]).copy())
    this.coefficients = kept(() => zeros([count, rule.coefficients], { dtype: 'float64' }))
    this.kinds = Object.keys(rule.state(this.settingsOf(0)))
    this.state = this.groups.flatMap(({ params }, k) => {
      const filled = Object.values(rule.state(this.settingsOf(k)))
      return params.map(({ shape, dtype }) =>
        filled.map((value) => (value === null ? null : kept(() => zeros(shape, { dtype }).add(value)))),
      )
    })
  }

  /**
   * Moves every parameter one step along its gradient, in place.
   * @param given in the order of all parameters, or by name as `valueAndGrad(fn, model)` gives them; null leaves that
   * parameter and its state alone
   * @throws ShapeError when a gradient does not fit, TypeError for anything else
   */
  step(given: Gradients): void {
    if (given === null || typeof given !== 'object' || given instanceof Tensor) {
      throw new TypeError(`${this.rule.name}: step takes the gradients as a list, or by name`)
    }
    const gradients: readonly (Tensor | null)[] = Array.isArray(given) ? given : Object.values(given)
    this.check(gradients)
    const moved = [...gradients.keys()].filter((i) => gradients[i] !== null)
    tidy(() => {
      // Not a check, but what replays of a recorded step have to do again: count, and read the settings.
      runCheck(() => this.prepare(moved))
      for (const i of moved) this.update(i, gradients[i] as Tensor)
    })
  }

  override stateDict(): StateDict {
    const dict: StateDict = { hyper: this.hyper, counters: this.counters }
    this.kinds.forEach((kind, k) => {
      this.state.forEach((slots, i) => {
        const x = slots[k]
        if (x !== null) dict[`${kind}.${i}`] = x
      })
    })
    return dict
  }

  override dispose(): void {
    super.dispose()
    this.coefficients.dispose()
  }

  protected override accept(group: number, name: string, settings: S): void {
    const slots = this.state[this.groupOf.indexOf(group)] ?? []
    const wanted = Object.values(this.rule.state(settings))
    if (slots.some((x, k) => x === null && wanted[k] !== null)) {
      throw new RangeError(
        `${this.rule.name}: ${name} ${settings[name as keyof S]} needs state that is made with the optimiser; set it there`,
      )
    }
  }

  private update(i: number, gradient: Tensor): void {
    const p = this.parameters[i]
    const g = gradient.contiguous()
    tick() // from here on nothing moves until the kernel is done
    const state = this.state[i]
    const addresses = state.map((x) => (x === null ? 0 : pointer(x)))
    const c = pointer(this.coefficients) + i * this.rule.coefficients * ITEM_SIZE.float64
    const cost = p.size * 3 * Math.max(1, state.length)
    run(this.rule.kernel[p.dtype], p.size, cost, pointer(p), pointer(g), ...addresses, c)
  }

  /** Counts the step of the parameters that take part, and writes their coefficients. */
  private prepare(moved: readonly number[]): void {
    const { rule } = this
    const settings = this.groups.map((_, k) => this.settingsOf(k))
    const count = new Float64Array(rule.counters.length)
    const before = new Float64Array(count.length).fill(Number.NaN)
    const c = new Float64Array(rule.coefficients)
    const counters = elements(this.counters)
    const coefficients = elements(this.coefficients)
    let group = -1
    for (const i of moved) {
      const from = counters.start + i * count.length
      // Parameters of a group that have taken part in the same steps share the numbers.
      if (group !== this.groupOf[i] || before.some((x, k) => x !== counters.view[from + k])) {
        group = this.groupOf[i]
        for (let k = 0; k < count.length; k++) before[k] = counters.view[from + k]
        count.set(before)
        rule.prepare(settings[group], count, c)
      }
      counters.view.set(count, from)
      coefficients.view.set(c, coefficients.start + i * c.length)
    }
  }

  private check(gradients: readonly (Tensor | null)[]): void {
    if (gradients.length !== this.parameters.length) {
      throw new ShapeError(`step: ${gradients.length} gradients for ${this.parameters.length} parameters`)
    }
    gradients.forEach((g, i) => {
      const p = this.parameters[i]
      if (g !== null && (!sameShape(g.shape, p.shape) || g.dtype !== p.dtype)) {
        throw new ShapeError(
          `step: gradient ${i} is ${g.dtype} ${show(g.shape)}, its parameter ${p.dtype} ${show(p.shape)}`,
        )
      }
    })
  }
}

/** @throws StateDictError unless the values have exactly these names and shapes */
export function mustFit(values: Readonly<StateDict>, shapes: Readonly<Record<string, Shape>>): void {
  for (const [name, shape] of Object.entries(shapes)) {
    if (!(name in values)) throw new StateDictError(`loadStateDict: '${name}' is missing`)
    if (values[name].isDisposed) throw new DisposedError(`loadStateDict: '${name}' was disposed`)
    if (!sameShape(shape, values[name].shape))
      throw new StateDictError(`loadStateDict: '${name}' has shape ${show(values[name].shape)}, not ${show(shape)}`)
  }
  const stray = Object.keys(values).find((name) => !(name in shapes))
  if (stray !== undefined) throw new StateDictError(`loadStateDict: '${stray}' is not part of this optimiser`)
}

type Grouped<S> = { readonly params: readonly Tensor[] } & Partial<S>

function inGroups<S>(name: string, given: ParametersToTrain<S>): readonly Grouped<S>[] {
  if (!Array.isArray(given)) throw new TypeError(`${name}: give a list of parameters, such as model.parameters()`)
  const tensors = given.filter((x) => x instanceof Tensor)
  if (tensors.length === given.length) return [{ params: tensors } as unknown as Grouped<S>]
  if (tensors.length > 0) throw new TypeError(`${name}: give either tensors or groups { params, … }, not both`)
  return given as readonly Grouped<S>[]
}

function checked(name: string, parameters: readonly Tensor[]): readonly Tensor[] {
  if (parameters.length === 0) throw new RangeError(`${name}: an optimiser needs at least one parameter`)
  parameters.forEach((p, i) => {
    if (p.dtype !== 'float32' && p.dtype !== 'float64')
      throw new TypeError(`${name}: an optimiser cannot train a ${p.dtype} tensor`)
    if (!p.isContiguous)
      throw new ShapeError(`${name}: an optimiser needs contiguous parameters, not a view ${show(p.shape)}`)
    const first = parameters.indexOf(p)
    if (first !== i) throw new RangeError(`${name}: parameter ${i} is parameter ${first} again; give each once`)
  })
  return [...parameters]
}

/** A tensor that no tidy frees, alone: what else `make` makes is freed. */
export function kept(make: () => Tensor): Tensor {
  return lasting(() => keep(tidy(make)))
}

/** x to a whole power from 0 to 2³¹ by squaring: the same bits in every engine, which `**` does not promise. */
export function power(x: number, n: number): number {
  let y = 1
  for (let rest = n; rest > 0; rest >>>= 1) {
    if (rest & 1) y *= x
    x *= x
  }
  return y
}
