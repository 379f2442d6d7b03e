// What generation is asked for: what each option does to a text, and what is refused with its cause and the way out.
import { Generator, memoryStats, tensor } from '@x/tensor'
import { assign } from '@x/tensor/op'
import { describe, expect, test } from 'vitest'
import { BERT, CAUSAL, SEQ2SEQ } from '../cases/tiny.ts'
import { trainBpe, trainUnigram } from '../tokenizers.ts'
import { type BeamOptions, beamSearch, type NextTokens } from './beam.ts'
import { generate, stream } from './generate.ts'
import { bleu } from './metrics.ts'
import type { GenerateOptions } from './options.ts'
import { tokenProbabilities } from './processors.ts'
import { generateText, streamText } from './text.ts'

const model = CAUSAL.gpt()
const none = { eosTokenId: null }
const codec = trainBpe(['abc'], { vocabSize: 256 })

/** Whether some n tokens in a row come twice. */
const repeats = (text: readonly number[], n: number): boolean => {
  const grams = text.slice(n - 1).map((_, i) => text.slice(i, i + n).join())
  return new Set(grams).size < grams.length
}

describe('lengths and words', () => {
  test('minNewTokens keeps texts from ending, maxLength counts the prompt', async () => {
    const { sequences } = await generate(model, [1], { ...none, maxNewTokens: 8 })
    const eosTokenId = sequences[0][1]
    expect((await generate(model, [1], { eosTokenId, maxNewTokens: 8 })).sequences[0]).toEqual([1, eosTokenId])
    const longer = await generate(model, [1], { eosTokenId, minNewTokens: 5, maxNewTokens: 8 })
    expect(longer.sequences[0].slice(1, 6)).not.toContain(eosTokenId)
    const beams = await generate(model, [1], { eosTokenId, minNewTokens: 5, maxNewTokens: 8, numBeams: 3 })
    expect(beams.sequences[0].slice(1, 6)).not.toContain(eosTokenId)
    expect((await generate(model, [1, 2, 3], { ...none, maxLength: 7 })).sequences[0].length).toBe(7)
    const target = await generate(SEQ2SEQ.t5(), [[5, 6, 7], [9]], { ...none, maxLength: 4 })
    expect(target.sequences.map((t) => t.length)).toEqual([4, 4])
  })

  test('noRepeatNgramSize and badWordsIds forbid', async () => {
    const free = (await generate(model, [1, 2, 1], { ...none, maxNewTokens: 60 })).sequences[0]
    expect(repeats(free, 2)).toBe(true)
    for (const more of [{}, { numBeams: 2 }]) {
      const options = { ...none, ...more, maxNewTokens: 60, noRepeatNgramSize: 2 }
      expect(repeats((await generate(model, [1, 2, 1], options)).sequences[0], 2)).toBe(false)
    }
    const [, , , first, second] = free
    const badWordsIds = [[first, second], [first + 1]]
    const without = (await generate(model, [1, 2, 1], { ...none, maxNewTokens: 60, badWordsIds })).sequences[0]
    expect(without[3]).toBe(first)
    expect(without[4]).not.toBe(second)
    expect(without.slice(3)).not.toContain(first + 1)
  })

  test('padTokenId makes all texts of one length', async () => {
    const alone = (await generate(model, [1], { ...none, maxNewTokens: 4 })).sequences[0]
    const options = { eosTokenId: alone[2], maxNewTokens: 4, padTokenId: 39 }
    const { sequences } = await generate(model, [[1], [7, 9, 3]], options)
    expect(sequences[0].length).toBe(sequences[1].length)
    expect(sequences[0].slice(0, 3)).toEqual(alone.slice(0, 3))
    expect(sequences[0].slice(3).every((id) => id === 39)).toBe(true)
  })
})

