// Every model: going on token by token is what a run over the whole text is, padding changes nothing, what is shown inside
// is what happens, and gradients reach every weight.
import { valueAndGrad } from '@x/autograd'
import type { Module } from '@x/nn'
import { arange, DTypeError, memoryStats, randn, ShapeError, slice, stack, type Tensor, tensor, tidy } from '@x/tensor'
import { assertClose } from '@x/tensor/testing'
import { describe, expect, test } from 'vitest'
import { BERT, CAUSAL, LLAMA, SEQ2SEQ } from '../cases/tiny.ts'
import { CausalDecoder } from '../generation/causalDecoder.ts'
import { ablateHeads, logitLens, replaceHeads } from '../inside/lens.ts'
import { languageModelLoss, seq2seqLoss } from '../training/losses.ts'
import { GPT } from './gpt.ts'
import { Llama } from './llama.ts'

const row = (...ids: number[][]): Tensor => tensor(ids, { dtype: 'int32' })
const TEXT = [5, 9, 31, 2, 17, 8, 8, 23, 1, 12]
const near = (what: string, got: Tensor, want: Tensor, atol = 2e-5): void => assertClose(what, got, want, 64, atol)

/** Every weight has a gradient that is not zero everywhere. */
function checkGradients(model: Module<unknown>, loss: () => Tensor, without: RegExp = /^$/): void {
  const { grads } = valueAndGrad(loss, model.namedParameters())
  for (const [name, g] of Object.entries(grads as Record<string, Tensor>)) {
    if (!without.test(name)) expect(g.abs().max().item(), name).toBeGreaterThan(0)
  }
}

