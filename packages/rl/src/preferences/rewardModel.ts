// A reward model: learns from pairs of responses what people prefer.
import { valueAndGrad } from '@x/autograd'
import { Adam, clipGradNorm, Embedding, GRU, Linear, Module } from '@x/nn'
import { arange, compile, type Generator as Randomness, slice, type Tensor, tidy } from '@x/tensor'
import { bradleyTerryLoss } from '../arithmetic/preferences.ts'
import { knownOptions } from '../env/errors.ts'
import { atLeast0, whole, wholes } from '../env/numbers.ts'
import { NumpyGenerator } from '../random/generator.ts'
import type { Preferences } from './compare.ts'
import { type Responses, takeResponses, tensorsOf } from './policy.ts'

export interface RewardModelOptions {
  /** Numbers that stand for a token, ≥ 1. Default 32 */
  embedding?: number
  /** Numbers in the state, ≥ 1. Default 64 */
  hidden?: number
  /** Of the first weights. Default: the default generator */
  generator?: Randomness
}

/**
 * A number for every position of a text, from what stands up to there: tokens [B, L] (int32) → [B, L]. An embedding, a GRU
 * and a linear head; `trainRewardModel` has an example.
 */
export class RewardModel extends Module {
  readonly embedding: Embedding
  readonly recurrent: GRU
  readonly head: Linear

  /**
   * @param vocabulary how many tokens there are
   * @throws RangeError for sizes that are not whole numbers ≥ 1, or an option that there is not
   */
  constructor(vocabulary: number, options: RewardModelOptions = {}) {
    super()
    knownOptions('RewardModel', options, ['embedding', 'hidden', 'generator'])
    const { embedding = 32, hidden = 64, generator } = options
    wholes('RewardModel', { vocabulary, embedding, hidden })
    this.embedding = new Embedding(vocabulary, embedding, { generator })
    this.recurrent = new GRU(embedding, hidden, { batchFirst: true, generator })
    this.head = new Linear(hidden, 1, { generator })
  }

  override forward(tokens: Tensor): Tensor {
    return this.head.forward(this.recurrent.forward(this.embedding.forward(tokens))[0]).squeeze(-1)
  }

  /** The number at the last token that counts: tokens [B, P + T], mask [B, T] → [B]. */
  scores(tokens: Tensor, mask: Tensor): Tensor {
    const P = tokens.shape[1] - mask.shape[1]
    const last = mask.mul(arange(1, mask.shape[1] + 1, { dtype: 'float32' })).argmax(-1, { keepdims: true })
    return this.forward(tokens).at(slice(), slice(P)).gather(last, -1).squeeze(-1)
  }

  /** What it makes of responses. */
  score(responses: Responses): Float64Array {
    return tidy(() => {
      const { tokens, mask } = tensorsOf(responses)
      return Float64Array.from(this.scores(tokens, mask).data(), Number)
    })
  }
}

export interface RewardTrainingOptions {
  /** Passes over the pairs, ≥ 1. Default 10 */
  epochs?: number
  /** Pairs per update at most, ≥ 1; an epoch is cut evenly. Default 32 */
  batchSize?: number
  /** Learning rate of Adam, ≥ 0. Default 3e-3 */
  lr?: number
  /** Seeds the order of pairs, a whole number ≥ 0. Default 0 */
  seed?: number
}

export interface RewardTraining {
  readonly epoch: number
  /** Mean of −log σ(r(chosen) − r(rejected)) over the epoch. */
  readonly loss: number
  /** Share of the pairs of the epoch that the model put in order. */
  readonly accuracy: number
}

