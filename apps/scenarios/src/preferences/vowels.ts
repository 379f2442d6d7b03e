// A small language model learns what readers like, in three ways; what they like is a text with many vowels.
// Sources: L. Ouyang et al. 2022, arXiv:2203.02155 (reward model and PPO); R. Rafailov et al. 2023, arXiv:2305.18290 (DPO);
// Z. Shao et al. 2024, arXiv:2402.03300 (GRPO).
import { valueAndGrad } from '@x/autograd'
import { AdamW, clipGradNorm, crossEntropy } from '@x/nn'
import { RecurrentLanguageModel } from '@x/nn/models'
import { NumpyGenerator } from '@x/rl'
import {
  comparePolicies,
  type Measure,
  type OnlineTraining,
  type Preferences,
  preferencesBy,
  type Responses,
  RewardModel,
  responseTokens,
  sampleResponses,
  trainDPO,
  trainGRPO,
  trainRewardModel,
  trainRLHF,
} from '@x/rl/preferences'
import { compile, Generator as Randomness, type Tensor, tensor, tidy } from '@x/tensor'
import { kingdom } from '../../data/kingdom.ts'
import { defineScenario, type Shown } from '../scenario.ts'

const VOWELS = 'aeiou'
const LENGTH = 24
const CONTEXT = 32
const WAYS = ['reward model and PPO', 'DPO', 'GRPO'] as const

export const preferences = defineScenario({
  name: 'preferences',
  topic: 'From preferences',
  title: 'RLHF: PPO, DPO and GRPO make a model write vowels',
  about:
    'A recurrent network that has learned to write is asked for pairs of texts, and of each pair the one with more vowels is ' +
    'liked. From that it learns in three ways, held to the model it came from. How often its texts win over those of the old ' +
    'model, and how far it has moved to get there, is measured.',
  options: {
    pretraining: { kind: 'number', about: 'steps of learning to write first', default: 400, least: 20, most: 10_000 },
    pairs: { kind: 'number', about: 'pairs of texts to be judged', default: 1000, least: 100, most: 20_000 },
    iterations: { kind: 'number', about: 'rounds of PPO and GRPO', default: 60, least: 5, most: 1000 },
    hold: {
      kind: 'number',
      about: 'weight of the divergence from the old model',
      default: 0.1,
      least: 0.001,
      most: 10,
      multipleOf: null,
    },
  },
  async *run({ options, seed, quick, breathe }): AsyncGenerator<Shown> {
    const text = kingdom().join('.\n')
    const letters = [...new Set(text)].sort()
    const number = new Map(letters.map((letter, i) => [letter, i]))
    const isVowel = letters.map((letter) => VOWELS.includes(letter))
    const measure = (tokens: readonly number[]): number => tokens.filter((token) => isVowel[token]).length
    const show = (tokens: readonly number[]): string =>
      tokens
        .map((token) => letters[token])
        .join('')
        .replaceAll('\n', ' ')
    const fresh = (): RecurrentLanguageModel => {
      const generator = new Randomness(seed)
      const model = new RecurrentLanguageModel(letters.length, { cell: 'GRU', hidden: 64, generator })
      generator.dispose()
      return model
    }

    yield { kind: 'heading', text: 'first it learns to write' }
    const reference = fresh()
    const tokens = Int32Array.from([...text], (letter) => number.get(letter) as number)
    yield* pretrain(reference, tokens, { steps: quick ? 120 : options.pretraining, seed, breathe })

    // Texts go on after a line break.
    const begin = number.get('\n') as number
    const prompts = (count: number): number[][] => Array.from({ length: count }, () => [begin])
    const generator = new NumpyGenerator(seed)
    const judged = prompts(quick ? 400 : options.pairs)
    const [first, second] = [0, 1].map(() => sampleResponses(reference, judged, { length: LENGTH, generator }))
    const pairs = preferencesBy(measure, first, second)
    yield { kind: 'text', text: `${pairs.chosen.count} pairs of texts; the others were equal. One of them:` }
    yield {
      kind: 'table',
      title: 'more vowels are liked',
      columns: ['', 'text', 'vowels'],
      rows: (
        [
          ['liked', pairs.chosen],
          ['not liked', pairs.rejected],
        ] as const
      ).map(([name, side]) => {
        const [one] = responseTokens(side)
        return [name, show(one), measure(one)]
      }),
    }

    const iterations = quick ? Math.min(options.iterations, 30) : options.iterations
    const rows: (string | number)[][] = []
    const claims: Shown[] = []
    for (const way of WAYS) {
      yield { kind: 'heading', text: way }
      const policy = fresh()
      policy.loadStateDict(reference.stateDict())
      const weights = new Randomness(seed)
      const [model, critic] = [0, 1].map(() => new RewardModel(letters.length, { hidden: 48, generator: weights }))
      weights.dispose()
      const curve = { name: way, x: [] as number[], y: [] as number[] }
      const task: Task = {
        policy,
        reference,
        model,
        critic,
        pairs,
        measure,
        prompts,
        iterations,
        hold: options.hold,
        seed,
      }
      for (const { note, score, of } of rounds(way, task)) {
        if (score !== null) {
          curve.x.push(curve.x.length + 1)
          curve.y.push(score)
        }
        yield { kind: 'progress', done: Math.max(1, curve.x.length), of, note: `${way}: ${note}` }
        yield {
          kind: 'plot',
          id: way,
          title: way === 'DPO' ? 'margin of the implicit rewards' : 'reward of its texts',
          x: 'round',
          y: 'reward',
          curves: [curve],
        }
        await breathe()
      }
      const compared = { prompts: prompts(quick ? 200 : 500), measure, length: LENGTH, seed: seed + 1 }
      const { winRate, kl, score, referenceScore } = comparePolicies(policy, reference, compared)
      const [written] = responseTokens(sampleResponses(policy, prompts(1), { length: 60, generator }))
      rows.push([way, (100 * winRate).toFixed(1), kl.toFixed(2), score.toFixed(2), referenceScore.toFixed(2)])
      yield { kind: 'text', text: `It writes: ${show(written)}` }
      claims.push({
        kind: 'claim',
        text: `${way}: its texts win ${(100 * winRate).toFixed(0)} % of the time, ${kl.toFixed(1)} nats from the old model`,
        holds: winRate > 0.7 && kl > 0,
      })
      for (const owner of [policy, model, critic]) owner.dispose()
    }
    yield {
      kind: 'table',
      title: 'against the old model',
      columns: ['way', 'wins, %', 'KL, nats per text', 'vowels', 'vowels before'],
      rows,
    }
    yield* claims
    reference.dispose()
  },
})