describe.each(Object.entries(CAUSAL))('%s', (_, make) => {
  const model = make()

  test('token by token is the whole text', () => {
    const whole = model.forward(row(TEXT))
    for (const first of [1, 4, TEXT.length - 1]) {
      const cache = model.newCache({ capacity: TEXT.length })
      const parts = [model.forward(row(TEXT.slice(0, first)), { cache })]
      for (const id of TEXT.slice(first)) parts.push(model.forward(row([id]), { cache }))
      // Rotations that depend on the length were others when the text was shorter.
      const alike = model.isSteady ? parts : []
      alike.forEach((p, i) => void near(`${first} ${i}`, p.at(0, -1), whole.at(0, i + first - 1)))
      expect(cache.length).toBe(TEXT.length)
      cache.dispose()
    }
  })

  test('a piece behind a piece is the whole text', () => {
    if (!model.isSteady) return
    const cache = model.newCache({ capacity: 10 })
    const whole = model.forward(row(TEXT))
    near('first', model.forward(row(TEXT.slice(0, 4)), { cache }), whole.at(slice(), slice(0, 4)))
    near('rest', model.forward(row(TEXT.slice(4)), { cache }), whole.at(slice(), slice(4)))
    cache.truncate(4)
    near('again', model.forward(row(TEXT.slice(4, 7)), { cache }), whole.at(slice(), slice(4, 7)))
    cache.dispose()
  })

  test('the last logits alone are the last of all', () => {
    const tokens = row(TEXT, [0, 0, 0, ...TEXT.slice(3)])
    const filling = row(new Array(10).fill(1), [0, 0, 0, 1, 1, 1, 1, 1, 1, 1])
    for (const attentionMask of [null, filling]) {
      const want = model.forward(tokens, { attentionMask }).at(slice(), slice(-1))
      near('alone', model.forward(tokens, { attentionMask, lastOnly: true }), want)
      if (!model.isSteady) continue
      const cache = model.newCache({ batch: 2, capacity: 10 })
      const first = attentionMask?.at(slice(), slice(0, 6))
      model.forward(tokens.at(slice(), slice(0, 6)), { attentionMask: first, cache, lastOnly: true })
      near('behind', model.forward(tokens.at(slice(), slice(6)), { attentionMask, cache, lastOnly: true }), want)
      cache.dispose()
    }
  })

  test('a compiled step is a step', () => {
    const decoder = new CausalDecoder(model, [TEXT.slice(0, 3), TEXT.slice(0, 1)], { capacity: 70, padding: 0 })
    const whole = tidy(() => [model.forward(row(TEXT)), model.forward(row([TEXT[0], ...TEXT.slice(3)]))])
    let got = decoder.next(null)
    for (let i = 3; i < TEXT.length; i++) {
      const want = [whole[0].at(0, i - 1), whole[1].at(0, i - 3)]
      if (model.isSteady) want.forEach((w, r) => void near(`${i} ${r}`, tensor(got.slice(r * 40, r * 40 + 40)), w))
      got = decoder.next([TEXT[i], TEXT[i]])
    }
    decoder.dispose()
  })

  test('padding changes nothing', () => {
    const mask = row([0, 0, 0, 1, 1, 1, 1], [1, 1, 1, 1, 1, 1, 1])
    const short = [5, 9, 31, 2]
    const long = [7, 3, 3, 9, 1, 4, 4]
    const y = model.forward(row([0, 0, 0, ...short], long), { attentionMask: mask })
    near('short', y.at(0, slice(3)), model.forward(row(short)).at(0))
    near('long', y.at(1), model.forward(row(long)).at(0))
    expect(y.data().every(Number.isFinite)).toBe(true)
  })

  test('what is shown inside is what happens', () => {
    const tokens = row(TEXT)
    const shown = model.inspect(tokens, { hiddenStates: true, attentions: true, heads: true })
    near('logits', shown.logits, model.forward(tokens))
    const { layers } = model.sizes
    expect([shown.hiddenStates, shown.attentions, shown.heads].map((list) => list.length)).toEqual([
      layers + 1,
      layers,
      layers,
    ])
    const [T, H] = [TEXT.length, shown.attentions[0].shape[1]]
    expect(shown.attentions[0].shape).toEqual([1, H, T, T])
    near('rows', shown.attentions[0].sum(-1), tensor(new Float32Array(H * T).fill(1), { shape: [1, H, T] }))
    expect(shown.attentions[1].at(0, 0, 0, slice(1)).abs().max().item()).toBe(0)
    near('the last state', model.normalize(shown.hiddenStates[layers]), shown.lastHiddenState)
    const lens = logitLens(model, tokens)
    near('the lens', lens[layers], shown.logits)
  })

  test('heads are silenced and replaced, and everything is differentiable', () => {
    const tokens = row(TEXT)
    const plain = model.inspect(tokens, { heads: true })
    const [layer, head] = [1, 1]
    const without = model.inspect(tokens, { hooks: ablateHeads([{ layer, heads: [head] }]) }).logits
    expect(without.sub(plain.logits).abs().max().item()).toBeGreaterThan(1e-4)
    const back = model.inspect(tokens, { hooks: replaceHeads({ layer, heads: [head] }, plain.heads[layer]) }).logits
    near('its own', back, plain.logits)
    const hooks = { attention: (w: Tensor) => w.mul(0.5), block: (x: Tensor) => x.mul(2) }
    const changed = (): Tensor => model.inspect(tokens, { hooks, attentions: true }).attentions[1].square().sum()
    const { grads } = valueAndGrad(changed, model.namedParameters())
    expect(Object.values(grads as Record<string, Tensor>).some((g) => g.abs().max().item() > 0)).toBe(true)
    expect(() => model.inspect(tokens, { hooks: ablateHeads([{ layer: 0, heads: [9] }]) })).toThrow('head 9')
    expect(() => model.inspect(tokens, { hooks: { head: () => randn([2]) } })).toThrow(ShapeError)
  })

  test('gradients reach every weight', () => {
    checkGradients(model, () => languageModelLoss(model, row(TEXT)))
  })

  test('misuse is named', () => {
    expect(() => model.forward(tensor(TEXT, { dtype: 'int32' }))).toThrow(ShapeError)
    expect(() => model.forward(tensor([TEXT]))).toThrow(DTypeError)
    expect(() => model.forward(row([40]))).toThrow(RangeError)
    expect(() => model.forward(row(TEXT), { cach: null } as object)).toThrow("there is no option 'cach'")
    expect(() => model.forward(row(TEXT), { attentionMask: row([1]) })).toThrow(ShapeError)
    const cache = model.newCache({ capacity: 4 })
    expect(() => model.forward(row(TEXT), { cache })).toThrow('it holds 4 tokens; 0 are there and 10 more come')
    cache.dispose()
    const { maxLength } = model.sizes
    if (maxLength < 1e6) {
      const long = arange(maxLength + 1, undefined, { dtype: 'int32' })
        .mul(0)
        .cast('int32')
        .unsqueeze(0)
      expect(() => model.forward(long)).toThrow(`${maxLength + 1} tokens are more than its ${maxLength} positions`)
    }
  })
})

