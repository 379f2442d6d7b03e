// Language models: quantised layers by themselves, and a whole model of GPT-2's smallest size with random weights.
import { manualSeed, slice, type Tensor, tensor, tidy, zeros } from '@x/tensor'
import { GPT, type Quantization, QuantizedEmbedding, QuantizedLinear, quantize } from '@x/transformer'
import type { Random } from '../hostArray.ts'
import { type Definition, define, type Size } from '../workload.ts'

const KINDS: readonly Quantization[] = ['int8', 'int4']

/** Bytes that a weight takes, its share of the scales included. */
const BYTES = { float32: 4, int8: 1, int4: 0.5625 } as const

const weighted = (random: Random, [N, K]: Size, rows: number) => ({
  x: random.normal([rows, K]),
  w: random.weights([N, K], K),
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
    ours: {
      start: ({ x, w }) => {
        const layer = new QuantizedLinear({ weight: w, bias: null }, kind)
        return { step: () => layer.forward(x), close: () => layer.dispose() }
      },
    },
  }),
)

/** Many rows: weights become float32 on the way. */
const prompts = KINDS.map((kind) =>
  define({
    name: `${kind} linear, 128 rows`,
    section: 'language',
    tiny: [20, 40],
    large: [3072, 768],
    flops: ([N, K]) => 2 * 128 * N * K,
    data: (random, size) => weighted(random, size, 128),
    ours: {
      start: ({ x, w }) => {
        const layer = new QuantizedLinear({ weight: w, bias: null }, kind)
        return { step: () => layer.forward(x), close: () => layer.dispose() }
      },
    },
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

function modelOf([E, nLayer, vocabSize]: Size, kind: Quantization | null): GPT {
  manualSeed(7)
  const model = new GPT({ vocabSize, nPositions: 1024, nEmbd: E, nLayer, nHead: E / 8 > 12 ? 12 : 4 }).eval()
  return kind ? quantize(model, kind) : model
}

const parametersOf = ([E, nLayer, vocabSize]: Size): number => 12 * nLayer * E * E + vocabSize * E

/** Reading a prompt, and writing one more token behind it, in float32 and with fewer bits. */
const models = [null, ...KINDS].flatMap((kind): Definition<string>[] => {
  const common = {
    section: 'language',
    tiny: TINY,
    large: GPT2,
    slow: true,
    // Rounding decides for other integers where results differ in their last bits.
    tolerance: kind ? 5e-2 : 1e-3,
    data: (random: Random, [, , vocabSize, T]: Size) => ({ tokens: random.integers([1, T], vocabSize) }),
  } as const
  const of = kind ?? 'float32'
  return [
    define({
      ...common,
      name: `GPT-2 small ${of}, prompt`,
      flops: ([E, nLayer, , T]) => 24 * nLayer * E * E * T,
      ours: {
        start: ({ tokens }, size) => {
          const model = modelOf(size, kind)
          return { step: () => model.forward(tokens, { lastOnly: true }), close: () => model.dispose() }
        },
      },
    }),
    define({
      ...common,
      name: `GPT-2 small ${of}, token`,
      bytes: (size) => parametersOf(size) * BYTES[of],
      ours: {
        start: ({ tokens }, size) => {
          const model = modelOf(size, kind)
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
        },
      },
    }),
  ]
})

export const language: readonly Definition<string>[] = [...layers, ...prompts, ...parts, ...models]
