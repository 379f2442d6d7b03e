// Quantising a model: its linear layers and its tables of words, in place or as they are loaded.
import { Embedding, Linear, Module } from '@x/nn'
import type { Tensor } from '@x/tensor'
import { checkOptions } from '@x/tensor/op'
import type { Quantization } from './format.ts'
import { QuantizedEmbedding, QuantizedLinear } from './layers.ts'

export interface QuantizeOptions {
  /** Layers that stay as they are: the end of their path, such as 'lm_head'. Default none. */
  readonly exclude?: readonly string[]
  /** Whether tables of words, which are the heads of many models, are quantised too. Default true. */
  readonly embeddings?: boolean
}

/** What models call their tables of words. Those of positions are small, and stay. */
const WORDS = /(^|\.)(embed_tokens|wte|word_embeddings|shared)$/

/** Puts quantised layers in the place of a model's own. */
export class Quantizer {
  private readonly model: Module<unknown>
  private readonly kind: Quantization
  /** Layers to quantise, and where they stand. */
  private readonly wanted = new Map<Module<unknown>, ((m: Module) => void)[]>()
  private readonly made = new Map<Module<unknown>, QuantizedLinear | QuantizedEmbedding>()

  /** @throws RangeError for another kind, for layers to exclude that are not there, or when there is nothing to quantise */
  constructor(model: Module<unknown>, kind: Quantization, options: QuantizeOptions) {
    checkOptions('quantize', options, ['exclude', 'embeddings'])
    if (kind !== 'int8' && kind !== 'int4') throw new RangeError(`quantize: '${kind}' is not 'int8' or 'int4'`)
    const { exclude = [], embeddings = true } = options
    this.model = model
    this.kind = kind
    const paths = new Map(Object.entries(model.modules()).map(([path, m]) => [m, path]))
    const idle = exclude.filter((end) => ![...paths.values()].some((path) => path === end || path.endsWith(`.${end}`)))
    if (idle.length > 0) throw new RangeError(`quantize: exclude: the model has no layer '${idle.join("', '")}'`)
    const isWanted = (m: Module<unknown>): boolean => {
      const path = paths.get(m) ?? ''
      if (exclude.some((end) => path === end || path.endsWith(`.${end}`))) return false
      return m instanceof Linear || (embeddings && m instanceof Embedding && WORDS.test(path))
    }
    for (const owner of paths.keys()) {
      for (const [field, value] of Object.entries(owner)) {
        const list: unknown[] = Array.isArray(value) ? value : [value]
        list.forEach((child, i) => {
          if (!(child instanceof Module) || !isWanted(child)) return
          const put = (m: Module): void => {
            if (Array.isArray(value)) value[i] = m
            else (owner as unknown as Record<string, unknown>)[field] = m
          }
          this.wanted.set(child, [...(this.wanted.get(child) ?? []), put])
        })
      }
    }
    if (this.wanted.size === 0)
      throw new RangeError(
        'quantize: the model has no linear layer and no table of words in floats: none at all, all excluded, or quantised before',
      )
  }

  /** Packs the weight of a layer that is to be quantised, and frees it. @returns whether it was one */
  take(layer: Module<unknown>, field: string, weight: Tensor): boolean {
    if (field !== 'weight' || !this.wanted.has(layer)) return false
    const made =
      layer instanceof Linear
        ? new QuantizedLinear({ weight, bias: null }, this.kind)
        : new QuantizedEmbedding({ weight }, this.kind)
    weight.dispose()
    this.made.set(layer, made)
    return true
  }

  /** Packs all weights, one after the other. */
  takeAll(): void {
    for (const layer of this.wanted.keys()) this.take(layer, 'weight', (layer as Linear | Embedding).weight)
  }

  /** Puts the layers that were made in their places, with the biases of those that stood there. */
  finish(): void {
    for (const [layer, made] of this.made) {
      made.training = this.model.training
      if (made instanceof QuantizedLinear) made.bias = (layer as Linear).bias
      for (const put of this.wanted.get(layer) ?? []) put(made)
    }
  }
}

/**
 * Quantises the linear layers and tables of words of a model in place, one after the other, and frees what they had. What
 * that costs is best measured, with `textPerplexity` say: int8 next to nothing, int4 a few percent of perplexity in large
 * models and more in small ones.
 * @throws RangeError for another kind, or when there is nothing to quantise
 * @example
 * import { Llama, quantize } from '@x/transformer'
 * const model = new Llama({
 *   vocabSize: 50, hiddenSize: 32, intermediateSize: 64, numHiddenLayers: 2, numAttentionHeads: 4,
 * })
 * quantize(model, 'int8')
 */
export function quantize<M extends Module<unknown>>(model: M, kind: Quantization, options: QuantizeOptions = {}): M {
  const quantizer = new Quantizer(model, kind, options)
  quantizer.takeAll()
  quantizer.finish()
  return model
}