describe.each(Object.entries(SEQ2SEQ))('%s', (_, make) => {
  const model = make()
  const source = row([7, 8, 20, 11, 5])
  const target = row([3, 6, 22, 9])

  test('token by token is the whole target', () => {
    const whole = model.forward(source, target)
    const states = model.encode(source)
    const cache = model.newCache({ capacity: 4 })
    const parts = [3, 6, 22, 9].map((id) => model.decode(states, row([id]), { cache }).at(slice(), 0))
    near('logits', stack(parts, 1), whole)
    cache.dispose()
  })

  test('padding changes nothing', () => {
    const attentionMask = row([1, 1, 1, 0, 0], [1, 1, 1, 1, 1])
    const both = model.forward(row([7, 8, 20, 0, 0], [7, 8, 20, 11, 5]), row([3, 6, 22, 9], [3, 6, 22, 9]), {
      attentionMask,
    })
    near('short', both.at(0), model.forward(row([7, 8, 20]), target).at(0))
    near('long', both.at(1), model.forward(source, target).at(0))
  })

  test('what is shown inside is what happens', () => {
    const shown = model.inspect(source, target, { hiddenStates: true, attentions: true, heads: true })
    near('logits', shown.logits, model.forward(source, target))
    near('source', shown.encoderLastHiddenState, model.encode(source))
    const H = shown.crossAttentions[0].shape[1]
    expect(shown.crossAttentions[0].shape).toEqual([1, H, 4, 5])
    near('rows', shown.crossAttentions[0].sum(-1), tensor(new Float32Array(H * 4).fill(1), { shape: [1, H, 4] }))
    expect(shown.encoderAttentions.length).toBe(2)
    expect(shown.crossHeads.length).toBe(shown.decoderHeads.length)
    const hooks = ablateHeads([{ layer: 0, heads: [0], kind: 'cross' }])
    const without = model.inspect(source, target, { hooks }).logits
    expect(without.sub(shown.logits).abs().max().item()).toBeGreaterThan(1e-4)
  })

  test('gradients reach every weight', () => {
    // A constant added to all scores of a head changes none: keys' biases have no gradient.
    checkGradients(model, () => seq2seqLoss(model, source, target), /k_proj\.bias/)
  })
})

