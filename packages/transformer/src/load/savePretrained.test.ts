// What is saved is what is loaded: every model, by its files in memory.
import type { Module } from '@x/nn'
import { memoryStats, type Tensor, tensor, tidy } from '@x/tensor'
import { loadSafetensors, openSafetensors } from '@x/tensor/files'
import { assertClose, assertSame } from '@x/tensor/testing'
import { expect, test } from 'vitest'
import { BERT, CAUSAL, LLAMA, SEQ2SEQ } from '../cases/tiny.ts'
import { Bert } from '../models/bert.ts'
import { CausalLM } from '../models/causal.ts'
import { GPT } from '../models/gpt.ts'
import { Llama } from '../models/llama.ts'
import { Seq2SeqLM } from '../models/seq2seq.ts'
import { TranslationTransformer } from '../models/translation.ts'
import { quantize } from '../quantized/quantize.ts'
import { readTokenizerJson } from '../tokenizers/readers/tokenizerJson.ts'
import { trainBpe } from '../tokenizers.ts'
import { addLora } from '../training/lora.ts'
import { loadModel } from './loadModel.ts'
import { savePretrained } from './savePretrained.ts'

const row = (...ids: number[][]): Tensor => tensor(ids, { dtype: 'int32' })
const TEXT = [[5, 9, 21, 2, 17, 8]]
const decode = (bytes: Uint8Array): Record<string, unknown> => JSON.parse(new TextDecoder().decode(bytes))

/** What a model says. */
function said(model: Module<unknown>): Tensor {
  if (model instanceof CausalLM) return model.forward(row(...TEXT))
  if (model instanceof Seq2SeqLM) return model.forward(row(...TEXT), row([0, 6, 22]))
  return (model as Bert).forward(row(...TEXT))
}

const small = { vocabSize: 30, dModel: 16, encoderLayers: 1, decoderLayers: 1, attentionHeads: 2, ffnDim: 24 }
const MODELS: Readonly<Record<string, () => Module<unknown>>> = {
  ...CAUSAL,
  ...SEQ2SEQ,
  'bert, plain': BERT.plain,
  'bert, masked': BERT.masked,
  'bert, classifier': BERT.classifier,
  'bert, no pooler': () => new Bert(BERT.plain().config, { pooler: false }).eval(),
  'llama, biases of queries': () => new Llama({ ...LLAMA, attentionBias: true, mlpBias: true }).eval(),
  'llama, biases everywhere': () => new Llama({ ...LLAMA, attentionBias: 'all', mlpBias: true }).eval(),
  'llama, a window': () => new Llama({ ...LLAMA, slidingWindow: 3 }).eval(),
  'llama, a larger base': () => new Llama({ ...LLAMA, ropeScaling: { type: 'ntk', factor: 4 } }).eval(),
  'llama, yarn': () =>
    new Llama({ ...LLAMA, ropeScaling: { type: 'yarn', factor: 4, originalLength: 32, betaFast: 16 } }).eval(),
  'translation, halves, its own epsilon': () =>
    new TranslationTransformer({ ...small, positions: 'halves', layerNormEps: 1e-3, scaleEmbedding: false }).eval(),
}

test.each(Object.entries(MODELS))('%s', async (name, make) => {
  const model = make()
  // Tables that the model keeps are there.
  tidy(() => void said(model))
  const before = memoryStats().storages
  const files = await savePretrained(model)
  expect(memoryStats().storages).toBeLessThanOrEqual(before)
  const again = await loadModel(files)
  tidy(() => {
    const [got, want] = [said(again), said(model)]
    if (name.includes('base')) assertClose(name, got, want, 0, 1e-5)
    else assertSame(name, got, want)
  })
  expect(again.constructor).toBe(model.constructor)
  expect(Object.keys(again.stateDict())).toEqual(Object.keys(model.stateDict()))
  // Once more is the same again.
  expect(await savePretrained(again)).toEqual({ ...files, 'config.json': expect.anything() })
})