describe('drawing', () => {
  test('several prompts draw what each draws alone', async () => {
    for (const options of [
      { ...none, temperature: 1, seed: 3, maxNewTokens: 9 },
      { ...none, temperature: 1.3, seed: 3, maxNewTokens: 9, numReturnSequences: 3 },
      { ...none, temperature: 2, seed: 3, maxNewTokens: 9, numBeams: 3 },
    ]) {
      const together = await generate(model, [[4, 2], [9, 1, 8], [5]], options)
      const alone = await Promise.all([[4, 2], [9, 1, 8], [5]].map((prompt) => generate(model, prompt, options)))
      expect(together.sequences).toEqual(alone.flatMap(({ sequences }) => sequences))
    }
  })

  test('a beam search draws as the probabilities have it', async () => {
    const table = [0.5, 0.3, 0.15, 0.05].map(Math.log)
    const source: NextTokens = {
      vocabSize: 4,
      next: () => Float64Array.from([...table, ...table]),
      reorder: () => {},
    }
    const generator = new Generator(1)
    const draw = (count: number): number[] => Array.from(generator.words(count), (w) => (w >>> 0) / 2 ** 32)
    const counts = [0, 0, 0, 0]
    for (let i = 0; i < 2000; i++) {
      // Of two texts one is drawn and one beside it: the better one stands first.
      const options: BeamOptions = { numBeams: 1, maxNewTokens: 1, eos: [], draw: (n) => draw(n).slice(0, 1) }
      const [[best]] = await beamSearch(source, 1, options)
      counts[best.tokens[0]]++
    }
    table.forEach((p, t) => void expect(Math.abs(counts[t] / 2000 - Math.exp(p))).toBeLessThan(0.05))
    const [found] = await beamSearch(source, 1, { numBeams: 2, maxNewTokens: 3, eos: [], draw })
    expect(found[0].score).toBeGreaterThanOrEqual(found[1].score)
    expect(found[0].logProbability).toBeCloseTo(
      found[0].tokens.reduce((sum, t) => sum + table[t], 0),
      9,
    )
    expect(found[0].tokens).not.toEqual(found[1].tokens)
  })
})

describe('text', () => {
  test('keeps the space between a prompt and what follows', async () => {
    const pieces = trainUnigram(['once upon a time there was a cat '.repeat(9)], { vocabSize: 40 })
    const own = CAUSAL.llama()
    const prompt = 'once upon'
    const ids = pieces.encode(prompt)
    for (const word of ['a', 'time', 'cat']) {
      const [next] = pieces.encode(word)
      const options = {
        ...none,
        maxNewTokens: 1,
        logitsProcessors: [(s: Float64Array) => void s.fill(Number.NEGATIVE_INFINITY).fill(0, next, next + 1)],
      }
      const want = pieces.decode([...ids, next]).slice(prompt.length)
      expect(want[0]).toBe(' ')
      expect(await generateText(own, pieces, prompt, options)).toBe(want)
      let text = ''
      for await (const piece of streamText(own, pieces, prompt, options)) text += piece
      expect(text).toBe(want)
    }
  })

  test('one stop string is as good as a list of it', async () => {
    const { sequences } = await generate(model, [1, 2], { ...none, maxNewTokens: 6 })
    const stop = {
      ...none,
      maxNewTokens: 6,
      tokenizer: { encode: () => [], decode: (ids: readonly number[]) => `${ids};` },
    }
    const string = `${sequences[0][3]};`
    const one = await generate(model, [1, 2], { ...stop, stopStrings: string })
    expect(one).toEqual(await generate(model, [1, 2], { ...stop, stopStrings: [string] }))
    expect(one.finishReasons).toEqual(['stop'])
  })
})

test('a tensor of tokens is a prompt, whatever its integers', async () => {
  const options = { ...none, maxNewTokens: 3 }
  const { sequences } = await generate(
    model,
    [
      [1, 2],
      [3, 4],
    ],
    options,
  )
  for (const dtype of ['int32', 'int64', 'uint8'] as const) {
    const prompts = tensor(
      [
        [1, 2],
        [3, 4],
      ],
      { dtype },
    )
    expect((await generate(model, prompts, options)).sequences).toEqual(sequences)
  }
})