describe('bert', () => {
  const tokens = row([2, 9, 31, 3, 0, 0], [2, 9, 31, 17, 8, 3])
  const attentionMask = row([1, 1, 1, 1, 0, 0], [1, 1, 1, 1, 1, 1])

  test('padding changes nothing; what is shown is what happens', () => {
    const model = BERT.plain()
    const y = model.forward(tokens, { attentionMask })
    near('short', y.at(0, slice(0, 4)), model.forward(row([2, 9, 31, 3])).at(0))
    const shown = model.inspect(tokens, { attentionMask, hiddenStates: true, attentions: true, heads: true })
    near('states', shown.lastHiddenState, y)
    near('the last', shown.hiddenStates[2], y)
    expect(shown.attentions[0].at(0, 0, 0, slice(4)).abs().max().item()).toBe(0)
    near('pooled', shown.poolerOutput as Tensor, model.pool(y))
  })

  test('vectors of texts have length 1, and padding does not count', () => {
    const model = BERT.plain()
    const all = model.embed(tokens, { attentionMask })
    near('length', all.square().sum(-1), tensor([1, 1]))
    near('alone', all.at(0), model.embed(row([2, 9, 31, 3])).at(0))
    near('first', model.embed(tokens, { attentionMask, pooling: 'cls' }).square().sum(-1), tensor([1, 1]))
    expect(() => model.embed(tokens, { pooling: 'max' as 'cls' })).toThrow("pooling 'max'")
  })

  test('heads', () => {
    const masked = BERT.masked()
    expect(masked.forward(tokens, { attentionMask }).shape).toEqual([2, 6, 40])
    checkGradients(masked, () => masked.forward(tokens).square().mean(), /key\.bias/)
    const classifier = BERT.classifier()
    const { logits, poolerOutput } = classifier.inspect(tokens, { attentionMask })
    expect(logits.shape).toEqual([2, 3])
    near('logits', logits, classifier.classifier.forward(poolerOutput as Tensor))
    checkGradients(classifier, () => classifier.forward(tokens).square().sum(), /key\.bias/)
  })

  test('misuse is named', () => {
    const model = BERT.plain()
    expect(() => model.forward(tokens, { attentionMask: row([1, 1]) })).toThrow(ShapeError)
    expect(() => model.forward(tokens, { mask: null } as object)).toThrow("there is no option 'mask'")
    expect(() => BERT.masked().bert.pool(randn([1, 2, 24]))).toThrow('no pooler')
  })
})

test('sizes that do not fit are refused', () => {
  expect(() => new Llama({ ...LLAMA, numKeyValueHeads: 3 })).toThrow(RangeError)
  expect(() => new GPT({ vocabSize: 9, nEmbd: 10, nLayer: 1, nHead: 3 })).toThrow('3 heads do not divide nEmbd 10')
  expect(() => new Llama({ ...LLAMA, hiddenAct: 'sine' })).toThrow("activation 'sine'")
  expect(() => new GPT({ vocabSize: 9, nEmbd: 8, nLayers: 1, nHead: 2 } as never)).toThrow("no option 'nLayers'")
  expect(() => new GPT({ vocabSize: 9, nEmbd: 8, nHead: 2 } as never)).toThrow('nLayer is missing')
})

test.each(Object.entries({ ...CAUSAL, ...SEQ2SEQ, ...BERT }))(
  '%s: options that there are not are refused',
  (_, make) => {
    const model = make() as unknown as { config: object; constructor: new (config: object, options: object) => object }
    expect(() => new model.constructor(model.config, { sd: 0.3 })).toThrow(
      /^\w+: there is no option 'sd'; there are generator, std/,
    )
  },
)

test('dropout drops in training alone, and a model learns', () => {
  const model = new GPT({ vocabSize: 12, nPositions: 16, nEmbd: 16, nLayer: 1, nHead: 2, dropout: 0.2 })
  const tokens = row([1, 2, 3, 4])
  expect(model.forward(tokens).sub(model.forward(tokens)).abs().max().item()).toBeGreaterThan(0)
  model.eval()
  expect(model.forward(tokens).sub(model.forward(tokens)).abs().max().item()).toBe(0)
})

test('nothing is left behind by a run, and a disposed model leaves nothing', () => {
  const before = memoryStats().storages
  const run = (): void => {
    const model = CAUSAL.llama()
    tidy(() => void model.inspect(row(TEXT), { hiddenStates: true, attentions: true }))
    model.dispose()
  }
  run()
  const after = memoryStats().storages
  run()
  // The generator of the first weights is left to the garbage collector.
  expect(memoryStats().storages - after).toBeLessThanOrEqual(1)
  expect(after - before).toBeLessThan(20)
})
