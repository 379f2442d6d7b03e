// The losses as modules, with PyTorch's names: the options are given once, the tensors to `forward`.
import { Tensor } from '@x/tensor'
import { buffer, Module, snakeCase } from '../module.ts'
import {
  BINARY,
  type BinaryCrossEntropyOptions,
  binaryCrossEntropy,
  binaryCrossEntropyWithLogits,
  softMarginLoss,
  WITH_LOGITS,
  type WithLogitsOptions,
} from './binary.ts'
import type { NllOptions } from './classes.ts'
import { CROSS_ENTROPY, type CrossEntropyOptions, crossEntropy, NLL, nllLoss } from './crossEntropy.ts'
import { CTC, type CtcOptions, ctcLoss } from './ctc.ts'
import {
  GAUSSIAN,
  type GaussianNllOptions,
  gaussianNllLoss,
  KL_DIV,
  type KlDivOptions,
  klDiv,
  POISSON,
  type PoissonNllOptions,
  poissonNllLoss,
} from './likelihood.ts'
import {
  cosineEmbeddingLoss,
  hingeEmbeddingLoss,
  MARGIN,
  type MarginOptions,
  MULTI_MARGIN,
  type MultiMarginOptions,
  marginRankingLoss,
  multiMarginLoss,
  TRIPLET,
  type TripletMarginOptions,
  tripletMarginLoss,
} from './margin.ts'
import { checkLoss, type LossOptions } from './reduce.ts'
import {
  HUBER,
  type HuberOptions,
  huberLoss,
  l1Loss,
  mseLoss,
  SMOOTH_L1,
  type SmoothL1Options,
  smoothL1Loss,
} from './regression.ts'

/** The loss as a function, and what `checkLoss` is to let through. */
type Stated = readonly [loss: (...args: never[]) => Tensor, known?: readonly string[], reductions?: readonly string[]]
type Lengths = CtcOptions['inputLengths']

/**
 * A loss with its options, which are fields of the module: tensors among them (`weight`, `posWeight`) are buffers, as
 * in PyTorch, saved under `weight` and `pos_weight`.
 */
abstract class Loss<Options extends { reduction?: string }, Third = void> extends Module {
  private readonly given: readonly string[]
  protected abstract loss(): Stated

  constructor(options = {} as Options) {
    super()
    const [, ...known] = this.loss()
    checkLoss(new.target.name, options, ...known)
    this.given = Object.keys(options)
    for (const [name, value] of Object.entries<unknown>(options))
      Object.assign(this, { [name]: value instanceof Tensor ? buffer(value) : value })
  }

  /** The options that were given, as they are now. */
  get options(): Options {
    return Object.fromEntries(this.given.map((name) => [name, this[name as keyof this]])) as unknown as Options
  }

  override forward(x: Tensor, target: Tensor, third: Third): Tensor
  override forward(...inputs: readonly unknown[]): Tensor {
    return this.loss()[0](...([...inputs, this.options] as never[]))
  }

  protected override keyOf(field: string): string {
    return snakeCase(field)
  }
}

/**
 * (x − target)²; see `mseLoss`.
 * @example
 * import { tensor } from '@x/tensor'
 * import { MSELoss } from '@x/nn'
 * new MSELoss({ reduction: 'sum' }).forward(tensor([1, 2]), tensor([1, 4])).item() // 4
 */
export class MSELoss extends Loss<LossOptions> {
  protected override loss(): Stated {
    return [mseLoss]
  }
}

/**
 * |x − target|; see `l1Loss`.
 * @example
 * import { tensor } from '@x/tensor'
 * import { L1Loss } from '@x/nn'
 * new L1Loss().forward(tensor([1, 2]), tensor([1, 4])).item() // 1
 */
export class L1Loss extends Loss<LossOptions> {
  protected override loss(): Stated {
    return [l1Loss]
  }
}

/**
 * A square near 0, a line far out; see `smoothL1Loss`.
 * @example
 * import { tensor } from '@x/tensor'
 * import { SmoothL1Loss } from '@x/nn'
 * new SmoothL1Loss({ beta: 2 }).forward(tensor([4]), tensor([0])).item() // 3
 */