test('tokens that are none are refused, by a tensor of them too', async () => {
  const refused: [unknown, ErrorConstructor | typeof TypeError, string][] = [
    [[40], RangeError, 'the prompt has 40 at position 0; token ids are whole numbers from 0 to 39'],
    [[1, -1], RangeError, 'the prompt has -1 at position 1'],
    [[[1], [2, 1.5]], RangeError, 'prompt 1 has 1.5 at position 1'],
    [[Number.NaN], RangeError, 'NaN'],
    [['a'], TypeError, "the prompt has 'a'"],
    [new BigInt64Array([1n]), TypeError, '1n at position 0; token ids are numbers (Array.from(ids, Number))'],
    [tensor([[1, 40]], { dtype: 'int32' }), RangeError, 'the prompt has 40'],
    [tensor([1.5]), TypeError, 'float32'],
    ['text', TypeError, "not 'text'; generateText() takes text"],
    [5, TypeError, 'not 5'],
    [undefined, TypeError, 'not undefined'],
    [[], RangeError, 'at least one token'],
  ]
  for (const [prompt, type, text] of refused) {
    const run = generate(model, prompt as never)
    await expect(run).rejects.toThrow(text)
    await expect(run).rejects.toThrow(type)
  }
  await expect(generate(SEQ2SEQ.t5(), [41])).rejects.toThrow('from 0 to 39')
})

test('options of another kind are refused, with what is wanted', async () => {
  const refused: [object | null | string, string][] = [
    [{ temperature: '0.7' }, "temperature '0.7' is not a number from 0"],
    [{ topK: '3' }, "topK '3'"],
    [{ doSample: 'yes' }, "doSample is 'yes', not true or false"],
    [{ maxNewTokens: '5' }, "maxNewTokens '5' is not a whole number from 1"],
    [{ eosTokenId: '2' }, "eosTokenId has '2'"],
    [{ eosTokenId: -1 }, 'eosTokenId has -1'],
    [{ eosTokenId: 1.5 }, 'eosTokenId has 1.5'],
    [{ eosTokenId: [1, 1e6] }, 'eosTokenId has 1000000 at position 1'],
    [{ padTokenId: 40 }, 'padTokenId has 40'],
    [{ stopStrings: [5], tokenizer: codec }, 'stopStrings is a list, not a text'],
    [{ stopStrings: [''], tokenizer: codec }, 'texts that are not empty'],
    [{ stopStrings: 'a', tokenizer: 5 }, 'tokenizer is 5'],
    [{ lengthPenalty: Number.NaN, numBeams: 2 }, 'lengthPenalty is NaN'],
    [{ logitsProcessors: () => {} }, 'logitsProcessors is a function, not a list of functions'],
    [{ signal: 5 }, 'signal is 5, not an AbortSignal'],
    [{ generator: 5, doSample: true }, 'generator is 5, not a Generator'],
    [{ badWordsIds: [3] }, 'badWordsIds is a list, not a list of lists'],
    [{ badWordsIds: [[]] }, 'empty list'],
    [{ noRepeatNgramSize: -1 }, 'noRepeatNgramSize -1'],
    [{ seed: 'a', temperature: 1 }, "seed 'a' is not a whole number from 0"],
    [{ minNewTokens: 9, maxNewTokens: 5 }, 'minNewTokens 9 is above the 5'],
    [{ maxLength: 9, maxNewTokens: 5 }, 'not both'],
    [{ maxLength: 1 }, 'maxLength 1 leaves nothing behind a prompt of 1 tokens'],
    [{ maxLength: 129 }, 'maxLength 129 is beyond the 128 positions'],
    [null, 'not null'],
    ['a text', 'not a string'],
  ]
  const before = memoryStats().storages
  for (const [options, text] of refused) {
    await expect(generate(model, [1], options as GenerateOptions)).rejects.toThrow(text)
    await expect(stream(model, [1], options as GenerateOptions).next()).rejects.toThrow(text)
  }
  await expect(generate(model, [[1], [2, 3]], { maxLength: 9 })).rejects.toThrow('several lengths')
  await expect(generate(model, new Array(130).fill(1))).rejects.toThrow(
    'a prompt of 130 tokens leaves none of the 128 positions',
  )
  expect(memoryStats().storages).toBe(before)
})

