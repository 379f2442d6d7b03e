// Checkpoints of every kind, made here: what is loaded computes what was saved.
import { type Module, snakeCase } from '@x/nn'
import { FormatError, type Tensor, tensor, tidy } from '@x/tensor'
import { saveTorch } from '@x/tensor/files'
import { assign } from '@x/tensor/op'
import { saveSafetensors } from '@x/tensor/safetensors'
import { assertClose, assertSame } from '@x/tensor/testing'
import { describe, expect, test } from 'vitest'
import { toInterleaved } from '../blocks/rotary.ts'
import { BERT, CAUSAL, LLAMA, SEQ2SEQ } from '../cases/tiny.ts'
import { dequantizeGgml, quantizeGgml } from '../formats/ggmlTypes.ts'
import type { Bert, BertForSequenceClassification } from '../models/bert.ts'
import type { CausalLM } from '../models/causal.ts'
import type { GPT } from '../models/gpt.ts'
import { Llama } from '../models/llama.ts'
import type { Seq2SeqLM } from '../models/seq2seq.ts'
import { QuantizedLinear } from '../quantized/layers.ts'
import type { Settings } from './checkpoint.ts'
import { loadCausalLM, loadModel, loadSeq2SeqLM } from './loadModel.ts'

const row = (...ids: number[][]): Tensor => tensor(ids, { dtype: 'int32' })
const TEXT = [[5, 9, 31, 2, 17, 8]]
type Weights = Record<string, Tensor>

const json = (value: object): Uint8Array => new TextEncoder().encode(JSON.stringify(value))

const snake = (config: object): Settings =>
  Object.fromEntries(Object.entries(config).map(([name, value]) => [snakeCase(name), value]))

/** A folder in memory. */
const folder = (config: object, weights: Weights, more: object = {}) => ({
  'config.json': json({ ...snake(config), ...more }),
  'model.safetensors': saveSafetensors(weights),
})

/** GPT-2's linear layers as its files have them. */
const conv1d = (weights: Weights): Weights =>
  Object.fromEntries(
    Object.entries(weights).map(([name, x]) => [
      name,
      /(c_attn|c_proj|c_fc)\.weight$/.test(name) ? x.mT.contiguous() : x,
    ]),
  )

const withoutPrefix = (weights: Weights, prefix: string): Weights =>
  Object.fromEntries(Object.entries(weights).map(([name, x]) => [name.replace(`${prefix}.`, ''), x]))

const sameLogits = (got: CausalLM, want: CausalLM, atol = 0): void =>
  tidy(() => assertClose('logits', got.forward(row(...TEXT)), want.forward(row(...TEXT)), 0, atol))

const configOf = (model: Module<unknown>): object => (model as unknown as { config: object }).config

