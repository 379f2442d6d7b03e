// Lists and dictionaries of modules and parameters, for models that loop over their parts.
import type { Tensor } from '@x/tensor'
import { Module, parameter } from '../module.ts'

/** A module that is no function of its own. */
abstract class Container extends Module<never> {
  override forward(): never {
    throw new TypeError(
      `${this.constructor.name}: it holds modules or parameters and computes nothing itself; call those`,
    )
  }
}

/** Items in numbered fields, which are their keys. */
abstract class List<T> extends Container implements Iterable<T> {
  readonly [index: number]: T

  /** How many there are. */
  get length(): number {
    let n = 0
    while (n in this) n++
    return n
  }

  /** Adds items at the end. */
  push(...items: T[]): this {
    const { length } = this
    return Object.assign(this, Object.fromEntries(items.map((item, i) => [length + i, item])))
  }

  *[Symbol.iterator](): IterableIterator<T> {
    for (let i = 0; i in this; i++) yield this[i]
  }
}

/**
 * Modules in a list, with PyTorch's keys: `layers.0.weight` for a field `layers`. A plain array of modules in a field
 * has the same; this one can be a module's child by itself.
 * @example
 * import { Linear, ModuleList } from '@x/nn'
 * const layers = new ModuleList([new Linear(2, 3), new Linear(3, 4)])
 * Object.keys(layers.stateDict()) // 0.weight, 0.bias, 1.weight, 1.bias
 */
export class ModuleList<T extends Module<unknown> = Module> extends List<T> {
  constructor(modules: Iterable<T> = []) {
    super()
    this.push(...modules)
  }
}

/**
 * Tensors in a list, made trainable: `weights.0`, `weights.1` … for a field `weights`.
 * @example
 * import { ones } from '@x/tensor'
 * import { ParameterList } from '@x/nn'
 * Object.keys(new ParameterList([ones([2]), ones([3])]).stateDict()).length // 2
 */
export class ParameterList extends List<Tensor> {
  constructor(values: Iterable<Tensor> = []) {
    super()
    this.push(...values)
  }

  override push(...values: Tensor[]): this {
    return super.push(...values.map(parameter))
  }
}

/**
 * Modules by name: `heads.left.weight` for a field `heads`.
 * @example
 * import { Linear, ModuleDict } from '@x/nn'
 * const heads = new ModuleDict({ left: new Linear(2, 3), right: new Linear(2, 1) })
 * heads.get('right')
 */
export class ModuleDict<T extends Module<unknown> = Module> extends Container {
  private readonly items: Map<string, T>

  constructor(modules: Readonly<Record<string, T>> = {}) {
    super()
    this.items = new Map()
    for (const [name, m] of Object.entries(modules)) this.set(name, m)
  }

  /** @throws RangeError for a name that is not there */
  get(name: string): T {
    const found = this.items.get(name)
    if (found) return found
    throw new RangeError(`ModuleDict: there is no '${name}', only ${[...this.items.keys()].join(', ')}`)
  }

  /** @throws RangeError for a name with a dot, which separates the parts of a key */
  set(name: string, module: T): this {
    if (name === '' || name.includes('.')) throw new RangeError(`ModuleDict: '${name}' is empty or has a dot`)
    this.items.set(name, module)
    return this
  }

  has(name: string): boolean {
    return this.items.has(name)
  }

  entries(): IterableIterator<[string, T]> {
    return this.items.entries()
  }

  override children(): Record<string, T> {
    return Object.fromEntries(this.items)
  }
}
