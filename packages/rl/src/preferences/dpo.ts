// Direct preference optimisation: the policy learns from pairs itself, without a reward model and without sampling.
import { valueAndGrad } from '@x/autograd'
import { Adam, clipGradNorm } from '@x/nn'
import { compile, type Tensor, tensor, tidy } from '@x/tensor'
import { type DpoOptions, dpoLoss } from '../arithmetic/preferences.ts'
import { knownOptions } from '../env/errors.ts'
import type { Preferences } from './compare.ts'
import { type LanguagePolicy, type Responses, responseLogProbs, takeResponses, tensorsOf } from './policy.ts'
import { batchesOf, passesOf, type RewardTrainingOptions } from './rewardModel.ts'

export interface DPOTrainingOptions extends DpoOptions, RewardTrainingOptions {}

export interface DPOTraining {
  readonly epoch: number
  /** Mean over the epoch, as of the next two. */
  readonly loss: number
  /** Share of pairs whose chosen response has the higher implicit reward. */
  readonly accuracy: number
  /** Implicit reward β log(π / π_ref) of chosen responses less that of rejected ones. */
  readonly margin: number
}

/**
 * Minimises −E[log σ(β log(π(y_w) / π_ref(y_w)) − β log(π(y_l) / π_ref(y_l)))] over the pairs: the optimum of the reward model
 * under a KL penalty of weight β, in one step. Yields after every epoch; the policy is changed in place, the reference is not.
 * Source: Rafailov et al. 2023, "Direct Preference Optimization", arXiv:2305.18290, equation 7; `loss: 'ipo'` Azar et al.
 * 2023, arXiv:2310.12036.
 * @throws RangeError without any pairs, or for options that there are not or out of range; TypeError for what are no responses
 * @example
 * import { RecurrentLanguageModel } from '@x/nn/models'
 * import { NumpyGenerator } from '@x/rl'
 * import { preferencesBy, sampleResponses, trainDPO } from '@x/rl/preferences'
 * const [policy, reference] = [0, 1].map(() => new RecurrentLanguageModel(12, { cell: 'GRU', hidden: 16 }))
 * policy.loadStateDict(reference.stateDict())
 * const prompts = Array.from({ length: 100 }, () => [0])
 * const [a, b] = [0, 1].map((seed) => sampleResponses(reference, prompts, { length: 8, generator: new NumpyGenerator(seed) }))
 * const pairs = preferencesBy((tokens) => tokens.filter((token) => token < 4).length, a, b)
 * for (const { accuracy } of trainDPO(policy, reference, { ...pairs, epochs: 2 })) console.log(accuracy)
 */
export function* trainDPO(
  policy: LanguagePolicy,
  reference: LanguagePolicy,
  { chosen, rejected, ...options }: Preferences & DPOTrainingOptions,
): Generator<DPOTraining, void> {
  if (!chosen?.tokens || !rejected?.tokens) {
    throw new TypeError('trainDPO: give pairs as ...preferencesOf([{ prompt, chosen, rejected }]), lists of tokens')
  }
  knownOptions('trainDPO', options, ['epochs', 'batchSize', 'lr', 'seed', 'beta', 'labelSmoothing', 'loss'])
  const { epochs, batchSize, lr, seed } = passesOf('trainDPO', options)
  const { beta, labelSmoothing, loss: kind } = options
  const parameters = policy.parameters()
  const optimizer = new Adam(parameters, { lr })
  // Of chosen (w) and rejected (l) responses: tokens, mask, and log π_ref of the whole response.
  const step = compile((w: Tensor, mw: Tensor, rw: Tensor, l: Tensor, ml: Tensor, rl: Tensor) => {
    const { value, grads, aux } = valueAndGrad(() => {
      const { loss, chosenRewards, rejectedRewards } = dpoLoss(
        {
          chosen: responseLogProbs(policy, w, mw).sum(-1),
          rejected: responseLogProbs(policy, l, ml).sum(-1),
          referenceChosen: rw,
          referenceRejected: rl,
        },
        { beta, labelSmoothing, loss: kind },
      )
      const margin = chosenRewards.sub(rejectedRewards)
      return [loss, [margin.gt(0).cast('float32').mean(), margin.mean()]] as const
    }, parameters)
    optimizer.step(clipGradNorm(grads, 1).grads)
    return [value, ...aux]
  })
  // The reference does not change: it is asked once.
  const [w, l] = [totals(reference, chosen), totals(reference, rejected)]
  try {
    for (let epoch = 1; epoch <= epochs; epoch++) {
      const batches = batchesOf('trainDPO', chosen.count, { batchSize, seed: [seed, epoch] })
      const sums = [0, 0, 0]
      for (const rows of batches) {
        tidy(() => {
          const [a, b] = [tensorsOf(takeResponses(chosen, rows)), tensorsOf(takeResponses(rejected, rows))]
          const at = (totals: Float32Array): Tensor => tensor(Float32Array.from(rows, (row) => totals[row]))
          step(a.tokens, a.mask, at(w), b.tokens, b.mask, at(l)).forEach((x, i) => {
            sums[i] += x.item() * rows.length
          })
        })
      }
      const [loss, accuracy, margin] = sums.map((sum) => sum / chosen.count)
      yield { epoch, loss, accuracy, margin }
    }
  } finally {
    step.dispose()
    optimizer.dispose()
  }
}

/** log π of whole responses. */
function totals(policy: LanguagePolicy, responses: Responses): Float32Array {
  return tidy(() => {
    const { tokens, mask } = tensorsOf(responses)
    return Float32Array.from(responseLogProbs(policy, tokens, mask).sum(-1).data(), Number)
  })
}