describe('folders', () => {
  const llama = CAUSAL.llama()
  const files = folder(LLAMA, llama.stateDict(), { model_type: 'llama' })

  test('Llama, by its type and by its architecture', async () => {
    sameLogits(await loadCausalLM(files), llama)
    const named = { ...files, 'config.json': json({ ...snake(LLAMA), architectures: ['MistralForCausalLM'] }) }
    sameLogits(await loadCausalLM(named), llama)
    const mistral = new Llama({ ...LLAMA, slidingWindow: 3 }).eval()
    sameLogits(await loadCausalLM(folder(configOf(mistral), mistral.stateDict(), { model_type: 'mistral' })), mistral)
    const double = await loadCausalLM(files, { dtype: 'float64' })
    expect(double.forward(row(...TEXT)).dtype).toBe('float64')
  })

  test('as Files, in shards, of torch.save, with what ends texts beside', async () => {
    const chosen = Object.entries(files).map(([name, bytes]) => new File([bytes as Uint8Array<ArrayBuffer>], name))
    sameLogits(await loadCausalLM(chosen), llama)
    const names = Object.keys(llama.stateDict())
    const half = (from: number, to: number) =>
      Object.fromEntries(names.slice(from, to).map((n) => [n, llama.stateDict()[n]]))
    const map = Object.fromEntries(names.map((name, i) => [name, i < 5 ? 'a.safetensors' : 'b.safetensors']))
    const sharded = {
      'config.json': files['config.json'],
      'generation_config.json': json({ eos_token_id: [7, 9] }),
      'model.safetensors.index.json': json({ weight_map: map }),
      'a.safetensors': saveSafetensors(half(0, 5)),
      'b.safetensors': saveSafetensors(half(5, names.length)),
    }
    const loaded = await loadCausalLM(sharded)
    sameLogits(loaded, llama)
    expect(loaded.config.eosTokenId).toEqual([7, 9])
    const pickled = { 'config.json': files['config.json'], 'pytorch_model.bin': await saveTorch(llama.stateDict()) }
    sameLogits(await loadCausalLM(pickled), llama)
    const weights = files['model.safetensors'] as Uint8Array<ArrayBuffer>
    for (const source of [weights, new Blob([weights]), new Response(weights)])
      sameLogits(await loadCausalLM(source, { config: { ...snake(LLAMA), model_type: 'llama' } }), llama)
  })

  test.each(['gpt', 'gpt, untied, without biases'])('%s, with and without the prefix of its base', async (name) => {
    const model = CAUSAL[name]() as GPT
    const weights = conv1d(model.stateDict())
    const mask = { 'h.0.attn.bias': tensor([1]) }
    const config = { ...model.config, eosTokenId: 3 }
    const loaded = await loadCausalLM(folder(config, weights, { model_type: 'gpt2' }))
    sameLogits(loaded, model)
    if (model.lmHead) return
    const bare = { ...withoutPrefix(weights, 'transformer'), ...mask }
    sameLogits(await loadCausalLM(folder(config, bare, { architectures: ['GPT2LMHeadModel'] })), model)
  })

  test('Bloom, Qwen', async () => {
    const bloom = CAUSAL.bloom()
    sameLogits(await loadCausalLM(folder(configOf(bloom), bloom.stateDict(), { model_type: 'bloom' })), bloom)
    const config = { ...LLAMA, attentionBias: true } as const
    const qwen = new Llama(config).eval()
    sameLogits(await loadCausalLM(folder(LLAMA, qwen.stateDict(), { model_type: 'qwen2' })), qwen)
  })

  test('BERT and its heads', async () => {
    const classifier = BERT.classifier()
    const files = folder({ ...configOf(classifier), numLabels: undefined }, classifier.stateDict(), {
      id2label: { 0: 'a', 1: 'b', 2: 'c' },
      model_type: 'bert',
      architectures: ['BertForSequenceClassification'],
    })
    const loaded = (await loadModel(files)) as BertForSequenceClassification
    assertSame('logits', loaded.forward(row(...TEXT)), classifier.forward(row(...TEXT)))
    const bare = (await loadModel(files, { architecture: 'BertModel' })) as Bert
    assertSame('states', bare.forward(row(...TEXT)), classifier.bert.forward(row(...TEXT)))
    const masked = BERT.masked()
    const old = Object.fromEntries(
      Object.entries(masked.stateDict()).map(([name, x]) => [
        name.replace(/LayerNorm\.weight$/, 'LayerNorm.gamma').replace(/LayerNorm\.bias$/, 'LayerNorm.beta'),
        x,
      ]),
    )
    const again = await loadModel(folder(configOf(masked), old, { architectures: ['BertForMaskedLM'] }))
    assertSame('masked', again.forward(row(...TEXT) as never) as Tensor, masked.forward(row(...TEXT)))
  })

  test('T5 and translation models', async () => {
    const target = row([0, 6, 22])
    for (const [type, name] of [
      ['t5', 't5'],
      ['mt5', 't5, gated, untied'],
    ]) {
      const model = SEQ2SEQ[name]()
      const copies = { ...model.stateDict(), 'encoder.embed_tokens.weight': tensor([0]) }
      const loaded = await loadSeq2SeqLM(folder(configOf(model), copies, { model_type: type }))
      assertSame(name, loaded.forward(row(...TEXT), target), model.forward(row(...TEXT), target))
    }
    const model = SEQ2SEQ.translation()
    const { attentionHeads, ffnDim, ...rest } = configOf(model) as { attentionHeads: number; ffnDim: number }
    const marian = {
      ...rest,
      encoderAttentionHeads: attentionHeads,
      encoderFfnDim: ffnDim,
      scaleEmbedding: true,
      modelType: 'marian',
    }
    const loaded = (await loadModel(folder(marian, model.stateDict()))) as Seq2SeqLM
    // Marian's sines come before its cosines.
    expect(loaded.forward(row(...TEXT), target).shape).toEqual([1, 3, 40])
    const [a, b] = [loaded, model].map((m) => m.stateDict())
    for (const name of Object.keys(b)) assertSame(name, a[name], b[name])
  })

  test('quantised as it is read', async () => {
    const model = await loadCausalLM(files, { quantize: 'int8' })
    expect((model as Llama).lmHead).toBeInstanceOf(QuantizedLinear)
    const top = llama
      .forward(row(...TEXT))
      .abs()
      .max()
      .item()
    sameLogits(model, llama, 0.05 * top)
    await expect(loadModel(files, { quantize: 'int8', dtype: 'float64' })).rejects.toThrow(RangeError)
  })

  test('what does not fit is listed', async () => {
    const { 'model.norm.weight': norm, ...rest } = llama.stateDict()
    const lacking = folder(LLAMA, { ...rest, 'model.other.weight': norm }, { model_type: 'llama' })
    await expect(loadModel(lacking)).rejects.toThrow(
      /the weights do not fit the model; missing: model\.norm\.weight; not known: model\.other\.weight/,
    )
    const loose = await loadCausalLM(lacking, { strict: false })
    expect(
      loose
        .forward(row(...TEXT))
        .data()
        .every(Number.isFinite),
    ).toBe(true)
    const small = folder({ ...LLAMA, vocabSize: 41 }, llama.stateDict(), { model_type: 'llama' })
    await expect(loadModel(small)).rejects.toThrow(/lm_head.weight is \[40, 32\] where .* asks for \[41, 32\]/)
    const unknown = { ...files, 'config.json': json({ architectures: ['MambaForCausalLM'] }) }
    await expect(loadModel(unknown)).rejects.toThrow(/MambaForCausalLM is not known here; there are LlamaForCausalLM/)
    await expect(loadModel({ 'config.json': json({ model_type: 'llama' }) })).rejects.toThrow(
      'there are no weights; looked for model.safetensors',
    )
    await expect(loadModel({ 'model.safetensors': saveSafetensors({}) })).rejects.toThrow('no config.json')
    await expect(loadModel(folder({ ...LLAMA, hiddenSize: 'x' }, {}, { model_type: 'llama' }))).rejects.toThrow(
      '"hidden_size" is "x", not a number',
    )
    await expect(loadModel(files, { device: 'gpu' } as object)).rejects.toThrow("there is no option 'device'")
    await expect(loadModel(new Uint8Array(300).fill(255))).rejects.toThrow(FormatError)
    const bert = BERT.plain()
    const other = folder(configOf(bert), bert.stateDict(), { model_type: 'bert' })
    await expect(loadCausalLM(other)).rejects.toThrow('Bert does not continue texts')
    await expect(loadSeq2SeqLM(files)).rejects.toThrow('Llama has no encoder and decoder')
  })
})

