// What training is not given: other models, other kinds of values.
import { type Tensor, tensor } from '@x/tensor'
import { expect, test } from 'vitest'
import { BERT, CAUSAL, SEQ2SEQ } from '../cases/tiny.ts'
import { addLora } from './lora.ts'
import { languageModelLoss, maskTokens, seq2seqLoss, supervisedBatch, tokenLoss } from './losses.ts'
import { textPerplexity } from './perplexity.ts'

const row = (...ids: number[][]): Tensor => tensor(ids, { dtype: 'int32' })
const model = CAUSAL.llama()
const tokens = row([1, 2, 3])

const refusals: [string, () => unknown, ErrorConstructor | typeof TypeError, string][] = [
  [
    'a loss of another model',
    () => languageModelLoss(BERT.plain() as never, tokens),
    TypeError,
    'a Bert, which does not',
  ],
  ['a loss of none', () => languageModelLoss(null as never, tokens), TypeError, 'the model is null'],
  ['a loss of lists', () => languageModelLoss(model, [[1, 2]] as never), TypeError, 'languageModelLoss: tokens'],
  [
    'a loss of a decoder',
    () => seq2seqLoss(model as never, tokens, tokens),
    TypeError,
    'a Llama, which has no encoder',
  ],
  ['targets of lists', () => seq2seqLoss(SEQ2SEQ.t5(), tokens, [[1]] as never), TypeError, 'seq2seqLoss: target'],
  ['labels of lists', () => tokenLoss(tensor([[[1]]]), [[0]] as never), TypeError, 'tokenLoss: labels'],
  [
    'text',
    () => textPerplexity(model, 'some text' as never),
    TypeError,
    "the text is 'some text', not a list of token",
  ],
  ['a tensor', () => textPerplexity(model, tokens as never), TypeError, 'the text is a Tensor, not a list'],
  ['no number', () => textPerplexity(model, [1, Number.NaN]), RangeError, 'the text has NaN at position 1'],
  ['no token', () => textPerplexity(model, [1, 40]), RangeError, 'the text has 40'],
  ['a tokenizer', () => textPerplexity(model, {} as never, 'a long text' as never), TypeError, 'not a list'],
  ['options of text', () => textPerplexity(model, [1, 2], 'a long text' as never), TypeError, 'not a string'],
  [
    'perplexity of another',
    () => textPerplexity(BERT.plain() as never, [1, 2]),
    TypeError,
    'textPerplexity: the model',
  ],
  ['no mask', () => maskTokens(tokens, {} as never), RangeError, 'maskTokenId is missing'],
  ['no size', () => maskTokens(tokens, { maskTokenId: 1 } as never), RangeError, 'vocabSize is missing'],
  ['masks of lists', () => maskTokens([1] as never, { maskTokenId: 1, vocabSize: 5 }), TypeError, 'maskTokens: tokens'],
  [
    'no padding',
    () => supervisedBatch([{ prompt: [1], answer: [2] }], {} as never),
    RangeError,
    'padTokenId is missing',
  ],
  [
    'no room',
    () => supervisedBatch([{ prompt: [1], answer: [2] }], { padTokenId: 0, maxLength: 0 }),
    RangeError,
    'maxLength is 0, not a whole number from 1',
  ],
  ['no answers', () => supervisedBatch([{ prompt: [1] }] as never, { padTokenId: 0 }), TypeError, '{ prompt, answer }'],
  ['adapters of none', () => addLora(null as never), TypeError, 'addLora: the model is null'],
  ['no scale', () => addLora(model, { alpha: Number.NaN }), RangeError, 'alpha NaN is not a number'],
  ['one target', () => addLora(model, { targets: 'q_proj' as never }), TypeError, "targets is 'q_proj', not a list"],
  ['an idle target', () => addLora(model, { targets: ['q_proj', 'nope'] }), RangeError, 'no linear layer ends in nope'],
]

test.each(refusals)('%s', (_, call, type, text) => {
  expect(call).toThrow(text)
  expect(call).toThrow(type)
})

test('nothing is changed by what is refused', () => {
  expect(model.parameters().length).toBe(CAUSAL.llama().parameters().length)
})
