// Losses by their definitions, adapters, and small models that learn.
import { valueAndGrad } from '@x/autograd'
import { AdamW } from '@x/nn'
import { compile, Generator, manualSeed, ShapeError, type Tensor, tensor, tidy } from '@x/tensor'
import { assertClose, assertSame } from '@x/tensor/testing'
import { describe, expect, test } from 'vitest'
import { BERT, CAUSAL, SEQ2SEQ } from '../cases/tiny.ts'
import { logSoftmax } from '../generation/processors.ts'
import type { CausalLM } from '../models/causal.ts'
import { GPT } from '../models/gpt.ts'
import type { Seq2SeqLM } from '../models/seq2seq.ts'
import { quantize } from '../quantized/quantize.ts'
import { addLora, LoraLinear } from './lora.ts'
import { languageModelLoss, maskTokens, seq2seqLoss, shiftRight, supervisedBatch, tokenLoss } from './losses.ts'
import { textPerplexity } from './perplexity.ts'

const row = (...ids: number[][]): Tensor => tensor(ids, { dtype: 'int32' })
const TEXT = [5, 9, 31, 2, 17, 8]

/** −log p of each token but the first. */
function surprises(model: GPT, text: readonly number[]): number[] {
  const logits = tidy(
    () =>
      model
        .forward(row([...text]))
        .at(0)
        .toArray() as number[][],
  )
  return text.slice(1).map((id, i) => -logSoftmax(Float64Array.from(logits[i]))[id])
}
const mean = (list: readonly number[]): number => list.reduce((a, b) => a + b, 0) / list.length

