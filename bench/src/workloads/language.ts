// Language models: quantised layers by themselves, and a whole model of GPT-2's smallest size with random weights.
import { manualSeed, slice, type Tensor, tensor, tidy, zeros } from '@x/tensor'
import {
  type CausalLM,
  GPT,
  Llama,
  type Quantization,
  QuantizedEmbedding,
  QuantizedLinear,
  quantize,
} from '@x/transformer'
import { type GgufOptions, ggufOf, LETTERS, letterOf } from '../engines/ggufFile.ts'
import { startOrtGpt, type Weights } from '../engines/ortGpt.ts'
import type { HostArray, Random } from '../hostArray.ts'
import { type Definition, define, type Foreign, type Program, type Size } from '../workload.ts'

const KINDS: readonly Quantization[] = ['int8', 'int4']

/** Bytes that a weight takes, its share of the scales included. */
const BYTES = { float32: 4, int8: 1, int4: 0.5625 } as const

const weighted = (random: Random, [N, K]: Size, rows: number) => ({
  x: random.normal([rows, K]),
  w: random.weights([N, K], K),
})

/** A quantised layer on x. */
const layerOf = (kind: Quantization) => ({
  start: ({ x, w }: { readonly x: Tensor; readonly w: Tensor }) => {
    const layer = new QuantizedLinear({ weight: w, bias: null }, kind)
    return { step: () => layer.forward(x), close: () => layer.dispose() }
  },
})

/** One vector times quantised weights: a layer of a decoder. */
const layers = KINDS.map((kind) =>
  define({
    name: `${kind} linear, vector`,
    section: 'language',
    tiny: [20, 40],
    large: [
      [768, 768],
      [3072, 768],
      [768, 3072],
    ],
    bytes: ([N, K]) => N * K * BYTES[kind],
    data: (random, size) => weighted(random, size, 1),
    ours: layerOf(kind),
  }),
)

/** Many rows, a prompt's: products of integers, of which the share of float32's peak would say nothing. */
const prompts = KINDS.map((kind) =>
  define({
    name: `${kind} linear, 128 rows`,
    section: 'language',
    tiny: [20, 40],
    large: [3072, 768],
    data: (random, size) => weighted(random, size, 128),
    ours: layerOf(kind),
  }),
)

/** What is done once, and for tokens. */
const parts = KINDS.flatMap((kind) => [
  define({
    name: `quantize to ${kind}`,
    section: 'language',
    tiny: [20, 40],
    large: [3072, 768],
    data: (random, size) => weighted(random, size, 1),
    ours: ({ w }) =>
      tidy(() => {
        const layer = new QuantizedLinear({ weight: w, bias: null }, kind)
        const y = layer.dequantize()
        layer.dispose()
        return y
      }),
    // What is kept cannot be made in a recording.
    dynamic: true,
  }),
  define({
    name: `${kind} embedding`,
    section: 'language',
    tiny: [20, 40],
    large: [50257, 768],
    data: (random, [N, K]) => ({ w: random.weights([N, K], K), index: random.integers([8], N) }),
    ours: {
      start: ({ w, index }) => {
        const table = new QuantizedEmbedding({ weight: w }, kind)
        return { step: () => table.forward(index), close: () => table.dispose() }
      },
    },
  }),
])

/** GPT-2 with random weights: [numbers of a state, layers, vocabulary, tokens of the prompt]. */
const GPT2: Size = [768, 12, 50257, 128]
const TINY: Size = [32, 1, 60, 5]

const headsOf = ([E]: Size): number => (E === GPT2[0] ? 12 : 4)

/** A prompt [1, T] of tokens that are letters in the vocabulary for llama.cpp. */
const promptOf = (random: Random, [, , vocabSize, T]: Size) => ({
  tokens: random.integers([1, T], Math.min(LETTERS, vocabSize)),
})