/**
 * Fits a reward model to preferences by Bradley and Terry's model: P(chosen ≻ rejected) = σ(r(chosen) − r(rejected)), loss
 * −E[log σ(r(x, y_w) − r(x, y_l))]. Yields after every epoch.
 * Source: Bradley and Terry 1952; Christiano et al. 2017, arXiv:1706.03741, equation 1; Ouyang et al. 2022,
 * arXiv:2203.02155, equation 1.
 * @throws RangeError without any pairs, or for options that there are not or out of range
 * @example
 * import { RecurrentLanguageModel } from '@x/nn/models'
 * import { NumpyGenerator } from '@x/rl'
 * import { preferencesBy, RewardModel, sampleResponses, trainRewardModel } from '@x/rl/preferences'
 * const reference = new RecurrentLanguageModel(12, { cell: 'GRU', hidden: 16 })
 * const prompts = Array.from({ length: 100 }, () => [0])
 * const [a, b] = [0, 1].map((seed) => sampleResponses(reference, prompts, { length: 8, generator: new NumpyGenerator(seed) }))
 * const pairs = preferencesBy((tokens) => tokens.filter((token) => token < 4).length, a, b)
 * const model = new RewardModel(12, { hidden: 16 })
 * for (const { loss } of trainRewardModel(model, pairs, { epochs: 2 })) console.log(loss)
 */
export function* trainRewardModel(
  model: RewardModel,
  { chosen, rejected }: Preferences,
  options: RewardTrainingOptions = {},
): Generator<RewardTraining, void> {
  knownOptions('trainRewardModel', options, ['epochs', 'batchSize', 'lr', 'seed'])
  const { epochs, batchSize, lr, seed } = passesOf('trainRewardModel', options)
  const parameters = model.parameters()
  const optimizer = new Adam(parameters, { lr })
  const step = compile((yw: Tensor, mw: Tensor, yl: Tensor, ml: Tensor) => {
    const { value, grads, aux } = valueAndGrad(() => {
      const [rw, rl] = [model.scores(yw, mw), model.scores(yl, ml)]
      return [bradleyTerryLoss(rw, rl), rw.gt(rl).cast('float32').mean()] as const
    }, parameters)
    optimizer.step(clipGradNorm(grads, 1).grads)
    return [value, aux] as const
  })
  try {
    for (let epoch = 1; epoch <= epochs; epoch++) {
      const batches = batchesOf('trainRewardModel', chosen.count, { batchSize, seed: [seed, epoch] })
      let [loss, accuracy] = [0, 0]
      for (const rows of batches) {
        tidy(() => {
          const [w, l] = [tensorsOf(takeResponses(chosen, rows)), tensorsOf(takeResponses(rejected, rows))]
          const [value, right] = step(w.tokens, w.mask, l.tokens, l.mask)
          loss += value.item() * rows.length
          accuracy += right.item() * rows.length
        })
      }
      yield { epoch, loss: loss / chosen.count, accuracy: accuracy / chosen.count }
    }
  } finally {
    step.dispose()
    optimizer.dispose()
  }
}

/** How pairs are gone through, with defaults. @throws RangeError for what is out of range */
export function passesOf(
  owner: string,
  { epochs = 10, batchSize = 32, lr = 3e-3, seed = 0 }: RewardTrainingOptions,
): Required<RewardTrainingOptions> {
  wholes(owner, { epochs, batchSize })
  atLeast0(`${owner}: lr`, lr)
  whole(`${owner}: seed`, seed, 0)
  return { epochs, batchSize, lr, seed }
}

/**
 * Rows in random order, in as few batches as there must be, of sizes that differ by one at most: a rest of a few rows would
 * steer a whole step. @throws RangeError for no rows
 */
export function batchesOf(
  what: string,
  count: number,
  { batchSize, seed }: { batchSize: number; seed: readonly [number, number] },
): Int32Array[] {
  if (count === 0) throw new RangeError(`${what}: there are no pairs`)
  const order = new NumpyGenerator(seed[0] * 100_003 + seed[1]).permutation(count)
  const n = Math.ceil(count / batchSize)
  const from = (i: number): number => Math.floor((i * count) / n)
  return Array.from({ length: n }, (_, i) => order.subarray(from(i), from(i + 1)))
}
