// Generation: searches and draws against their definitions, limits and stops, several texts at once, and what is refused.
import { Generator, memoryStats, tensor, tidy } from '@x/tensor'
import { describe, expect, test } from 'vitest'
import { CAUSAL, SEQ2SEQ } from '../cases/tiny.ts'
import type { CausalLM } from '../models/causal.ts'
import { beamSearch, type NextTokens } from './beam.ts'
import { generate, stream } from './generate.ts'
import { bleu } from './metrics.ts'
import { logSoftmax, tokenProbabilities } from './processors.ts'
import { generateText, streamText } from './text.ts'

const model = CAUSAL.llama()
const none = { eosTokenId: null }

/** The likeliest next token, by a run over the whole text. */
const next = (m: CausalLM, text: readonly number[]): number =>
  tidy(() =>
    m
      .forward(tensor([[...text]], { dtype: 'int32' }))
      .at(0, -1)
      .argmax()
      .item(),
  )

function greedy(m: CausalLM, prompt: readonly number[], count: number): number[] {
  const text = [...prompt]
  for (let i = 0; i < count; i++) text.push(next(m, text))
  return text
}

describe.each(Object.entries(CAUSAL))('%s', (name, make) => {
  test('greedy is the likeliest each time, also for several prompts at once', async () => {
    const own = make()
    const prompts = [[3, 1, 4, 1, 5], [7], [2, 9, 9]]
    const together = name.includes('depend') ? prompts.slice(0, 1) : prompts
    const { sequences, finishReasons } = await generate(own, together, { ...none, maxNewTokens: 70 })
    // Rotations that depend on the length: keys were turned when the text was shorter.
    const count = name.includes('depend') ? 1 : 70
    sequences.forEach((text, i) => {
      expect(text.slice(0, prompts[i].length + count)).toEqual(greedy(own, prompts[i], count))
    })
    expect(finishReasons).toEqual(together.map(() => 'length'))
  })
})

describe('filters', () => {
  const logits = [2, 1, 1, 0, -1]
  const close = (values: ArrayLike<number>): unknown[] => Array.from(values, (v) => expect.closeTo(v, 12))

  test('temperature, top-k, top-p and min-p', () => {
    const e = Math.exp
    const sum = e(2) + 2 * e(1) + 1 + e(-1)
    expect([...tokenProbabilities(logits)]).toEqual(close([e(2), e(1), e(1), 1, e(-1)].map((p) => p / sum)))
    expect([...tokenProbabilities(logits, { temperature: 0 })]).toEqual([1, 0, 0, 0, 0])
    // Of those that share the last place, all stay.
    expect([...tokenProbabilities(logits, { topK: 2 })].map((p) => p > 0)).toEqual([true, true, true, false, false])
    expect([...tokenProbabilities(logits, { topP: e(2) / sum })]).toEqual([1, 0, 0, 0, 0])
    expect([...tokenProbabilities(logits, { topP: e(2) / sum + 1e-9 })].map((p) => p > 0)).toEqual([
      ...[true, true, false, false, false],
    ])
    expect([...tokenProbabilities(logits, { minP: e(-1.5) })].map((p) => p > 0)).toEqual([
      true,
      true,
      true,
      false,
      false,
    ])
    expect([...tokenProbabilities(logits, { temperature: 0.5, topK: 1 })]).toEqual([1, 0, 0, 0, 0])
    expect([...tokenProbabilities([1, Number.NEGATIVE_INFINITY], { topP: 0.5 })]).toEqual([1, 0])
  })

  test('out of range is refused', () => {
    for (const options of [{ topK: -1 }, { topP: 0 }, { minP: 2 }, { temperature: -1 }, { topK: 1.5 }]) {
      expect(() => tokenProbabilities(logits, options)).toThrow(RangeError)
    }
  })
})

