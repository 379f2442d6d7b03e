// Module: named parameters and buffers, nested, with PyTorch's keys.
import { DisposedError, type DType, DTypeError, keep, Tensor } from '@x/tensor'
import {
  assign,
  checkOptions,
  depending,
  ITEM_SIZE,
  isFloating,
  lasting,
  requireTensor,
  sameShape,
  show,
} from '@x/tensor/op'

/**
 * Marks a tensor as trainable; a module finds it in its fields. It outlives every tidy.
 * @example
 * import { ones } from '@x/tensor'
 * import { Module, parameter } from '@x/nn'
 * class Scale extends Module {
 *   factor = parameter(ones([1]))
 *   forward(x) {
 *     return x.mul(this.factor)
 *   }
 * }
 * new Scale().parameters().length // 1
 */
export function parameter(x: Tensor): Tensor {
  return owned(x, 'parameter')
}

/**
 * Marks a tensor as state that is saved but not trained (running statistics). It outlives every tidy.
 * @example
 * import { zeros } from '@x/tensor'
 * import { buffer, Module } from '@x/nn'
 * class Count extends Module {
 *   seen = buffer(zeros([1]))
 *   forward(x) {
 *     return x
 *   }
 * }
 * Object.keys(new Count().stateDict()).length // 1
 */
export function buffer(x: Tensor): Tensor {
  return owned(x, 'buffer')
}

function owned(x: Tensor, role: 'parameter' | 'buffer'): Tensor {
  requireTensor(role, 'x', x)
  // Of its own memory: training a view would change what it is a view of.
  const alone = x.isContiguous && x.role === null && x.storage.bytes === x.size * ITEM_SIZE[x.dtype]
  const own = alone ? x : lasting(() => x.copy())
  own.role = role
  return keep(own)
}

/** Saved weights or state that do not fit what they are loaded into. */
export class StateDictError extends Error {
  override name = 'StateDictError'
}

/** Tensors under their names, as a file of weights holds them. */
export type StateDict = Record<string, Tensor>

/**
 * Base of layers and models. Fields that hold parameters, buffers, modules or arrays of modules are found by
 * themselves, and named by their path: `layers.0.weight`.
 * @example
 * import { randn } from '@x/tensor'
 * import { Linear, Module } from '@x/nn'
 * class Net extends Module {
 *   first = new Linear(4, 8)
 *   second = new Linear(8, 2)
 *   forward(x) {
 *     return this.second.forward(this.first.forward(x).relu())
 *   }
 * }
 * Object.keys(new Net().stateDict()) // first.weight, first.bias, second.weight, second.bias
 */
export abstract class Module<Y = Tensor> {
  private inTraining = true
  private readonly readTraining = (): boolean => this.inTraining
  /** Whether the parameters right here are trained. Set by `freeze` and `unfreeze`. */
  trainable = true

  /** Whether layers behave as in training (dropout drops). Set by `train` and `eval`. */
  get training(): boolean {
    return depending(this.readTraining)
  }

  set training(on: boolean) {
    this.inTraining = on
  }

  /** The output for the input. */
  abstract forward(x: Tensor, ...rest: never[]): Y

  /** Modules directly inside, by name. */
  children(): Record<string, Module<unknown>> {
    const found: Record<string, Module<unknown>> = {}
    for (const [field, value] of Object.entries(this)) {
      const name = this.keyOf(field)
      if (value instanceof Module) found[name] = value
      else if (Array.isArray(value)) {
        value.forEach((v, i) => {
          if (v instanceof Module) found[`${name}.${i}`] = v
        })
      }
    }
    return found
  }

  /** This module and all below it, by path ('' is this one). */
  modules(prefix = ''): Record<string, Module<unknown>> {
    const all: Record<string, Module<unknown>> = { [prefix]: this }
    for (const [name, child] of Object.entries(this.children())) Object.assign(all, child.modules(join(prefix, name)))
    return all
  }

  /** Trainable tensors in the order of their definition, each once even where several places share it. */
  parameters(): Tensor[] {
    return [...new Set(Object.values(this.namedParameters()))]
  }

  /** Trainable tensors by path, without those of frozen modules. */
  namedParameters(): StateDict {
    return this.owned((x, { trainable }) => trainable && x.role === 'parameter')
  }

  /** State that is saved but not trained, by path. */
  namedBuffers(): StateDict {
    return this.owned((x) => x.role === 'buffer')
  }

  /** Parameters and buffers by path: what a file of weights holds. The tensors themselves, not copies. */
  stateDict(): StateDict {
    return this.owned(() => true)
  }

  /** The name under which a field's tensors and modules are saved: the field's own, unless a subclass says otherwise. */
  protected keyOf(field: string): string {
    return field
  }