describe('llama2.c', () => {
  const config = { ...LLAMA, rmsNormEps: 1e-5, tieWordEmbeddings: true }
  const llama = new Llama(config).eval()
  const weights = llama.stateDict()
  const sizes = [config.hiddenSize, config.intermediateSize]
  const bytesOf = (x: Tensor): Uint8Array => new Uint8Array(x.data().slice().buffer)
  const part = (name: string): Uint8Array[] =>
    [0, 1].map((layer) => {
      const x = weights[`model.layers.${layer}.${name}.weight`]
      const heads = name.endsWith('q_proj') ? 4 : name.endsWith('k_proj') ? 2 : 0
      return bytesOf(heads > 0 ? toInterleaved(x, heads).contiguous() : x)
    })
  const ints = (...values: number[]): Uint8Array => new Uint8Array(Int32Array.from(values).buffer)
  const joined = (...parts: (Uint8Array | Uint8Array[])[]): Uint8Array => {
    const all = parts.flat()
    const bytes = new Uint8Array(all.reduce((n, p) => n + p.length, 0))
    let at = 0
    for (const p of all) {
      bytes.set(p, at)
      at += p.length
    }
    return bytes
  }
  const padded = (...parts: Uint8Array[]): Uint8Array => {
    const bytes = new Uint8Array(256)
    bytes.set(joined(...parts))
    return bytes
  }
  const [table, norm] = [bytesOf(weights['model.embed_tokens.weight']), bytesOf(weights['model.norm.weight'])]
  const attention = ['q', 'k', 'v', 'o'].flatMap((name) => part(`self_attn.${name}_proj`))
  const [gate, down, up] = ['gate', 'down', 'up'].map((name) => part(`mlp.${name}_proj`))
  const [first, second] = ['input_layernorm', 'post_attention_layernorm'].map(part)

  test('version 0', async () => {
    const head = ints(...sizes, 2, 4, 2, 40, 128)
    const rotations = new Uint8Array(4 * 128 * 8)
    const file = joined(head, table, first, attention, second, gate, down, up, norm, rotations)
    const loaded = await loadCausalLM(file)
    sameLogits(loaded, llama)
    expect(loaded.config).toMatchObject({ maxPositionEmbeddings: 128, eosTokenId: 2, rmsNormEps: 1e-5 })
    const untied = joined(ints(...sizes, 2, 4, 2, -40, 128), file.subarray(28), table)
    sameLogits(await loadCausalLM(untied), llama)
    await expect(loadModel(file.subarray(0, file.length - 4))).rejects.toThrow('the file should end at byte')
  })

  test('version 1, and that of llama2.ts', async () => {
    const magic = ints(0x616b3432, 1, ...sizes, 2, 4, 2, 40, 128)
    const file = joined(padded(magic, Uint8Array.of(1)), first, second, norm, table, attention, gate, down, up)
    sameLogits(await loadCausalLM(new Blob([file as Uint8Array<ArrayBuffer>])), llama)
    const word = joined(Uint8Array.of(1), ints(5), new TextEncoder().encode('llama'))
    const head = padded(word, ints(...sizes, 128, 40, 2, 4, 2), Uint8Array.of(1))
    const vocabulary = joined(Array.from({ length: 40 }, () => joined(ints(0, 2), Uint8Array.of(65, 66))))
    const other = joined(head, vocabulary, table, first, attention, second, gate, up, down, norm)
    sameLogits(await loadCausalLM(other), llama)
  })
})