describe('drawing', () => {
  const options = { ...none, maxNewTokens: 12, temperature: 1.5 }

  test('follows the seed, and goes on with a generator', async () => {
    const once = await generate(model, [1], { ...options, seed: 5 })
    expect((await generate(model, [1], { ...options, seed: 5 })).sequences).toEqual(once.sequences)
    expect((await generate(model, [1], { ...options, seed: 6 })).sequences).not.toEqual(once.sequences)
    const generator = new Generator(5)
    expect((await generate(model, [1], { ...options, generator })).sequences).toEqual(once.sequences)
    expect((await generate(model, [1], { ...options, generator })).sequences).not.toEqual(once.sequences)
  })

  test('several texts of a prompt differ, and each draws with the probabilities', async () => {
    const { sequences } = await generate(model, [4, 2], {
      ...none,
      maxNewTokens: 1,
      temperature: 2,
      numReturnSequences: 600,
      seed: 1,
    })
    const logits = tidy(() =>
      model
        .forward(tensor([[4, 2]], { dtype: 'int32' }))
        .at(0, -1)
        .data(),
    )
    const wanted = tokenProbabilities(logits, { temperature: 2 })
    const counts = new Float64Array(40)
    for (const text of sequences) counts[text[2]]++
    counts.forEach((n, t) => {
      const p = wanted[t]
      expect(Math.abs(n / 600 - p)).toBeLessThan(5 * Math.sqrt((p * (1 - p)) / 600) + 1e-3)
    })
  })

  test('filters hold', async () => {
    const { sequences } = await generate(model, [1], { ...none, maxNewTokens: 20, topK: 1, temperature: 3, seed: 2 })
    expect(sequences[0]).toEqual(greedy(model, [1], 20))
  })
})

describe('penalties and processors', () => {
  test('repetition, presence and frequency', async () => {
    const plain = (await generate(model, [1], { ...none, maxNewTokens: 30 })).sequences[0]
    expect(new Set(plain).size).toBeLessThan(31)
    const strong = { ...none, maxNewTokens: 30, frequencyPenalty: 1e6 }
    expect(new Set((await generate(model, [1], strong)).sequences[0].slice(1)).size).toBe(30)
    const once = { ...none, maxNewTokens: 30, presencePenalty: 1e6 }
    expect(new Set((await generate(model, [1], once)).sequences[0].slice(1)).size).toBe(30)
    const divided = await generate(model, [1], { ...none, maxNewTokens: 5, repetitionPenalty: 1e9 })
    expect(divided.sequences[0].length).toBe(6)
  })

  test('processors see the text, and forbid tokens', async () => {
    const seen: number[] = []
    const { sequences } = await generate(model, [1, 2], {
      ...none,
      maxNewTokens: 4,
      logitsProcessors: [
        (scores, { tokens, promptLength }) => {
          seen.push(tokens.length - promptLength)
          scores.fill(Number.NEGATIVE_INFINITY, 0, 39)
        },
      ],
    })
    expect(sequences[0]).toEqual([1, 2, 39, 39, 39, 39])
    expect(seen).toEqual([0, 1, 2, 3])
  })
})