test('models that write no text, and what is no model', async () => {
  for (const [given, name] of [
    [BERT.plain(), 'a Bert'],
    [null, 'null'],
    ['gpt2', "'gpt2'"],
  ] as const) {
    await expect(generate(given as never, [1])).rejects.toThrow(`the model is ${name}, which writes no text`)
    await expect(generateText(given as never, codec, 'a')).rejects.toThrow(TypeError)
  }
  await expect(generateText(model, undefined as never, 'a')).rejects.toThrow('generateText: the tokenizer is undefined')
  await expect(streamText(model, {} as never, 'a').next()).rejects.toThrow('streamText: the tokenizer is a Object')
  await expect(generateText(model, codec, 5 as never)).rejects.toThrow('the prompt is 5, not a text')
  const several = generateText(model, codec, '!', { numReturnSequences: 2, doSample: true })
  await expect(several).rejects.toThrow('generateText: numReturnSequences 2')
  const search = (...given: unknown[]) => beamSearch(...(given as Parameters<typeof beamSearch>))
  await expect(search(model, [1], { numBeams: 4, maxNewTokens: 5 })).rejects.toThrow('beamSearch: a GPT is no source')
  const source: NextTokens = { vocabSize: 1, next: () => new Float64Array(1), reorder: () => {} }
  await expect(search(source, [1], { numBeams: 1, maxNewTokens: 5, eos: [] })).rejects.toThrow('examples a list')
  await expect(search(source, 1, { numBeams: 1, maxNewTokens: 5 })).rejects.toThrow('eos is undefined')
})

describe('scores that say nothing', () => {
  test('NaN is an error, not a text', async () => {
    const nan = { logitsProcessors: [(s: Float64Array) => void s.fill(Number.NaN)] }
    const one = { logitsProcessors: [(s: Float64Array) => void s.fill(Number.NaN, 7, 8)] }
    for (const options of [nan, one, { ...nan, temperature: 1 }, { ...one, temperature: 1 }])
      await expect(generate(model, [1], options)).rejects.toThrow("NaN: look at the model's weights")
    const broken = CAUSAL.gpt()
    const weight = broken.parameters()[0]
    assign(weight, weight.mul(Number.NaN))
    for (const options of [{}, { temperature: 1 }, { numBeams: 2 }])
      await expect(generate(broken, [1], options)).rejects.toThrow('NaN')
  })

  test('so are texts that nothing may follow', async () => {
    const logitsProcessors = [(s: Float64Array) => void s.fill(Number.NEGATIVE_INFINITY)]
    await expect(generate(model, [1], { logitsProcessors })).rejects.toThrow('all −Infinity')
    await expect(generate(model, [1], { logitsProcessors, numBeams: 2 })).rejects.toThrow('all −Infinity')
    await expect(generate(model, [1], { logitsProcessors, temperature: 1 })).rejects.toThrow('all −Infinity')
    const sampled = { logitsProcessors, temperature: 1, numBeams: 2 }
    await expect(generate(model, [1], sampled)).rejects.toThrow('all −Infinity')
    expect(() => tokenProbabilities([1, Number.NaN])).toThrow(
      'tokenProbabilities: the scores of the next token are NaN',
    )
  })
})

test('BLEU wants words', () => {
  expect(() => bleu(['the cat'] as never, ['the cat'] as never)).toThrow('bleu: references are lists of')
  expect(() => bleu([[['a']]], ['a'] as never)).toThrow('bleu: hypotheses are lists of words')
  expect(() => bleu(null as never, [])).toThrow(TypeError)
})