describe('GGUF', () => {
  const text = new TextEncoder()
  const u32 = (n: number): number[] => [...new Uint8Array(Uint32Array.of(n).buffer)]
  const u64 = (n: number): number[] => [...u32(n), 0, 0, 0, 0]
  const string = (s: string): number[] => [...u64(s.length), ...text.encode(s)]
  const TYPE_IDS = { F32: 0, F16: 1, Q4_0: 2, Q8_0: 8, BF16: 30 } as const
  type Type = keyof typeof TYPE_IDS

  /** A file of metadata (numbers of 32 bits, floats, texts) and tensors. */
  function gguf(meta: Record<string, number | string>, tensors: Record<string, [Tensor, Type]>): Uint8Array {
    const value = (v: number | string): number[] =>
      typeof v === 'string'
        ? [...u32(8), ...string(v)]
        : Number.isInteger(v)
          ? [...u32(4), ...u32(v)]
          : [...u32(6), ...new Uint8Array(Float32Array.of(v).buffer)]
    let offset = 0
    const blobs = Object.values(tensors).map(([x, type]) => {
      const bytes = quantizeGgml(type, x.data() as Float32Array)
      const blob = new Uint8Array(Math.ceil(bytes.length / 32) * 32)
      blob.set(bytes)
      return blob
    })
    const infos = Object.entries(tensors).flatMap(([name, [x, type]], i) => {
      const info = [
        ...string(name),
        ...u32(x.ndim),
        ...[...x.shape].reverse().flatMap(u64),
        ...u32(TYPE_IDS[type]),
        ...u64(offset),
      ]
      offset += blobs[i].length
      return info
    })
    const entries = Object.entries(meta).flatMap(([key, v]) => [...string(key), ...value(v)])
    const head = [
      ...text.encode('GGUF'),
      ...u32(3),
      ...u64(blobs.length),
      ...u64(Object.keys(meta).length),
      ...entries,
      ...infos,
    ]
    const start = Math.ceil(head.length / 32) * 32
    const bytes = new Uint8Array(start + offset)
    bytes.set(head)
    let at = start
    for (const blob of blobs) {
      bytes.set(blob, at)
      at += blob.length
    }
    return bytes
  }

  const NAMES: Record<string, string> = {
    'model.embed_tokens': 'token_embd',
    'model.norm': 'output_norm',
    lm_head: 'output',
    input_layernorm: 'attn_norm',
    'self_attn.q_proj': 'attn_q',
    'self_attn.k_proj': 'attn_k',
    'self_attn.v_proj': 'attn_v',
    'self_attn.o_proj': 'attn_output',
    post_attention_layernorm: 'ffn_norm',
    'mlp.gate_proj': 'ffn_gate',
    'mlp.up_proj': 'ffn_up',
    'mlp.down_proj': 'ffn_down',
  }

  test.each(['F32', 'F16', 'BF16', 'Q8_0', 'Q4_0'] as const)('Llama in %s', async (type) => {
    const config = { ...LLAMA, intermediateSize: 64, rmsNormEps: 1e-5 }
    const llama = new Llama(config, { std: 0.3 }).eval()
    const tensors = Object.fromEntries(
      Object.entries(llama.stateDict()).map(([name, x]): [string, [Tensor, Type]] => {
        const [, layer, stem] = /^(?:model\.layers\.(\d+)\.)?(.*)\.weight$/.exec(name) ?? []
        const heads = /q_proj/.test(name) ? 4 : /k_proj/.test(name) ? 2 : 0
        const saved = heads > 0 ? toInterleaved(x, heads).contiguous() : x
        return [
          `${layer === undefined ? '' : `blk.${layer}.`}${NAMES[stem]}.weight`,
          [saved, x.ndim > 1 ? type : 'F32'],
        ]
      }),
    )
    const meta = {
      'general.architecture': 'llama',
      'llama.embedding_length': 32,
      'llama.feed_forward_length': 64,
      'llama.block_count': 2,
      'llama.attention.head_count': 4,
      'llama.attention.head_count_kv': 2,
      'llama.context_length': 128,
      'llama.attention.layer_norm_rms_epsilon': 1e-5,
      'tokenizer.ggml.eos_token_id': 2,
    }
    const loaded = await loadCausalLM(gguf(meta, tensors))
    // The numbers that the file stands for. Moving rows of queries and keys moves whole blocks.
    for (const x of llama.parameters().filter((x) => x.ndim > 1)) {
      assign(x, tensor(dequantizeGgml(type, quantizeGgml(type, x.data() as Float32Array)), { shape: x.shape }))
    }
    sameLogits(loaded, llama)
    expect(loaded.config.eosTokenId).toBe(2)
    await expect(loadModel(gguf({ ...meta, 'general.architecture': 'rwkv' }, tensors))).rejects.toThrow(
      "architecture 'rwkv' is not known here; there are llama",
    )
    const { 'llama.block_count': _, ...lacking } = meta
    await expect(loadModel(gguf(lacking, tensors))).rejects.toThrow('llama.block_count is missing, not a number')
  })

  test('GPT-2', async () => {
    const model = CAUSAL.gpt() as GPT
    const parts: Record<string, string> = {
      wte: 'token_embd',
      wpe: 'position_embd',
      ln_f: 'output_norm',
      ln_1: 'attn_norm',
      'attn.c_attn': 'attn_qkv',
      'attn.c_proj': 'attn_output',
      ln_2: 'ffn_norm',
      'mlp.c_fc': 'ffn_up',
      'mlp.c_proj': 'ffn_down',
    }
    const tensors = Object.fromEntries(
      Object.entries(model.stateDict()).map(([name, x]): [string, [Tensor, Type]] => {
        const [, layer, stem, kind] = /^transformer\.(?:h\.(\d+)\.)?(.*)\.(weight|bias)$/.exec(name) ?? []
        return [`${layer === undefined ? '' : `blk.${layer}.`}${parts[stem]}.${kind}`, [x, 'F32']]
      }),
    )
    const meta = {
      'general.architecture': 'gpt2',
      'gpt2.context_length': 128,
      'gpt2.embedding_length': 32,
      'gpt2.block_count': 2,
      'gpt2.attention.head_count': 4,
      'gpt2.feed_forward_length': 128,
      'gpt2.attention.layer_norm_epsilon': 1e-5,
    }
    sameLogits(await loadCausalLM(gguf(meta, tensors)), model)
  })
})

test('a checkpoint of nanoGPT', async () => {
  const model = CAUSAL.gpt() as GPT
  const weights = Object.fromEntries(Object.entries(model.stateDict()).map(([name, x]) => [`_orig_mod.${name}`, x]))
  const { nanoGptOf } = await import('./nanoGpt.ts')
  const copies = Object.fromEntries(Object.entries(weights).map(([name, x]) => [name, x.copy()]))
  const args = { vocab_size: 40, block_size: 128, n_embd: 32, n_layer: 2, n_head: 4, bias: true }
  const found = nanoGptOf(
    { model: copies, model_args: args, optimizer: { state: tensor([1]) }, iter_num: 7 },
    'ckpt.pt',
  )
  expect(found?.config).toMatchObject({ model_type: 'gpt2', n_positions: 128, activation_function: 'gelu' })
  const qkv = await found?.tensors.getTensor('transformer.h.0.attn.c_attn.weight')
  expect(qkv?.shape).toEqual([32, 96])
  assertSame('turned', (qkv as Tensor).mT, model.stateDict()['transformer.h.0.attn.c_attn.weight'])
  await found?.tensors.close()
  expect(nanoGptOf({ a: tensor([1]) }, 'x')).toBeNull()
})