describe('beams', () => {
  const sums = (m: CausalLM, text: readonly number[], from: number): number => {
    let sum = 0
    for (let i = from; i < text.length; i++) {
      const logits = tidy(() =>
        m
          .forward(tensor([text.slice(0, i)], { dtype: 'int32' }))
          .at(0, -1)
          .data(),
      )
      sum += logSoftmax(Float64Array.from(logits))[text[i]]
    }
    return sum
  }

  test('scores are those of the texts, best first, and one beam of many is no worse than greedy', async () => {
    const options = { ...none, maxNewTokens: 6, numBeams: 5, numReturnSequences: 3, lengthPenalty: 0 }
    const { sequences, scores } = await generate(model, [[1, 2, 3], [9]], options)
    expect(sequences.length).toBe(6)
    for (const [i, text] of sequences.entries()) {
      expect(scores?.[i]).toBeCloseTo(sums(model, text, i < 3 ? 3 : 1), 4)
    }
    expect([...(scores ?? [])].slice(0, 3)).toEqual([...(scores ?? [])].slice(0, 3).sort((a, b) => b - a))
    expect(scores?.[0]).toBeGreaterThanOrEqual(sums(model, greedy(model, [1, 2, 3], 6), 3) - 1e-4)
    // Side by side each search is what it is alone.
    const alone = await generate(model, [9], options)
    expect(sequences.slice(3)).toEqual(alone.sequences)
  })

  test('with as many beams as texts the search misses none', async () => {
    const table = [
      [-2, -0.5, -1.2],
      [-0.7, -3, -0.8],
      [-1, -1, -1.1],
    ].map((list) => [...logSoftmax(Float64Array.from(list))])
    const source = (start: number): NextTokens => ({
      vocabSize: 3,
      next: (tokens) => Float64Array.from((tokens ?? new Array(81).fill(start)).flatMap((t) => table[t])),
      reorder: () => {},
    })
    const [found] = await beamSearch(source(1), 1, { numBeams: 81, maxNewTokens: 4, eos: [0], lengthPenalty: 0 })
    let best = Number.NEGATIVE_INFINITY
    const walk = (last: number, sum: number, depth: number): void => {
      if (depth === 4 || (depth > 0 && last === 0)) {
        best = Math.max(best, sum)
        return
      }
      for (let t = 0; t < 3; t++) walk(t, sum + table[last][t], depth + 1)
    }
    walk(1, 0, 0)
    expect(found[0].logProbability).toBeCloseTo(best, 12)
    expect(found.every((h) => h.isFinished || h.tokens.length === 4)).toBe(true)
  })
})

describe('ends', () => {
  const codec = {
    encode: (text: string) => Array.from(text, (c) => c.charCodeAt(0) - 64),
    decode: (ids: readonly number[]) => String.fromCharCode(...ids.map((i) => i + 64)),
    decodeStream: () => ({ push: (id: number) => String.fromCharCode(id + 64), end: () => '' }),
  }

  test('at tokens and strings that end texts', async () => {
    const whole = greedy(model, [1], 20)
    const at = whole[6]
    const first = whole.indexOf(at, 1)
    const unused = Array.from({ length: 40 }, (_, id) => id).find((id) => !whole.includes(id)) as number
    const { sequences, finishReasons } = await generate(model, [1], { maxNewTokens: 20, eosTokenId: [at, unused] })
    expect([sequences[0], finishReasons]).toEqual([whole.slice(0, first + 1), ['stop']])
    const stop = codec.decode(whole.slice(4, 6))
    const stopped = await generate(model, [1], { ...none, maxNewTokens: 20, stopStrings: [stop], tokenizer: codec })
    expect(stopped.finishReasons).toEqual(['stop'])
    expect(codec.decode(stopped.sequences[0].slice(1))).toMatch(new RegExp(`${stop.replace(/[\\[\]^]/g, '\\$&')}$`))
    const both = await generate(model, [[1], [9, 9]], { maxNewTokens: 20, eosTokenId: at })
    expect(both.sequences[0]).toEqual(whole.slice(0, first + 1))
  })

  test('streams give the same, and free their memory when left', async () => {
    const whole = greedy(model, [1], 10)
    const seen: number[] = []
    for await (const token of stream(model, [1], { ...none, maxNewTokens: 10 })) seen.push(token)
    expect(seen).toEqual(whole.slice(1))
    const before = memoryStats().storages
    for await (const _ of stream(model, [1], { ...none, maxNewTokens: 10 })) break
    expect(memoryStats().storages).toBeLessThanOrEqual(before)
    expect(await generateText(model, codec, 'A', { ...none, maxNewTokens: 10 })).toBe(codec.decode(whole.slice(1)))
    let text = ''
    for await (const piece of streamText(model, codec, 'A', { ...none, maxNewTokens: 10 })) text += piece
    expect(text).toBe(codec.decode(whole.slice(1)))
  })

  test('when they are told to', async () => {
    const control = new AbortController()
    const seen: number[] = []
    const reading = async (): Promise<void> => {
      for await (const token of stream(model, [1], { ...none, maxNewTokens: 50, signal: control.signal })) {
        seen.push(token)
        if (seen.length === 3) control.abort(new Error('enough'))
      }
    }
    await expect(reading()).rejects.toThrow('enough')
    expect(seen.length).toBe(3)
  })
})

