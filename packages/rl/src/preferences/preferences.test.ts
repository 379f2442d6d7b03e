import { RecurrentLanguageModel } from '@x/nn/models'
import { Generator, type Tensor, tensor, tidy } from '@x/tensor'
import { assertNoLeak } from '@x/tensor/testing'
import { describe, expect, test } from 'vitest'
import { NumpyGenerator } from '../random/generator.ts'
import { comparePolicies, preferencesBy, preferencesOf } from './compare.ts'
import { trainDPO } from './dpo.ts'
import { trainGRPO } from './grpo.ts'
import {
  type Responses,
  responseLogProbs,
  responseTokens,
  sampleResponses,
  takeResponses,
  tensorsOf,
} from './policy.ts'
import { RewardModel, trainRewardModel } from './rewardModel.ts'
import { trainRLHF } from './rlhf.ts'

const V = 12 // tokens: 0 begins and ends, 1 to 3 are vowels
const vowels = (response: readonly number[]): number => response.filter((token) => token >= 1 && token <= 3).length
const prompts = (n: number): number[][] => Array.from({ length: n }, () => [0])
const text = { length: 10, end: 0 }

/** A policy and its reference, with the same first weights. */
function twins(): { policy: RecurrentLanguageModel; reference: RecurrentLanguageModel; dispose: () => void } {
  const make = (): RecurrentLanguageModel => {
    const generator = new Generator(3)
    const model = new RecurrentLanguageModel(V, { cell: 'GRU', embedding: 12, hidden: 24, generator })
    generator.dispose()
    return model
  }
  const [policy, reference] = [make(), make()]
  const dispose = (): void => [policy, reference].forEach((model) => void model.dispose())
  return { policy, reference, dispose }
}

const judged = { ...text, prompts: prompts(200), measure: vowels, seed: 9 }

