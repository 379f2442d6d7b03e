// LoRA: a trained model learns something new through small matrices beside its own, which stay as they are.
// Source: Hu et al. 2021, arXiv:2106.09685.
import { dropout, Linear, linear, Module, parameter } from '@x/nn'
import { type Generator, normal, type Tensor, tidy, zeros } from '@x/tensor'
import { assign, checkOptions } from '@x/tensor/op'
import { named } from '../named.ts'
import { QuantizedLinear } from '../quantized/layers.ts'

/** A linear layer with an adapter: y = base(x) + scale · (x Aᵀ) Bᵀ. */
export class LoraLinear extends Module {
  readonly base: Module
  /** [r, in], normal at first */
  readonly loraA: Tensor
  /** [out, r], zeros at first: nothing changes until it is trained */
  readonly loraB: Tensor
  readonly scale: number
  private readonly p: number
  private isMerged = false

  constructor(
    base: Module,
    sizes: { inFeatures: number; outFeatures: number; dtype: Tensor['dtype'] },
    {
      r,
      alpha,
      dropout: p,
      generator,
    }: Required<Omit<LoraOptions, 'targets' | 'generator'>> & { generator?: Generator },
  ) {
    super()
    const { inFeatures, outFeatures, dtype } = sizes
    this.base = base
    this.loraA = parameter(normal([r, inFeatures], { mean: 0, std: 1 / Math.sqrt(inFeatures), generator, dtype }))
    this.loraB = parameter(zeros([outFeatures, r], { dtype }))
    this.scale = alpha / r
    this.p = p
  }

  protected override keyOf(field: string): string {
    return { base: 'base_layer', loraA: 'lora_A.weight', loraB: 'lora_B.weight' }[field] ?? field
  }

  override forward(x: Tensor): Tensor {
    const y = this.base.forward(x)
    if (this.isMerged) return y
    const given = this.training ? dropout(x, this.p) : x
    return y.add(linear(linear(given, this.loraA, null), this.loraB, null).mul(this.scale))
  }

  /** Adds the adapter to the layer's own weights, or takes it off again. @throws TypeError for a quantised layer */
  merge(on = true): void {
    if (on === this.isMerged) return
    const { base } = this
    if (!(base instanceof Linear))
      throw new TypeError('merge: quantised weights take nothing up; leave the adapter beside them')
    tidy(() => assign(base.weight, base.weight.add(this.loraB.matmul(this.loraA).mul(on ? this.scale : -this.scale))))
    this.isMerged = on
  }
}

export interface LoraOptions {
  /** Rank of the matrices. Default 8. */
  r?: number
  /** The adapter's share is alpha / r. Default 16. */
  alpha?: number
  /** Probability of dropping a number before an adapter, in training. Default 0. */
  dropout?: number
  /** Which layers get one: the end of their paths. Default: the projections of queries and values. */
  targets?: readonly string[]
  /** Default: the one that `manualSeed` seeds. */
  generator?: Generator
}

/** Names of the projections of queries and values in the models here. */
const QUERIES_AND_VALUES = [
  'q_proj',
  'v_proj',
  'c_attn',
  'query_key_value',
  'query',
  'value',
  'SelfAttention.q',
  'SelfAttention.v',
]

/** The adapters of a model. */
export class Lora {
  private readonly model: Module<unknown>
  private readonly places: readonly { path: string; owner: Module<unknown>; field: string; layer: LoraLinear }[]
  private readonly frozen: readonly Module<unknown>[]

  constructor(model: Module<unknown>, options: LoraOptions) {
    checkOptions('addLora', options, ['r', 'alpha', 'dropout', 'targets', 'generator'])
    const { r = 8, alpha = 16, dropout: p = 0, targets = QUERIES_AND_VALUES, generator } = options
    if (!(model instanceof Module)) throw new TypeError(`addLora: the model is ${named(model)}, not a Module`)
    if (!Array.isArray(targets)) throw new TypeError(`addLora: targets is ${named(targets)}, not a list of names`)
    if (!Number.isFinite(alpha)) throw new RangeError(`addLora: alpha ${named(alpha)} is not a number`)
    if (!(Number.isInteger(r) && r >= 1)) throw new RangeError(`addLora: r ${r} is not a whole number from 1`)
    if (!(p >= 0 && p < 1)) throw new RangeError(`addLora: dropout ${p} is not from 0 to below 1`)
    const linears = linearsOf(model)
    const isAt = (path: string, t: string): boolean => path === t || path.endsWith(`.${t}`)
    const chosen = linears.filter(({ path }) => targets.some((t) => isAt(path, t)))
    // Every name that was given is to mean something; those of the default are of several models.
    const idle = options.targets ? targets.filter((t) => !linears.some(({ path }) => isAt(path, t))) : []
    if (chosen.length === 0 || idle.length > 0) {
      const paths = linears.map(({ path }) => path).join(', ')
      const names = (idle.length > 0 ? idle : targets).join(', ')
      throw new RangeError(`addLora: no linear layer ends in ${names}; there are ${paths}`)
    }
    this.model = model
    this.frozen = Object.values(model.modules()).filter((m) => m.trainable)
    model.freeze()
    this.places = chosen.map(({ path, owner, field, layer, sizes }) => {
      const adapted = new LoraLinear(layer, sizes, { r, alpha, dropout: p, generator })
      adapted.training = layer.training
      put(owner, field, adapted)
      return { path, owner, field, layer: adapted }
    })
  }