function modelOf(size: Size, kind: Quantization | null): GPT {
  const [nEmbd, nLayer, vocabSize] = size
  manualSeed(7)
  const model = new GPT({ vocabSize, nPositions: 1024, nEmbd, nLayer, nHead: headsOf(size) }).eval()
  return kind ? quantize(model, kind) : model
}

/** The numbers of the model, for others. */
function weightsOf(size: Size): Weights {
  const model = modelOf(size, null)
  const weights = Object.entries(model.stateDict()).map(
    ([name, t]) => [name, { dtype: 'float32', shape: t.shape, data: t.data() as Float32Array }] as const,
  )
  model.dispose()
  return Object.fromEntries(weights)
}

/** The same model in onnxruntime, which reads the prompt, or goes on behind it. */
const inOrt = (isInt8: boolean, goesOn: boolean) => ({
  start(library: Foreign, { tokens }: { readonly tokens: HostArray }, size: Size) {
    const prompt = Array.from(tokens.data)
    const options = { layers: size[1], heads: headsOf(size), isInt8 }
    return startOrtGpt(library, weightsOf(size), options, { prompt, next: goesOn ? prompt.at(-1) : undefined })
  },
})

const parametersOf = ([E, nLayer, vocabSize]: Size): number => 12 * nLayer * E * E + vocabSize * E

/** One more token behind a prompt, again and again at the same place. */
function goingOn(model: CausalLM, tokens: Tensor): Program<Tensor> {
  const T = tokens.shape[1]
  const cache = model.newCache({ capacity: T + 1 })
  tidy(() => void model.forward(tokens, { cache, lastOnly: true }))
  const [slot, positionIds] = [[T], [[T]]].map((x) => tensor(x, { dtype: 'int32' }))
  const at = { slot, positionIds, mask: zeros([1, 1, 1, T + 1]) }
  const last = tokens.at(slice(), slice(T - 1)).copy()
  return {
    args: [last],
    step: (token: Tensor) => model.step(token, cache, at),
    close: () => {
      cache.dispose()
      model.dispose()
    },
  }
}

/** How many tokens llama.cpp writes, to time one. */
const WRITTEN = 32

/** The same model in llama.cpp; the most probable token behind the prompt is compared here. */
function inLlamaCpp(
  { tokens }: { readonly tokens: HostArray },
  model: CausalLM,
  goesOn: boolean,
  options: GgufOptions,
): Foreign {
  const file = ggufOf(model, options)
  const expected = tidy(() => {
    const given = tensor(tokens.data as Int32Array, { shape: tokens.shape, dtype: 'int32' })
    const likely = model.forward(given, { lastOnly: true }).reshape([options.vocabSize]).logSoftmax(0)
    return { token: likely.argmax(0).item(), logarithm: likely.max(0).item() }
  })
  model.dispose()
  const prompt = Array.from(tokens.data, letterOf).join('')
  return { file, prompt, tokens: goesOn ? WRITTEN : 0, expected, tolerance: options.weights === 'F32' ? 0.01 : 0.2 }
}

const gptInLlamaCpp = (kind: Quantization | null, goesOn: boolean) => ({
  start(x: { readonly tokens: HostArray }, size: Size) {
    const [E, nLayer, vocabSize] = size
    const heads = headsOf(size)
    const settings = {
      ...{ context_length: 1024, embedding_length: E, feed_forward_length: 4 * E, block_count: nLayer },
      ...{ 'attention.head_count': heads, 'attention.layer_norm_epsilon': { float: 1e-5 } },
    }
    const weights = kind === null ? 'F32' : kind === 'int8' ? 'Q8_0' : 'Q4_0'
    const options = { architecture: 'gpt2', settings, vocabSize, weights, heads: [heads, heads] } as const
    return inLlamaCpp(x, modelOf(size, null), goesOn, options)
  },
})