describe('responses', () => {
  test('end where they end, repeat with their seed, and have the probabilities that they were drawn with', () => {
    const { policy, dispose } = twins()
    const draw = (): ReturnType<typeof sampleResponses> =>
      sampleResponses(policy, prompts(400), { ...text, generator: new NumpyGenerator(1) })
    const responses = draw()
    expect(draw()).toEqual(responses)
    const { mask, tokens } = responses
    for (let b = 0; b < 400; b++) {
      const own = Array.from(tokens.subarray(b * 11 + 1, (b + 1) * 11))
      const end = own.indexOf(0)
      expect(Array.from(mask.subarray(b * 10, (b + 1) * 10))).toEqual(own.map((_, t) => (end < 0 || t <= end ? 1 : 0)))
      expect(responseTokens(responses)[b]).toEqual(end < 0 ? own : own.slice(0, end))
    }
    // The share of first tokens is their probability.
    const { p, total } = tidy(() => {
      const x = tensorsOf(responses)
      const first = policy
        .forward(tensor([[0]], { dtype: 'int32' }))[0]
        .softmax(-1)
        .flatten()
      return { p: first.data() as Float32Array, total: responseLogProbs(policy, x.tokens, x.mask).sum(-1).at(0).item() }
    })
    const counts = new Float64Array(V)
    for (let b = 0; b < 400; b++) counts[tokens[b * 11 + 1]] += 1 / 400
    counts.forEach((share, i) => void expect(Math.abs(share - p[i])).toBeLessThan(0.06))
    expect(total).toBeLessThan(0)
    dispose()
  })

  test('a model without a state is read from the start each time', () => {
    const { policy, dispose } = twins()
    const stateless = {
      forward: (tokens: Tensor) => policy.forward(tokens)[0],
      parameters: () => policy.parameters(),
    }
    const draw = (model: typeof stateless | RecurrentLanguageModel): unknown =>
      sampleResponses(model, prompts(20), { ...text, generator: new NumpyGenerator(5) })
    expect(draw(stateless)).toEqual(draw(policy))
    dispose()
  })

  test('pairs are in order', () => {
    const { policy, dispose } = twins()
    const generator = new NumpyGenerator(2)
    const [a, b] = [0, 1].map(() => sampleResponses(policy, prompts(50), { ...text, generator }))
    const { chosen, rejected } = preferencesBy(vowels, a, b)
    expect(chosen.count).toBe(rejected.count)
    expect(chosen.count).toBeGreaterThan(20)
    const [w, l] = [chosen, rejected].map((r) => responseTokens(r).map(vowels))
    w.forEach((v, i) => void expect(v).toBeGreaterThan(l[i]))
    dispose()
  })

  test('bad input is named', () => {
    const { policy, reference, dispose } = twins()
    expect(() => sampleResponses(policy, [[1], [1, 2]], text)).toThrow('prompts must have one length')
    expect(() => sampleResponses(policy, [[1]], { length: 0 })).toThrow('length 0')
    const few = sampleResponses(policy, prompts(4), text)
    const pairs = { chosen: few, rejected: few }
    const none = { chosen: takeResponses(few, []), rejected: takeResponses(few, []) }
    expect(() => trainDPO(policy, reference, none).next()).toThrow('trainDPO: there are no pairs')
    expect(() => trainDPO(policy, reference, [] as never).next()).toThrow('preferencesOf')
    expect(() => trainDPO(policy, reference, { ...pairs, batchSize: 0 }).next()).toThrow(
      'trainDPO: batchSize 0 is not a whole number ≥ 1',
    )
    expect(() => preferencesOf([])).toThrow('a list of pairs')
    expect(() => preferencesOf([{ prompt: [0], chosen: [], rejected: [1] }])).toThrow('chosen of pair 0 is empty')
    expect(() => preferencesOf([{ prompt: 'hi' as never, chosen: [1], rejected: [1] }])).toThrow(
      'prompt of pair 0 "hi"',
    )
    expect(() => sampleResponses(policy, [[-1]], text)).toThrow('prompt [-1] is not a list of tokens')
    expect(() => sampleResponses(policy, [[0]], { ...text, top: 1 } as never)).toThrow("there is no option 'top'")
    const paid = { ...text, prompts: prompts(1), groupSize: 2 }
    expect(() => trainGRPO(policy, reference, { ...paid, rewards: () => [0, Number.NaN] }).next()).toThrow(
      'response 1 is NaN',
    )
    expect(() => trainGRPO(policy, reference, { ...paid, rewards: () => [0] }).next()).toThrow('1 rewards for 2')
    const online = { ...text, prompts: prompts(2), rewards: () => [0, 0], groupSize: 1 }
    expect(() => trainGRPO(policy, reference, online).next()).toThrow('groupSize 1')
    expect(() => trainGRPO(policy, reference, { ...online, stray: 1 } as never).next()).toThrow("no option 'stray'")
    const grouped = { ...online, groupSize: 2 }
    expect(() => trainGRPO(policy, reference, { ...grouped, updates: 0 }).next()).toThrow('trainGRPO: updates 0')
    expect(() => trainGRPO(policy, reference, { ...grouped, rewards: () => [0, 0, 0, 0], clip: 0 }).next()).toThrow(
      'grpoLoss: clip 0 is not a number > 0',
    )
    expect(() => new RewardModel(V, { hiden: 3 } as never)).toThrow("RewardModel: there is no option 'hiden'")
    const critic = new RewardModel(V, { hidden: 4 })
    const fed = { ...text, prompts: prompts(2), rewards: () => [0, 0], critic }
    expect(() => trainRLHF(policy, reference, { ...fed, lambda: 2 }).next()).toThrow('trainRLHF: lambda 2')
    critic.dispose()
    dispose()
  })
})

/** Pairs of answers of the reference, by the number of vowels. */
function pairsOf(reference: RecurrentLanguageModel, count = 400): ReturnType<typeof preferencesBy> {
  const generator = new NumpyGenerator(4)
  const [a, b] = [0, 1].map(() => sampleResponses(reference, prompts(count), { ...text, generator }))
  return preferencesBy(vowels, a, b)
}

