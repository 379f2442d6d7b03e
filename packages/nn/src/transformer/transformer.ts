// Stacks of transformer layers, and the encoder-decoder model of both.
import type { Tensor } from '@x/tensor'
import { checkOptions } from '@x/tensor/op'
import { future } from '../attention/composed.ts'
import * as init from '../initialize.ts'
import { Module } from '../module.ts'
import { LayerNorm } from '../norms/layers.ts'
import { whole } from '../options.ts'
import {
  DECODER_MASKS,
  type DecoderMasks,
  type EncoderMasks,
  LAYER_OPTIONS,
  TransformerDecoderLayer,
  TransformerEncoderLayer,
  type TransformerLayerOptions,
} from './layers.ts'

/** Options of `TransformerEncoder` and `TransformerDecoder`. */
export interface StackOptions {
  /** Applied to the result. Default none. */
  norm?: Module | null
}

const stacked = <T>(name: string, make: () => T, count: number, options: StackOptions): T[] => {
  checkOptions(name, options, ['norm'])
  whole(`${name}: numLayers`, count)
  return Array.from({ length: count }, make)
}

/**
 * Encoder layers one on the other: `layers.0` … and `norm`. Where PyTorch copies one layer, `make` is called for each.
 * @example
 * import { LayerNorm, TransformerEncoder, TransformerEncoderLayer } from '@x/nn'
 * const encoder = new TransformerEncoder(() => new TransformerEncoderLayer(16, 4), 2, { norm: new LayerNorm(16) })
 */
export class TransformerEncoder extends Module {
  readonly layers: readonly TransformerEncoderLayer[]
  readonly norm: Module | null

  constructor(make: () => TransformerEncoderLayer, numLayers: number, options: StackOptions = {}) {
    super()
    this.layers = stacked('TransformerEncoder', make, numLayers, options)
    this.norm = options.norm ?? null
  }

  override forward(src: Tensor, masks: EncoderMasks = {}): Tensor {
    const x = this.layers.reduce((x, layer) => layer.forward(x, masks), src)
    return this.norm ? this.norm.forward(x) : x
  }
}

/** Decoder layers one on the other; see `TransformerEncoder`. */
export class TransformerDecoder extends Module {
  readonly layers: readonly TransformerDecoderLayer[]
  readonly norm: Module | null

  constructor(make: () => TransformerDecoderLayer, numLayers: number, options: StackOptions = {}) {
    super()
    this.layers = stacked('TransformerDecoder', make, numLayers, options)
    this.norm = options.norm ?? null
  }

  override forward(tgt: Tensor, memory: Tensor, masks: DecoderMasks = {}): Tensor {
    const x = this.layers.reduce((x, layer) => layer.forward(x, memory, masks), tgt)
    return this.norm ? this.norm.forward(x) : x
  }
}

/** Options of `Transformer`. */
export interface TransformerOptions extends TransformerLayerOptions {
  /** Numbers of a token, E. Default 512. */
  dModel?: number
  /** Heads. Default 8. */
  nhead?: number
  /** Default 6. */
  numEncoderLayers?: number
  /** Default 6. */
  numDecoderLayers?: number
}

/** Masks of `Transformer.forward`. */
export interface TransformerMasks extends DecoderMasks, Omit<EncoderMasks, 'isCausal'> {
  /** Whether position i of the source sees j ≤ i alone. Default false. */
  srcIsCausal?: boolean
}

/**
 * The encoder-decoder model: src [S, B, E] is encoded, tgt [T, B, E] decoded with it → [T, B, E]; with `batchFirst` the
 * batch first. Embeddings, positions and the map to tokens are the caller's. Matrices start Xavier uniform, as in PyTorch.
 * Source: A. Vaswani et al. 2017, arXiv:1706.03762.
 * @throws RangeError for sizes and options; ShapeError from `forward`
 * @example
 * import { randn } from '@x/tensor'
 * import { Transformer } from '@x/nn'
 * const model = new Transformer({ dModel: 16, nhead: 4, numEncoderLayers: 1, numDecoderLayers: 1, dimFeedforward: 32 })
 * model.forward(randn([5, 2, 16]), randn([3, 2, 16]), { tgtIsCausal: true }).shape // [3, 2, 16]
 */
export class Transformer extends Module {
  readonly encoder: TransformerEncoder
  readonly decoder: TransformerDecoder

  constructor(options: TransformerOptions = {}) {
    super()
    const own = ['dModel', 'nhead', 'numEncoderLayers', 'numDecoderLayers']
    checkOptions('Transformer', options, [...own, ...LAYER_OPTIONS])
    const { dModel = 512, nhead = 8, numEncoderLayers = 6, numDecoderLayers = 6, ...rest } = options
    const norm = (): LayerNorm => new LayerNorm(dModel, { eps: rest.layerNormEps, bias: rest.bias })
    this.encoder = new TransformerEncoder(() => new TransformerEncoderLayer(dModel, nhead, rest), numEncoderLayers, {
      norm: norm(),
    })
    this.decoder = new TransformerDecoder(() => new TransformerDecoderLayer(dModel, nhead, rest), numDecoderLayers, {
      norm: norm(),
    })
    for (const p of this.parameters()) if (p.ndim > 1) init.xavierUniform(p, { generator: rest.generator })
  }

  /** What hides the future from n positions when it is added: −∞ above the diagonal of [n, n], 0 elsewhere. */
  static generateSquareSubsequentMask(n: number): Tensor {
    return future(n, n, 'float32')
  }

  override forward(src: Tensor, tgt: Tensor, masks: TransformerMasks = {}): Tensor {
    checkOptions('Transformer', masks, ['srcMask', 'srcKeyPaddingMask', 'srcIsCausal', ...DECODER_MASKS])
    const { srcMask, srcKeyPaddingMask, srcIsCausal, ...others } = masks
    const memory = this.encoder.forward(src, { srcMask, srcKeyPaddingMask, isCausal: srcIsCausal })
    return this.decoder.forward(tgt, memory, others)
  }
}