  /** The adapters' matrices by path, with the names that PEFT gives them. */
  stateDict(): Record<string, Tensor> {
    return Object.fromEntries(
      this.places.flatMap(({ path, layer }) => [
        [`base_model.model.${path}.lora_A.weight`, layer.loraA],
        [`base_model.model.${path}.lora_B.weight`, layer.loraB],
      ]),
    )
  }

  /** Copies values into the matrices. @throws RangeError listing names that are missing */
  loadStateDict(values: Readonly<Record<string, Tensor>>): void {
    const own = this.stateDict()
    const missing = Object.keys(own).filter((name) => !(name in values))
    if (missing.length > 0) throw new RangeError(`loadStateDict: the adapters lack ${missing.join(', ')}`)
    for (const [name, x] of Object.entries(own)) assign(x, values[name])
  }

  /** Adds the adapters to the model's weights: it computes as fast as before, and trains them no more. */
  merge(): void {
    for (const { layer } of this.places) layer.merge()
  }

  /** Takes them off again, up to rounding. */
  unmerge(): void {
    for (const { layer } of this.places) layer.merge(false)
  }

  /** Puts the model's own layers back, with the adapters in their weights where they are merged, and frees the adapters. */
  remove(): void {
    for (const { owner, field, layer } of this.places) {
      put(owner, field, layer.base)
      layer.loraA.dispose()
      layer.loraB.dispose()
    }
    for (const m of this.frozen) m.trainable = true
  }

  /** The matrices to train. */
  parameters(): Tensor[] {
    return this.model.parameters()
  }
}

function put(owner: Module<unknown>, field: string, layer: Module<unknown>): void {
  ;(owner as unknown as Record<string, unknown>)[field] = layer
}

interface Found {
  readonly path: string
  readonly owner: Module<unknown>
  readonly field: string
  readonly layer: Module
  readonly sizes: { inFeatures: number; outFeatures: number; dtype: Tensor['dtype'] }
}

/** Every linear layer, quantised ones among them, that stands in a field of its owner. */
function linearsOf(model: Module<unknown>): Found[] {
  const all = Object.entries(model.modules())
  return all.flatMap(([, owner]) =>
    Object.entries(owner).flatMap(([field, value]): Found[] => {
      const sizes = value instanceof Module ? sizesOf(value) : null
      if (!sizes) return []
      const path = all.find(([, m]) => m === value)?.[0] ?? field
      return [{ path, owner, field, layer: value as Module, sizes }]
    }),
  )
}

function sizesOf(layer: Module<unknown>): Found['sizes'] | null {
  if (layer instanceof Linear) {
    const [outFeatures, inFeatures] = layer.weight.shape
    return { inFeatures, outFeatures, dtype: layer.weight.dtype }
  }
  if (!(layer instanceof QuantizedLinear)) return null
  return { inFeatures: layer.inFeatures, outFeatures: layer.outFeatures, dtype: 'float32' }
}

/**
 * Puts adapters beside linear layers of a model, which is frozen: `parameters()` then gives the adapters' matrices alone.
 * @throws TypeError for what is no model, RangeError when no layer has a wanted name, and for options
 * @example
 * import { AdamW } from '@x/nn'
 * import { addLora, GPT } from '@x/transformer'
 * const model = new GPT({ vocabSize: 10, nPositions: 8, nEmbd: 16, nLayer: 1, nHead: 2 })
 * const lora = addLora(model, { r: 4 })
 * const optimizer = new AdamW(lora.parameters(), { lr: 1e-3 }) // train as usual, then
 * lora.merge()
 */
export const addLora = (model: Module<unknown>, options: LoraOptions = {}): Lora => new Lora(model, options)