describe('learning from preferences', () => {
  test('before anything is learned, nobody wins', () => {
    const { policy, reference, dispose } = twins()
    const { winRate, kl } = comparePolicies(policy, reference, judged)
    expect(Math.abs(winRate - 0.5)).toBeLessThan(0.07)
    expect(kl).toBe(0)
    dispose()
  })

  test('pairs of one’s own, of any lengths, in batches of nearly one size', () => {
    const [policy, reference] = [0, 1].map(() => new RecurrentLanguageModel(6, { cell: 'GRU', hidden: 8 }))
    policy.loadStateDict(reference.stateDict())
    const pairs = preferencesOf([
      { prompt: [0, 1], chosen: [2, 3, 4], rejected: [5] },
      { prompt: [0], chosen: [2], rejected: [5, 5] },
      { prompt: [1], chosen: [3], rejected: [5] },
    ])
    expect(responseTokens(pairs.chosen)).toEqual([[2, 3, 4], [2], [3]])
    // What is filled up behind does not count: log π is that of the pair alone.
    const total = (responses: Responses): number[] =>
      tidy(() => {
        const { tokens, mask } = tensorsOf(responses)
        return Array.from(responseLogProbs(policy, tokens, mask).sum(-1).data(), Number)
      })
    const alone = preferencesOf([{ prompt: [0], chosen: [2], rejected: [5, 5] }])
    expect(total(pairs.chosen)[1]).toBeCloseTo(total(alone.chosen)[0], 6)
    const epochs = [...trainDPO(policy, reference, { ...pairs, epochs: 20, batchSize: 2 })]
    expect(epochs[19].accuracy).toBe(1)
    expect(epochs[19].loss).toBeLessThan(epochs[0].loss)
    const model = new RewardModel(6, { hidden: 8 })
    const learned = [...trainRewardModel(model, pairs, { epochs: 30, batchSize: 2 })]
    expect(learned[29].accuracy).toBe(1)
    for (const x of [policy, reference, model]) x.dispose()
  })

  test('DPO learns from pairs alone', () => {
    const { policy, reference, dispose } = twins()
    const epochs = [...trainDPO(policy, reference, { ...pairsOf(reference), epochs: 10 })]
    expect(epochs[0].loss).toBeLessThan(0.7)
    expect(epochs[9].loss).toBeLessThan(epochs[0].loss)
    expect(epochs[9].accuracy).toBeGreaterThan(0.85)
    expect(epochs[9].margin).toBeGreaterThan(0.5)
    const { winRate, kl } = comparePolicies(policy, reference, judged)
    expect(winRate).toBeGreaterThan(0.85)
    expect(kl).toBeGreaterThan(1)
    expect(kl).toBeLessThan(6)
    dispose()
  })

  test('a reward model, and PPO with a KL penalty on it', () => {
    const { policy, reference, dispose } = twins()
    const make = (): RewardModel => {
      const generator = new Generator(5)
      const model = new RewardModel(V, { embedding: 12, hidden: 24, generator })
      generator.dispose()
      return model
    }
    const [model, critic] = [make(), make()]
    const epochs = [...trainRewardModel(model, pairsOf(reference), { epochs: 10 })]
    expect(epochs[9].accuracy).toBeGreaterThan(0.9)
    critic.loadStateDict(model.stateDict())
    const rewards = model.score.bind(model)
    const settings = { ...text, prompts: prompts(64), rewards, critic, iterations: 40 }
    const iterations = [...trainRLHF(policy, reference, settings)]
    const { winRate, kl } = comparePolicies(policy, reference, judged)
    expect(iterations[39].reward).toBeGreaterThan(iterations[0].reward)
    expect(winRate).toBeGreaterThan(0.9)
    expect(kl).toBeLessThan(8)
    dispose()
    for (const one of [model, critic]) one.dispose()
  })

  test('GRPO: the stronger the hold on the reference, the less it moves', () => {
    const [loose, tight] = [0.04, 2].map((klBeta) => {
      const { policy, reference, dispose } = twins()
      const rewards = (r: Responses): number[] => responseTokens(r).map(vowels)
      const settings = { ...text, prompts: prompts(8), rewards, iterations: 40, klBeta }
      const iterations = [...trainGRPO(policy, reference, settings)]
      expect(iterations[0].kl).toBe(0)
      expect(iterations[39].reward).toBeGreaterThan(iterations[0].reward)
      const comparison = comparePolicies(policy, reference, judged)
      dispose()
      return comparison
    })
    expect(loose.winRate).toBeGreaterThan(0.97)
    expect(loose.score).toBeGreaterThan(9) // of 10
    expect(tight.winRate).toBeGreaterThan(0.55)
    expect(tight.kl).toBeLessThan(1)
    expect(loose.kl).toBeGreaterThan(10)
  })

  test('nothing is left behind', () => {
    assertNoLeak('preferences', () => {
      const { policy, reference, dispose } = twins()
      const pairs = pairsOf(reference, 80)
      const model = new RewardModel(V, { embedding: 4, hidden: 8 })
      const online = { ...text, prompts: prompts(8), rewards: model.score.bind(model), iterations: 2 }
      for (const run of [
        trainRewardModel(model, pairs, { epochs: 1, batchSize: 8 }),
        trainDPO(policy, reference, { ...pairs, epochs: 1, batchSize: 8 }),
        trainGRPO(policy, reference, online),
        trainRLHF(policy, reference, { ...online, critic: model }),
      ])
        expect([...run].length).toBeGreaterThan(0)
      model.dispose()
      dispose()
    })
  })
})