describe('losses', () => {
  const model = CAUSAL.gpt() as GPT

  test('the next token, with labels, padding and smoothing', () => {
    const each = surprises(model, TEXT)
    expect(languageModelLoss(model, row(TEXT)).item()).toBeCloseTo(mean(each), 4)
    const labels = row([-100, -100, -100, 2, 17, 8])
    expect(languageModelLoss(model, row(TEXT), { labels }).item()).toBeCloseTo(mean(each.slice(2)), 4)
    const padded = { attentionMask: row([1, 1, 1, 1, 1, 1, 0, 0]) }
    expect(languageModelLoss(model, row([...TEXT, 0, 0]), padded).item()).toBeCloseTo(mean(each), 4)
    const smooth = languageModelLoss(model, row(TEXT), { labelSmoothing: 0.1 }).item()
    expect(smooth).not.toBeCloseTo(mean(each), 3)
    expect(() => languageModelLoss(model, row([1]))).toThrow(ShapeError)
    expect(() => tokenLoss(tensor([[[1, 2]]]), row([1, 2]))).toThrow(ShapeError)
  })

  test('perplexity is e to it, also in pieces', () => {
    const each = surprises(model, TEXT)
    expect(textPerplexity(model, TEXT)).toBeCloseTo(Math.exp(mean(each)), 2)
    const [a, b] = [surprises(model, TEXT.slice(0, 3)), surprises(model, TEXT.slice(3))]
    // The first token of a piece has nothing before it.
    expect(textPerplexity(model, TEXT, { maxLength: 3 })).toBeCloseTo(Math.exp(mean([...a, ...b])), 2)
    const [c, d] = [surprises(model, TEXT.slice(0, 4)), surprises(model, TEXT.slice(2))]
    const overlapping = textPerplexity(model, TEXT, { maxLength: 4, stride: 2 })
    expect(overlapping).toBeCloseTo(Math.exp(mean([...c, ...d.slice(1)])), 2)
    expect(() => textPerplexity(model, [1])).toThrow(RangeError)
    expect(() => textPerplexity(model, TEXT, { stride: 9, maxLength: 4 })).toThrow('stride 9')
  })

  test('a target behind a source', () => {
    const model = SEQ2SEQ.t5()
    const [source, target] = [row([5, 6, 7]), row([8, 9, -100])]
    expect(shiftRight(target, 3, 0).toArray()).toEqual([[3, 8, 9]])
    const logits = tidy(
      () =>
        model
          .forward(source, row([0, 8]))
          .at(0)
          .toArray() as number[][],
    )
    const want = mean([8, 9].map((id, i) => -logSoftmax(Float64Array.from(logits[i]))[id]))
    expect(seq2seqLoss(model, source, target).item()).toBeCloseTo(want, 4)
  })

  test('masked tokens: how many, and by what', () => {
    const generator = new Generator(4)
    const ids = Int32Array.from({ length: 20000 }, (_, i) => 5 + (i % 20))
    const tokens = tensor(ids, { shape: [20, 1000] })
    const options = { maskTokenId: 4, vocabSize: 1000, specialTokenIds: [5], generator }
    const { inputs, labels } = maskTokens(tokens, options)
    const [x, y] = [inputs.data(), labels.data()]
    const chosen = [...ids.keys()].filter((i) => y[i] !== -100)
    expect(chosen.every((i) => y[i] === ids[i] && ids[i] !== 5)).toBe(true)
    expect([...ids.keys()].every((i) => y[i] !== -100 || x[i] === ids[i])).toBe(true)
    const share = (list: number[]): number => list.length / chosen.length
    expect(chosen.length / 19000).toBeCloseTo(0.15, 1)
    expect(share(chosen.filter((i) => x[i] === 4))).toBeCloseTo(0.8, 1)
    expect(share(chosen.filter((i) => x[i] === ids[i]))).toBeCloseTo(0.1, 1)
    const model = BERT.masked()
    const loss = tokenLoss(model.forward(row([2, 4, 4, 3])), row([-100, 8, 9, -100]))
    expect(Number.isFinite(loss.item())).toBe(true)
  })

  test('answers count, prompts do not', () => {
    const examples = [
      { prompt: [1, 2], answer: [3, 4, 5] },
      { prompt: [6], answer: [7] },
    ]
    const { tokens, labels, attentionMask } = supervisedBatch(examples, { padTokenId: 0 })
    expect(tokens.toArray()).toEqual([
      [1, 2, 3, 4, 5],
      [6, 7, 0, 0, 0],
    ])
    expect(labels.toArray()).toEqual([
      [-100, -100, 3, 4, 5],
      [-100, 7, -100, -100, -100],
    ])
    expect(attentionMask.at(1).toArray()).toEqual([1, 1, 0, 0, 0])
    expect(supervisedBatch(examples, { padTokenId: 0, maxLength: 3 }).tokens.shape).toEqual([2, 3])
    const loss = languageModelLoss(model, tokens, { labels, attentionMask }).item()
    const [a, b] = [surprises(model, [1, 2, 3, 4, 5]).slice(1), surprises(model, [6, 7])]
    expect(loss).toBeCloseTo(mean([...a, ...b]), 4)
    expect(() => supervisedBatch([], { padTokenId: 0 })).toThrow(RangeError)
  })
})

/** The loss before and after some steps on one text. */
function learn(model: GPT, parameters: Tensor[], steps: number, lr: number): [before: number, after: number] {
  const optimizer = new AdamW(parameters, { lr })
  const losses: number[] = []
  for (let i = 0; i < steps; i++) {
    tidy(() => {
      const { value, grads } = valueAndGrad(() => languageModelLoss(model, row([...TEXT, ...TEXT])), parameters)
      optimizer.step(grads)
      losses.push(value.item())
    })
  }
  return [losses[0], losses[losses.length - 1]]
}

test('a small GPT learns a text by heart', () => {
  manualSeed(2)
  const model = new GPT({ vocabSize: 40, nPositions: 16, nEmbd: 32, nLayer: 1, nHead: 4, dropout: 0.1 })
  const [before, after] = learn(model, model.parameters(), 80, 1e-2)
  expect(before).toBeGreaterThan(3)
  expect(after).toBeLessThan(0.5)
})