export class SmoothL1Loss extends Loss<SmoothL1Options> {
  protected override loss(): Stated {
    return [smoothL1Loss, SMOOTH_L1]
  }
}

/**
 * A square up to delta, a line beyond; see `huberLoss`.
 * @example
 * import { tensor } from '@x/tensor'
 * import { HuberLoss } from '@x/nn'
 * new HuberLoss({ delta: 2 }).forward(tensor([4]), tensor([0])).item() // 6
 */
export class HuberLoss extends Loss<HuberOptions> {
  protected override loss(): Stated {
    return [huberLoss, HUBER]
  }
}

/**
 * −ln softmax(x)[target], x [N, C, …]; see `crossEntropy`.
 * @throws RangeError for an option that there is not, and other reductions
 * @example
 * import { tensor } from '@x/tensor'
 * import { CrossEntropyLoss } from '@x/nn'
 * const loss = new CrossEntropyLoss({ labelSmoothing: 0.1 })
 * loss.forward(tensor([[0, 0]]), tensor([1], { dtype: 'int32' })).item().toFixed(4) // '0.6931'
 */
export class CrossEntropyLoss extends Loss<CrossEntropyOptions> {
  protected override loss(): Stated {
    return [crossEntropy, CROSS_ENTROPY]
  }
}

/**
 * −x[target] of log-probabilities x [N, C, …]; see `nllLoss`.
 * @example
 * import { tensor } from '@x/tensor'
 * import { NLLLoss } from '@x/nn'
 * new NLLLoss().forward(tensor([[-1, -2]]), tensor([1], { dtype: 'int32' })).item() // 2
 */
export class NLLLoss extends Loss<NllOptions> {
  protected override loss(): Stated {
    return [nllLoss, NLL]
  }
}

/**
 * Of probabilities; see `binaryCrossEntropy`.
 * @example
 * import { tensor } from '@x/tensor'
 * import { BCELoss } from '@x/nn'
 * new BCELoss().forward(tensor([0.5]), tensor([1])).item().toFixed(4) // '0.6931'
 */
export class BCELoss extends Loss<BinaryCrossEntropyOptions> {
  protected override loss(): Stated {
    return [binaryCrossEntropy, BINARY]
  }
}

/**
 * Of scores of any size; see `binaryCrossEntropyWithLogits`.
 * @example
 * import { tensor } from '@x/tensor'
 * import { BCEWithLogitsLoss } from '@x/nn'
 * new BCEWithLogitsLoss({ posWeight: tensor([2]) }).forward(tensor([0]), tensor([1])).item().toFixed(4) // '1.3863'
 */
export class BCEWithLogitsLoss extends Loss<WithLogitsOptions> {
  protected override loss(): Stated {
    return [binaryCrossEntropyWithLogits, WITH_LOGITS]
  }
}

/**
 * ln(1 + e^(−target·x)), target ±1; see `softMarginLoss`.
 * @example
 * import { tensor } from '@x/tensor'
 * import { SoftMarginLoss } from '@x/nn'
 * new SoftMarginLoss().forward(tensor([0]), tensor([-1])).item().toFixed(4) // '0.6931'
 */
export class SoftMarginLoss extends Loss<LossOptions> {
  protected override loss(): Stated {
    return [softMarginLoss]
  }
}

/**
 * By how much the right class fails to lead; see `multiMarginLoss`.
 * @example
 * import { tensor } from '@x/tensor'
 * import { MultiMarginLoss } from '@x/nn'
 * new MultiMarginLoss().forward(tensor([[1, 0.5]]), tensor([0], { dtype: 'int32' })).item() // 0.25
 */
export class MultiMarginLoss extends Loss<MultiMarginOptions> {
  protected override loss(): Stated {
    return [multiMarginLoss, MULTI_MARGIN]
  }
}

/**
 * Of distances, target ±1; margin 1 unless given. See `hingeEmbeddingLoss`.
 * @example
 * import { tensor } from '@x/tensor'
 * import { HingeEmbeddingLoss } from '@x/nn'
 * new HingeEmbeddingLoss().forward(tensor([0.25]), tensor([-1])).item() // 0.75
 */
export class HingeEmbeddingLoss extends Loss<MarginOptions> {
  protected override loss(): Stated {
    return [hingeEmbeddingLoss, MARGIN]
  }
}