  /**
   * Copies values into the parameters and buffers.
   * @param options.strict whether every name must be on both sides. Default true
   * @throws StateDictError listing missing, unexpected and misshapen names; nothing is changed then
   */
  loadStateDict(values: Readonly<StateDict>, options: { strict?: boolean } = {}): void {
    checkOptions('loadStateDict', options, ['strict'])
    const { strict = true } = options
    const own = this.stateDict()
    const missing = Object.keys(own).filter((name) => !(name in values))
    const unexpected = Object.keys(values).filter((name) => !(name in own))
    const misshapen = Object.keys(own)
      .filter((name) => name in values && !sameShape(own[name].shape, values[name].shape))
      .map((name) => `${name} (${show(values[name].shape)} for ${show(own[name].shape)})`)
    const problems = [
      strict && missing.length > 0 && `missing: ${missing.join(', ')}`,
      strict && unexpected.length > 0 && `unexpected: ${unexpected.join(', ')}`,
      misshapen.length > 0 && `of another shape: ${misshapen.join(', ')}`,
    ].filter(Boolean)
    if (problems.length > 0) throw new StateDictError(`loadStateDict: ${problems.join('; ')}`)
    const disposed = Object.keys(own).find(
      (name) => name in values && (values[name].isDisposed || own[name].isDisposed),
    )
    if (disposed !== undefined) throw new DisposedError(`loadStateDict: '${disposed}' was disposed`)
    for (const name of Object.keys(own)) if (name in values) assign(own[name], values[name])
  }

  /** Puts this module and all below it into training mode, or with false into evaluation mode. */
  train(on = true): this {
    for (const m of Object.values(this.modules())) m.training = on
    return this
  }

  /** Evaluation mode: dropout passes everything on. */
  eval(): this {
    return this.train(false)
  }

  /**
   * Takes the parameters of this module and all below it out of training: `parameters()` leaves them out. With false,
   * takes them in again.
   */
  freeze(on = true): this {
    for (const m of Object.values(this.modules())) m.trainable = !on
    return this
  }

  /** Takes frozen parameters into training again. */
  unfreeze(): this {
    return this.freeze(false)
  }

  /**
   * Calls `fn` with every module below, and then with this one: to initialise weights, say.
   * @example
   * import { init, Linear, ReLU, Sequential } from '@x/nn'
   * const model = new Sequential(new Linear(4, 8), new ReLU(), new Linear(8, 2))
   * model.apply((m) => {
   *   if (m instanceof Linear) init.xavierUniform(m.weight)
   * })
   */
  apply(fn: (module: Module<unknown>) => void): this {
    for (const child of Object.values(this.children())) child.apply(fn)
    fn(this)
    return this
  }

  /**
   * Puts floating parameters and buffers into another dtype. They are new tensors then: make optimisers afterwards.
   * @throws DTypeError for a dtype that has no fractions
   */
  to(dtype: DType): this {
    if (!isFloating(dtype)) throw new DTypeError(`to: parameters are floating, ${dtype} is not`)
    for (const m of Object.values(this.modules())) {
      for (const [field, value] of Object.entries(m)) {
        if (!(value instanceof Tensor) || value.role === null || !isFloating(value.dtype)) continue
        if (value.dtype === dtype) continue
        const cast = lasting(() => value.cast(dtype))
        Object.assign(m, { [field]: value.role === 'parameter' ? parameter(cast) : buffer(cast) })
        value.dispose()
      }
    }
    return this
  }

  /** The class, and below it the modules inside with the shapes of their parameters. */
  toString(): string {
    const shapes = Object.entries(this).filter(([, x]) => x instanceof Tensor && x.role === 'parameter')
    const own = shapes.map(([field, x]) => `${this.keyOf(field)} ${show((x as Tensor).shape)}`).join(', ')
    const inside = Object.entries(this.children()).map(([name, m]) => `(${name}): ${m}`.replaceAll('\n', '\n  '))
    const lines = inside.map((line) => `\n  ${line}`).join('')
    return `${this.constructor.name}(${own}${lines}${lines && '\n'})`
  }

  /** Frees all parameters and buffers now. */
  dispose(): void {
    for (const x of Object.values(this.stateDict())) x.dispose()
  }

  private owned(wanted: (x: Tensor, module: Module<unknown>) => boolean): StateDict {
    const found: StateDict = {}
    for (const [path, m] of Object.entries(this.modules())) {
      for (const [field, value] of Object.entries(m)) {
        if (value instanceof Tensor && value.role !== null && wanted(value, m))
          found[join(path, m.keyOf(field))] = value
      }
    }
    return found
  }
}

// What Node's console shows.
Object.defineProperty(Module.prototype, Symbol.for('nodejs.util.inspect.custom'), {
  value(this: Module): string {
    return this.toString()
  },
})

/**
 * selfAttn → self_attn: PyTorch's key of a field, for `keyOf`.
 * @example
 * import { snakeCase } from '@x/nn'
 * snakeCase('selfAttn') // 'self_attn'
 */
export const snakeCase = (field: string): string => field.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)

const join = (prefix: string, name: string): string => (prefix === '' ? name : `${prefix}.${name}`)
