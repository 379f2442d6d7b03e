// Layers with quantised weights.
import { buffer, type Embedding, type Linear, linear, Module } from '@x/nn'
import { type Tensor, tidy } from '@x/tensor'
import { requireTensor } from '@x/tensor/op'
import type { Quantization } from './format.ts'
import { dequantizeWeights, type Packed, quantizedLinear, quantizedRows, quantizeWeights } from './ops.ts'

/** The weights of a layer, packed once. */
abstract class Quantized extends Module {
  readonly kind: Quantization
  /** Tiles of 8 rows, uint8. */
  readonly packed: Tensor
  protected readonly sizes: Packed

  /** @param weight [N, K]; its numbers are copied */
  constructor(weight: Tensor, kind: Quantization) {
    super()
    if (kind !== 'int8' && kind !== 'int4') throw new RangeError(`quantize: '${kind}' is not 'int8' or 'int4'`)
    requireTensor('quantize', 'weight', weight)
    const [N, K] = weight.shape
    this.kind = kind
    this.sizes = { kind, N, K }
    this.packed = buffer(tidy(() => quantizeWeights([weight], this.sizes)))
  }

  /** The numbers that the weights stand for now [N, K]. */
  dequantize(): Tensor {
    return dequantizeWeights([this.packed], this.sizes)
  }
}

/**
 * A linear layer with weights of 8 or 4 bits: x [..., in] float32 → [..., out]. Inputs are rounded too, to 13 bits of a
 * row's largest for int8 and 8 bits of a block's largest for int4, and multiplied as integers, of a prompt as of a single
 * token. The weights are not trained; gradients flow through to x.
 * @throws RangeError for another kind; DTypeError from `forward` for x of another dtype
 * @example
 * import { ones } from '@x/tensor'
 * import { Linear } from '@x/nn'
 * import { QuantizedLinear } from '@x/transformer'
 * const layer = new QuantizedLinear(new Linear(64, 32), 'int8')
 * layer.forward(ones([2, 64])).shape // [2, 32]
 */
export class QuantizedLinear extends Quantized {
  readonly inFeatures: number
  readonly outFeatures: number
  bias: Tensor | null

  /** @param layer what it stands for; its bias is taken over, its weight copied */
  constructor(layer: Pick<Linear, 'weight' | 'bias'>, kind: Quantization) {
    super(layer?.weight, kind)
    const [out, inner] = layer.weight.shape
    this.outFeatures = out
    this.inFeatures = inner
    this.bias = layer.bias
  }

  override forward(x: Tensor): Tensor {
    return quantizedLinear(x, this.packed, this.bias, this.sizes)
  }
}

/** A table of vectors of 8 or 4 bits, looked up by integers: [...] → [..., D]; and a head for logits, if it is both. */
export class QuantizedEmbedding extends Quantized {
  constructor(table: Pick<Embedding, 'weight'>, kind: Quantization) {
    super(table?.weight, kind)
  }

  override forward(index: Tensor): Tensor {
    return quantizedRows([this.packed, index.cast('int32')], this.sizes)
  }

  /** x Wᵀ + b, W being the table: [..., D] → [..., rows]. */
  project(x: Tensor, bias: Tensor | null): Tensor {
    return quantizedLinear(x, this.packed, bias, this.sizes)
  }
}

/** Logits, say: x Wᵀ + b for a table W of vectors, quantised or not: [..., D] → [..., rows]. */
export const project = (x: Tensor, table: Embedding | QuantizedEmbedding, bias: Tensor | null = null): Tensor =>
  table instanceof QuantizedEmbedding ? table.project(x, bias) : linear(x, table.weight, bias)