test('the files are those of transformers', async () => {
  const files = await savePretrained(CAUSAL.gpt())
  expect(Object.keys(files)).toEqual(['config.json', 'model.safetensors'])
  expect(decode(files['config.json'])).toMatchObject({
    ...{ architectures: ['GPT2LMHeadModel'], model_type: 'gpt2', torch_dtype: 'float32', vocab_size: 40 },
    ...{ n_positions: 128, n_embd: 32, n_layer: 2, n_head: 4, attn_pdrop: 0, eos_token_id: null },
  })
  const file = await openSafetensors(files['model.safetensors'])
  expect(file.metadata).toEqual({ format: 'pt' })
  expect(file.keys()).toContain('transformer.h.1.attn.c_attn.weight')
  const { tensors } = await loadSafetensors(files['model.safetensors'])
  expect(tensors['transformer.h.0.attn.c_attn.weight'].shape).toEqual([32, 96])
  const llama = decode((await savePretrained(CAUSAL['llama, rotations stretched']()))['config.json'])
  expect(llama).toMatchObject({
    ...{ architectures: ['LlamaForCausalLM'], model_type: 'llama', head_dim: 6, num_key_value_heads: 2 },
    rope_scaling: {
      ...{ rope_type: 'llama3', factor: 4, low_freq_factor: 1, high_freq_factor: 4 },
      original_max_position_embeddings: 16,
    },
  })
  const window = decode((await savePretrained(MODELS['llama, a window']()))['config.json'])
  expect(window).toMatchObject({ architectures: ['MistralForCausalLM'], model_type: 'mistral', sliding_window: 3 })
  // Sinusoids that transformers would compute otherwise come along.
  const translation = await loadSafetensors((await savePretrained(SEQ2SEQ.translation()))['model.safetensors'])
  const places = translation.tensors['model.encoder.embed_positions.weight']
  expect(places.shape).toEqual([512, 24])
  expect(places.at(1, 0).item()).toBeCloseTo(Math.sin(1), 6)
  expect(places.at(1, 1).item()).toBeCloseTo(Math.cos(1), 6)
})

test('with its tokenizer', async () => {
  const tokenizer = trainBpe(['low lower lowest'], { vocabSize: 262 })
  const files = await savePretrained(CAUSAL.gpt(), undefined, { tokenizer })
  expect(readTokenizerJson(files['tokenizer.json']).encode('lower')).toEqual(tokenizer.encode('lower'))
})

test('what cannot be saved is refused, and a file of another layout says its own sizes', async () => {
  await expect(savePretrained(null as never)).rejects.toThrow('savePretrained: null is none of the models here')
  await expect(savePretrained(CAUSAL.gpt(), '')).rejects.toThrow("cannot write to ''")
  await expect(savePretrained(CAUSAL.gpt(), undefined, { shards: 2 } as never)).rejects.toThrow("no option 'shards'")
  await expect(savePretrained(quantize(CAUSAL.gpt(), 'int8'))).rejects.toThrow('quantised weights')
  const adapted = CAUSAL.gpt()
  addLora(adapted)
  await expect(savePretrained(adapted)).rejects.toThrow('adapters')
  const odd = new Llama({ ...LLAMA, slidingWindow: 3, attentionBias: true })
  await expect(savePretrained(odd)).rejects.toThrow("attentionBias 'all' can be kept")
  const sizes = { vocabSize: 40, nEmbd: 32, nLayer: 1, nHead: 4, bias: false }
  const files = await savePretrained(new GPT(sizes))
  const wider = new GPT({ ...sizes, nInner: 64 })
  const { 'config.json': config } = await savePretrained(wider)
  await expect(loadModel({ ...files, 'config.json': config })).rejects.toThrow(
    'mlp.c_fc.weight is [32, 128] where the configuration asks for [32, 64]',
  )
})