describe.each(Object.entries(SEQ2SEQ))('%s', (_, make) => {
  test('writes the likeliest target, alone and side by side, greedy and with beams', async () => {
    const own = make()
    const start = own.config.decoderStartTokenId as number
    const target = [start]
    const source = tensor([[5, 6, 7]], { dtype: 'int32' })
    for (let i = 0; i < 8; i++) {
      target.push(
        tidy(() =>
          own
            .forward(source, tensor([target], { dtype: 'int32' }))
            .at(0, -1)
            .argmax()
            .item(),
        ),
      )
    }
    const options = { ...none, maxNewTokens: 8 }
    const both = await generate(own, [[5, 6, 7], [9]], options)
    expect(both.sequences[0]).toEqual(target)
    expect((await generate(own, [9], options)).sequences[0]).toEqual(both.sequences[1])
    const beams = await generate(own, [[9], [5, 6, 7]], { ...options, numBeams: 3 })
    const alone = await generate(own, [5, 6, 7], { ...options, numBeams: 3 })
    expect(beams.sequences[1]).toEqual(alone.sequences[0])
  })
})

test('what cannot be meant is refused', async () => {
  const refused: [object, string][] = [
    [{ topK: 3, doSample: false }, 'want doSample'],
    [{ numBeams: 2, numReturnSequences: 3, temperature: 0.5 }, 'wants doSample, or as many numBeams'],
    [{ numReturnSequences: 2 }, 'wants doSample'],
    [{ lengthPenalty: 2 }, 'wants numBeams'],
    [{ stopStrings: ['a'] }, 'want the tokenizer'],
    [{ maxNewTokens: 500 }, 'beyond the 127 positions left'],
    [{ maxNewTokens: 0 }, 'maxNewTokens 0'],
    [{ maxTokens: 3 }, "there is no option 'maxTokens'"],
    [{ doSample: true, temperature: 0 }, 'draws nothing'],
    [{ seed: 1, generator: new Generator(1), doSample: true }, 'not both'],
  ]
  for (const [options, text] of refused) await expect(generate(model, [1], options)).rejects.toThrow(text)
  await expect(generate(model, [[]])).rejects.toThrow('at least one token')
  const none = tensor([], { shape: [0, 3], dtype: 'int32' })
  await expect(generate(model, none)).rejects.toThrow('at least one token')
  await expect(generate(model, 'text' as never)).rejects.toThrow(TypeError)
  await expect(stream(model, [[1], [2]]).next()).rejects.toThrow('one prompt')
})

test('BLEU', () => {
  const words = (text: string): string[] => text.split(' ')
  const [a, b] = ['the cat sat on the mat', 'the cat is on the mat'].map(words)
  expect(bleu([[b]], [b])).toBe(1)
  // 5/6, 3/5, 1/4 and 0/3 of the n-grams.
  expect(bleu([[b]], [a])).toBe(0)
  expect(bleu([[b]], [a], { smoothing: 'epsilon' })).toBeCloseTo(((5 / 6) * (3 / 5) * (1 / 4) * (0.1 / 3)) ** 0.25, 12)
  expect(bleu([[b]], [a], { maxOrder: 2 })).toBeCloseTo(Math.sqrt((5 / 6) * (3 / 5)), 12)
  expect(bleu([[b]], [b.slice(0, 5)], { maxOrder: 1 })).toBeCloseTo(Math.exp(1 - 6 / 5), 12)
  expect(() => bleu([], [a])).toThrow(RangeError)
})