/**
 * target·(ln target − x) of log-probabilities x; see `klDiv`.
 * @example
 * import { tensor } from '@x/tensor'
 * import { KLDivLoss } from '@x/nn'
 * new KLDivLoss({ reduction: 'batchmean' }).forward(tensor([[0, 0]]), tensor([[1, 0]])).item() // 0
 */
export class KLDivLoss extends Loss<KlDivOptions> {
  protected override loss(): Stated {
    return [klDiv, ...KL_DIV]
  }
}

/**
 * Of counts, with x the logarithm of their rate; see `poissonNllLoss`.
 * @example
 * import { tensor } from '@x/tensor'
 * import { PoissonNLLLoss } from '@x/nn'
 * new PoissonNLLLoss().forward(tensor([0]), tensor([3])).item() // 1
 */
export class PoissonNLLLoss extends Loss<PoissonNllOptions> {
  protected override loss(): Stated {
    return [poissonNllLoss, POISSON]
  }
}

/**
 * `forward(x, target, variance)`; see `gaussianNllLoss`.
 * @example
 * import { ones, tensor } from '@x/tensor'
 * import { GaussianNLLLoss } from '@x/nn'
 * new GaussianNLLLoss().forward(tensor([1, 3]), tensor([1, 1]), ones([2])).item() // 1
 */
export class GaussianNLLLoss extends Loss<GaussianNllOptions, Tensor> {
  protected override loss(): Stated {
    return [gaussianNllLoss, GAUSSIAN]
  }
}

/**
 * `forward(x1, x2, target)`, target ±1; margin 0 unless given. See `cosineEmbeddingLoss`.
 * @example
 * import { tensor } from '@x/tensor'
 * import { CosineEmbeddingLoss } from '@x/nn'
 * new CosineEmbeddingLoss().forward(tensor([[1, 0]]), tensor([[0, 1]]), tensor([1])).item() // 1
 */
export class CosineEmbeddingLoss extends Loss<MarginOptions, Tensor> {
  protected override loss(): Stated {
    return [cosineEmbeddingLoss, MARGIN]
  }
}

/**
 * `forward(x1, x2, target)`, target ±1; margin 0 unless given. See `marginRankingLoss`.
 * @example
 * import { tensor } from '@x/tensor'
 * import { MarginRankingLoss } from '@x/nn'
 * new MarginRankingLoss().forward(tensor([3]), tensor([5]), tensor([1])).item() // 2
 */
export class MarginRankingLoss extends Loss<MarginOptions, Tensor> {
  protected override loss(): Stated {
    return [marginRankingLoss, MARGIN]
  }
}

/**
 * `forward(anchor, positive, negative)`; see `tripletMarginLoss`.
 * @example
 * import { tensor } from '@x/tensor'
 * import { TripletMarginLoss } from '@x/nn'
 * new TripletMarginLoss().forward(tensor([[0]]), tensor([[2]]), tensor([[-2]])).item().toFixed(3) // '1.000'
 */
export class TripletMarginLoss extends Loss<TripletMarginOptions, Tensor> {
  protected override loss(): Stated {
    return [tripletMarginLoss, TRIPLET]
  }
}

/**
 * `forward(logProbs, targets, inputLengths, targetLengths)`, the lengths being tensors or lists; see `ctcLoss`.
 * logProbs [T, N, C], targets int32 [N, S] or one example behind the other.
 * @example
 * import { tensor } from '@x/tensor'
 * import { CTCLoss } from '@x/nn'
 * const half = Math.log(0.5)
 * const logProbs = tensor([[[half, half]], [[half, half]]]) // [2, 1, 2]
 * new CTCLoss().forward(logProbs, tensor([[1]], { dtype: 'int32' }), [2], [1]).item().toFixed(4) // '0.2877'
 */
export class CTCLoss extends Loss<Omit<CtcOptions, 'inputLengths' | 'targetLengths'>, Lengths> {
  protected override loss(): Stated {
    return [ctcLoss, CTC]
  }
  override forward(logProbs: Tensor, targets: Tensor, inputLengths?: Lengths, targetLengths?: Lengths): Tensor {
    return ctcLoss(logProbs, targets, { ...this.options, inputLengths, targetLengths })
  }
}
