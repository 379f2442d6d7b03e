// GPT-2 as an ONNX model: a graph of the operators that exporters write, with a cache of keys and values that goes in and
// comes out; in float32, and with linear layers in 8 bits as onnxruntime's own dynamic quantisation makes them.
import type { HostArray } from '../hostArray.ts'
import type { Foreign, Program } from '../workload.ts'
import { Graph } from './ort.ts'

export type Weights = Readonly<Record<string, HostArray & { readonly data: Float32Array }>>

export interface OrtGptOptions {
  readonly layers: number
  readonly heads: number
  readonly isInt8: boolean
}

/** What is given beside tokens: positions, and numbers added to the scores. */
const inputsOf = (layers: number, heads: number, D: number) =>
  ({
    tokens: { dtype: 'int64', shape: [1, 'T'] },
    positions: { dtype: 'int64', shape: [1, 'T'] },
    mask: { dtype: 'float32', shape: [1, 1, 'T', 'S'] },
    ...Object.fromEntries(pastNames(layers).map((name) => [name, { dtype: 'float32', shape: [1, heads, 'P', D] }])),
  }) as Readonly<Record<string, { dtype: 'int64' | 'float32'; shape: (number | string)[] }>>

const pastNames = (layers: number): string[] =>
  Array.from({ length: layers }, (_, i) => [`past${i}.key`, `past${i}.value`]).flat()

class GptGraph extends Graph {
  private readonly weights: Weights
  private readonly options: OrtGptOptions
  private readonly known = new Map<string, string>()

  constructor(onnx: Foreign, weights: Weights, options: OrtGptOptions, D: number) {
    super(onnx, inputsOf(options.layers, options.heads, D))
    this.weights = weights
    this.options = options
  }

  /** Logits of the last token [1, V], and all keys and values. */
  build(): string[] {
    const { layers } = this.options
    let x = this.node('Add', [
      this.node('Gather', [this.weight('transformer.wte.weight'), 'tokens']),
      this.node('Gather', [this.weight('transformer.wpe.weight'), 'positions']),
    ])
    const present: string[] = []
    for (let i = 0; i < layers; i++) {
      const of = `transformer.h.${i}.`
      const [y, k, v] = this.attention(this.norm(x, `${of}ln_1`), i)
      present.push(k, v)
      x = this.node('Add', [x, y])
      const wide = this.linear(this.norm(x, `${of}ln_2`), `${of}mlp.c_fc`)
      x = this.node('Add', [x, this.linear(this.node('Gelu', [wide], { approximate: 'tanh' }), `${of}mlp.c_proj`)])
    }
    const last = this.node('Gather', [this.norm(x, 'transformer.ln_f'), this.int64([-1])], { axis: 1 })
    return [this.linear(last, 'transformer.wte'), ...present]
  }

  private attention(x: string, layer: number): readonly [y: string, k: string, v: string] {
    const { heads } = this.options
    const of = `transformer.h.${layer}.attn.`
    const parts = this.nodeOf(3, 'Split', [this.linear(x, `${of}c_attn`)], { axis: 2, num_outputs: 3 })
    const [q, own, values] = parts.map((part) => {
      const split = this.node('Reshape', [part, this.int64([0, 0, heads, -1])])
      return this.node('Transpose', [split], { perm: [0, 2, 1, 3] })
    })
    const k = this.node('Concat', [`past${layer}.key`, own], { axis: 2 })
    const v = this.node('Concat', [`past${layer}.value`, values], { axis: 2 })
    const D = this.weights[`${of}c_proj.weight`].shape[0] / heads
    const raw = this.node('MatMul', [q, this.node('Transpose', [k], { perm: [0, 1, 3, 2] })])
    const scores = this.node('Add', [this.node('Mul', [raw, this.scalar(1 / Math.sqrt(D))]), 'mask'])
    const found = this.node('MatMul', [this.node('Softmax', [scores], { axis: -1 }), v])
    const together = this.node('Transpose', [found], { perm: [0, 2, 1, 3] })
    return [this.linear(this.node('Reshape', [together, this.int64([0, 0, -1])]), `${of}c_proj`), k, v]
  }

  private norm(x: string, name: string): string {
    return this.node('LayerNormalization', [x, this.weight(`${name}.weight`), this.weight(`${name}.bias`)], {
      epsilon: 1e-5,
    })
  }