describe('LoRA', () => {
  test('adapters alone are trained; merged they are the same, and off they are gone', () => {
    manualSeed(3)
    const model = CAUSAL.gpt() as GPT
    const own = model.stateDict()
    const frozen = Object.fromEntries(Object.entries(own).map(([name, x]) => [name, x.copy()]))
    const plain = model.forward(row(TEXT))
    const lora = addLora(model, { r: 4, alpha: 8, targets: ['c_attn', 'mlp.c_proj'], generator: new Generator(1) })
    assertSame('at first', model.forward(row(TEXT)), plain)
    expect(lora.parameters().length).toBe(8)
    expect(model.parameters().length).toBe(8)
    const [before, after] = learn(model, lora.parameters(), 40, 2e-2)
    expect(after).toBeLessThan(before * 0.7)
    for (const [name, x] of Object.entries(frozen)) assertSame(name, own[name], x)
    const learned = model.forward(row(TEXT))
    const saved = Object.fromEntries(Object.entries(lora.stateDict()).map(([name, x]) => [name, x.copy()]))
    expect(Object.keys(saved)[0]).toBe('base_model.model.transformer.h.0.attn.c_attn.lora_A.weight')
    lora.merge()
    assertClose('merged', model.forward(row(TEXT)), learned, 64, 1e-3)
    lora.unmerge()
    assertClose('apart again', model.forward(row(TEXT)), learned, 64, 1e-3)
    lora.remove()
    assertClose('off', model.forward(row(TEXT)), plain, 64, 1e-3)
    expect(model.parameters().length).toBe(Object.keys(own).length)
    const second = addLora(model, { r: 4, alpha: 8, targets: ['c_attn', 'mlp.c_proj'] })
    second.loadStateDict(saved)
    assertClose('loaded', model.forward(row(TEXT)), learned, 64, 1e-3)
  })

  test('beside quantised layers', () => {
    manualSeed(4)
    const model = quantize(CAUSAL.gpt() as GPT, 'int8')
    const lora = addLora(model, { r: 4, targets: ['c_attn', 'c_fc'] })
    expect(model.transformer.h[0].attn.cAttn).toBeInstanceOf(LoraLinear)
    const [before, after] = learn(model, lora.parameters(), 30, 2e-2)
    expect(after).toBeLessThan(before * 0.8)
    expect(() => lora.merge()).toThrow('quantised weights')
  })

  test('misuse is named', () => {
    const model = CAUSAL.gpt() as GPT
    expect(() => addLora(model, { targets: ['nothing'] })).toThrow(
      /no linear layer ends in nothing; there are transformer/,
    )
    expect(() => addLora(model, { r: 0 })).toThrow('r 0')
    expect(() => addLora(model, { rank: 3 } as object)).toThrow("there is no option 'rank'")
    const lora = addLora(model)
    expect(() => lora.loadStateDict({})).toThrow('the adapters lack')
    const bert = BERT.plain()
    expect(addLora(bert).parameters().length).toBe(8)
  })
})

// Tables of positions are made when they are first needed, which may be within a recording.
test.each(['llama', 'gpt', 'bloom'])('%s: a compiled loss is the loss, from the first call on', (name) => {
  const lossOf = (model: CausalLM) => (tokens: Tensor) => languageModelLoss(model, tokens)
  const plain = tidy(() => lossOf(CAUSAL[name]())(row(TEXT)).item())
  const compiled = compile(lossOf(CAUSAL[name]()))
  for (let i = 0; i < 3; i++) expect(tidy(() => compiled(row(TEXT)).item())).toBe(plain)
  compiled.dispose()
})

test.each(['t5', 'translation'])('%s: a compiled loss is the loss, from the first call on', (name) => {
  const lossOf = (model: Seq2SeqLM) => (source: Tensor, target: Tensor) => seq2seqLoss(model, source, target)
  const plain = tidy(() => lossOf(SEQ2SEQ[name]())(row(TEXT), row([4, 6])).item())
  const compiled = compile(lossOf(SEQ2SEQ[name]()))
  for (let i = 0; i < 3; i++) expect(tidy(() => compiled(row(TEXT), row([4, 6])).item())).toBe(plain)
  compiled.dispose()
})