interface Task {
  readonly policy: RecurrentLanguageModel
  readonly reference: RecurrentLanguageModel
  readonly model: RewardModel
  readonly critic: RewardModel
  readonly pairs: Preferences
  readonly measure: Measure
  readonly prompts: (count: number) => number[][]
  readonly iterations: number
  readonly hold: number
  readonly seed: number
}

/** A round of learning; a score of null where the policy has not begun to learn. */
interface Round {
  readonly note: string
  readonly score: number | null
  readonly of: number
}

function* rounds(way: (typeof WAYS)[number], task: Task): Generator<Round> {
  const { policy, reference, model, critic, pairs, measure, prompts, iterations, hold, seed } = task
  const online = { length: LENGTH, iterations, seed, lr: 2e-3 }
  const round = ({ reward, kl }: OnlineTraining): Round => ({
    note: `reward ${reward.toFixed(2)}, KL ${kl.toFixed(2)} per letter`,
    score: reward,
    of: iterations,
  })
  if (way === 'DPO') {
    const epochs = 8
    for (const { margin, accuracy } of trainDPO(policy, reference, { ...pairs, epochs, beta: hold, lr: 1e-3, seed }))
      yield { note: `${(100 * accuracy).toFixed(0)} % of the pairs in order`, score: margin, of: epochs }
  } else if (way === 'GRPO') {
    const rewards = (responses: Responses): number[] => responseTokens(responses).map(measure)
    const options = { ...online, prompts: prompts(4), rewards, groupSize: 16, klBeta: hold }
    for (const training of trainGRPO(policy, reference, options)) yield round(training)
  } else {
    for (const { accuracy } of trainRewardModel(model, pairs, { epochs: 8, seed }))
      yield {
        note: `reward model: ${(100 * accuracy).toFixed(0)} % of the pairs in order`,
        score: null,
        of: iterations,
      }
    critic.loadStateDict(model.stateDict())
    const rewards = model.score.bind(model)
    const options = { ...online, prompts: prompts(64), rewards, critic, klCoef: hold }
    for (const training of trainRLHF(policy, reference, options)) yield round(training)
  }
}

/** Learns which letter comes next. */
async function* pretrain(
  model: RecurrentLanguageModel,
  tokens: Int32Array,
  { steps, seed, breathe }: { steps: number; seed: number; breathe: () => Promise<void> },
): AsyncGenerator<Shown> {
  const parameters = model.parameters()
  const optimizer = new AdamW(parameters, { lr: 5e-3 })
  const generator = new NumpyGenerator(seed)
  const V = model.head.weight.shape[0]
  const step = compile((x: Tensor, y: Tensor) => {
    const loss = (): Tensor => crossEntropy(model.forward(x)[0].reshape([-1, V]), y.flatten())
    const { value, grads } = valueAndGrad(loss, parameters)
    optimizer.step(clipGradNorm(grads, 1).grads)
    return value
  })
  const batch = 32
  for (let i = 1; i <= steps; i++) {
    const starts = generator.integersMany(batch, 0, tokens.length - CONTEXT)
    const windows = (shift: number): Tensor => {
      const values = new Int32Array(batch * CONTEXT)
      starts.forEach((start, b) => {
        values.set(tokens.subarray(start + shift, start + shift + CONTEXT), b * CONTEXT)
      })
      return tensor(values, { shape: [batch, CONTEXT] })
    }
    const loss = tidy(() => step(windows(0), windows(1)).item())
    if (i % 10 === 0) yield { kind: 'progress', done: i, of: steps, note: `${loss.toFixed(2)} nats per letter` }
    await breathe()
  }
  step.dispose()
  optimizer.dispose()
}