  /** x Wᵀ + b for W [N, K], which is stored as ONNX's products want it: [K, N]. */
  private linear(x: string, name: string): string {
    const { isInt8 } = this.options
    const w = this.weights[`${name}.weight`]
    const [N, K] = w.shape
    const y = isInt8 ? this.rounded(x, w) : this.node('MatMul', [x, this.constant('float32', [K, N], transposed(w))])
    return `${name}.bias` in this.weights ? this.node('Add', [y, this.weight(`${name}.bias`)]) : y
  }

  /** As quantize_dynamic of onnxruntime writes it: inputs of 8 bits each time, a scale for each column of weights. */
  private rounded(x: string, w: Weights[string]): string {
    const [N, K] = w.shape
    const { values, scales } = quantized(w)
    const [q, scale, zero] = this.nodeOf(3, 'DynamicQuantizeLinear', [x])
    const zeros = this.constant('int8', [N], new Int8Array(N))
    const sums = this.node('MatMulInteger', [q, this.constant('int8', [K, N], values), zero, zeros])
    const factors = this.node('Mul', [scale, this.constant('float32', [N], scales)])
    return this.node('Mul', [this.node('Cast', [sums], { to: 1 }), factors])
  }

  private weight(name: string): string {
    const made = this.known.get(name) ?? this.constant('float32', this.weights[name].shape, this.weights[name].data)
    this.known.set(name, made)
    return made
  }
}

/** Blocks of so many rows and columns stay in the cache. */
const BLOCK = 32

function transposed({ shape: [N, K], data }: Weights[string]): Float32Array {
  const y = new Float32Array(N * K)
  for (let n0 = 0; n0 < N; n0 += BLOCK) {
    for (let k = 0; k < K; k++) for (let n = n0; n < Math.min(N, n0 + BLOCK); n++) y[k * N + n] = data[n * K + k]
  }
  return y
}

function quantized({ shape: [N, K], data }: Weights[string]): { values: Int8Array; scales: Float32Array } {
  const scales = new Float32Array(N)
  const values = new Int8Array(N * K)
  for (let n = 0; n < N; n++) {
    let top = 0
    for (let i = n * K; i < (n + 1) * K; i++) top = Math.max(top, Math.abs(data[i]))
    scales[n] = top / 127
  }
  for (let n0 = 0; n0 < N; n0 += BLOCK) {
    for (let k = 0; k < K; k++) {
      for (let n = n0; n < Math.min(N, n0 + BLOCK); n++) values[k * N + n] = Math.round(data[n * K + k] / scales[n])
    }
  }
  return { values, scales }
}

/**
 * A program that reads a prompt, or with `next` one that writes one more token behind it again and again; what it gives
 * are the logits behind the last token.
 */
export async function startOrtGpt(
  { ort, onnx }: Foreign,
  weights: Weights,
  options: OrtGptOptions,
  { prompt, next }: { prompt: readonly number[]; next?: number },
): Promise<Program<Foreign>> {
  const { layers, heads } = options
  const D = weights['transformer.wte.weight'].shape[1] / heads
  const graph = new GptGraph(onnx, weights, options, D)
  const results = graph.build()
  const session = await graph.session(ort, ...results)
  const names = pastNames(layers)
  const feedsOf = (tokens: readonly number[], past: readonly Foreign[]): Foreign => {
    const [T, P] = [tokens.length, past[0].dims[2]]
    const integers = (values: readonly number[]) => new ort.Tensor('int64', BigInt64Array.from(values, BigInt), [1, T])
    const hidden = Float32Array.from({ length: T * (P + T) }, (_, i) =>
      i % (P + T) > P + Math.floor(i / (P + T)) ? -1e30 : 0,
    )
    return {
      tokens: integers(tokens),
      positions: integers(tokens.map((_, i) => P + i)),
      mask: new ort.Tensor('float32', hidden, [1, 1, T, P + T]),
      ...Object.fromEntries(names.map((name, i) => [name, past[i]])),
    }
  }
  const nothing = names.map(() => new ort.Tensor('float32', new Float32Array(0), [1, heads, 0, D]))
  let feeds = feedsOf(prompt, nothing)
  if (next !== undefined) {
    const found = await session.run(feeds)
    feeds = feedsOf(
      [next],
      results.slice(1).map((name) => found[name]),
    )
  }
  let logits: Foreign
  return {
    async step() {
      logits = (await session.run(feeds))[results[0]]
    },
    read: () => logits,
    close: () => session.release(),
  }
}