/** Reading a prompt, and writing one more token behind it, in float32 and with fewer bits. */
const models = [null, ...KINDS].flatMap((kind): Definition<string>[] => {
  const common = {
    section: 'language',
    tiny: TINY,
    large: GPT2,
    slow: true,
    // Rounding decides for other integers where results differ in their last bits.
    tolerance: kind ? 5e-2 : 1e-3,
    data: promptOf,
  } as const
  const of = kind ?? 'float32'
  return [
    define({
      ...common,
      name: `GPT-2 small ${of}, prompt`,
      // Of the last layer, only keys and values are needed of every token; queries are made beside them.
      flops: ([E, nLayer, , T]) => (24 * (nLayer - 1) + 6) * E * E * T,
      ours: {
        start: ({ tokens }, size) => {
          const model = modelOf(size, kind)
          return { step: () => model.forward(tokens, { lastOnly: true }), close: () => model.dispose() }
        },
      },
      ...(kind !== 'int4' && { ort: inOrt(kind === 'int8', false) }),
      wllama: gptInLlamaCpp(kind, false),
      target: () => (kind ? undefined : 1.6),
    }),
    define({
      ...common,
      name: `GPT-2 small ${of}, token`,
      // The weights, and the keys and values of the tokens before.
      bytes: (size) => parametersOf(size) * BYTES[of] + 8 * size[0] * size[1] * size[3],
      ours: {
        start: ({ tokens }, size) => goingOn(modelOf(size, kind), tokens),
      },
      ...(kind !== 'int4' && { ort: inOrt(kind === 'int8', true) }),
      ...(kind === 'int8' && { gain: { than: 'GPT-2 small float32, token', target: 2.5 } }),
      ...(kind === 'int4' && { gain: { than: 'GPT-2 small int8, token', target: 1.5 } }),
      wllama: gptInLlamaCpp(kind, true),
      target: () => (kind ? 3 : 1.3),
    }),
  ]
})

/** Llama's kind in the size of stories260K: [numbers of a state, layers, vocabulary, tokens of the prompt]. */
const STORIES: Size = [64, 5, 512, 64]
const STORIES_HEADS = { numAttentionHeads: 8, numKeyValueHeads: 4 } as const
const STORIES_INNER = 172

function storiesOf([hiddenSize, numHiddenLayers, vocabSize]: Size): Llama {
  manualSeed(7)
  const sizes = { vocabSize, hiddenSize, numHiddenLayers, intermediateSize: STORIES_INNER, maxPositionEmbeddings: 512 }
  return new Llama({ ...sizes, ...STORIES_HEADS, tieWordEmbeddings: true }).eval()
}

/** A model that is all overhead. */
const stories = define({
  name: 'stories260K shape, token',
  section: 'language',
  tiny: [64, 1, 60, 5],
  large: STORIES,
  tolerance: 1e-3,
  bytes: ([E, layers, vocabSize]) => 4 * (layers * (3 * E * E + 3 * E * STORIES_INNER) + vocabSize * E),
  data: promptOf,
  ours: { start: ({ tokens }, size) => goingOn(storiesOf(size), tokens) },
  wllama: {
    start(x, size) {
      const [E, layers, vocabSize] = size
      const { numAttentionHeads: H, numKeyValueHeads: G } = STORIES_HEADS
      const settings = {
        ...{ context_length: 512, embedding_length: E, feed_forward_length: STORIES_INNER, block_count: layers },
        ...{ 'attention.head_count': H, 'attention.head_count_kv': G, 'rope.dimension_count': E / H },
        ...{ 'attention.layer_norm_rms_epsilon': { float: 1e-6 }, 'rope.freq_base': { float: 1e4 } },
      }
      const options = { architecture: 'llama', settings, vocabSize, weights: 'F32', heads: [H, G] } as const
      return inLlamaCpp(x, storiesOf(size), true, options)
    },
  },
})

export const language: readonly Definition<string>[] = [...layers, ...prompts, ...parts, ...models, stories]
