// Models as GGUF files, for llama.cpp: weights in float32, Q8_0 or Q4_0, and a vocabulary of one character a token.
import { type CausalLM, quantizeGgml } from '@x/transformer'

/** Types of tensors, and kinds of values, as the format numbers them. */
const TYPES = { F32: 0, Q4_0: 2, Q8_0: 8 } as const
const UINT32 = 4
const FLOAT32 = 6
const BOOL = 7
const STRING = 8
const ARRAY = 9
const INT32 = 5
const ALIGNMENT = 32

export type GgufWeights = keyof typeof TYPES
type Value = number | boolean | string | readonly string[] | Int32Array | { readonly float: number }

/** Names of tensors by those of the models here; # is the layer. */
const NAMES: Readonly<Record<string, readonly (readonly [own: string, theirs: string])[]>> = {
  gpt2: [
    ['transformer.wte', 'token_embd'],
    ['transformer.wpe', 'position_embd'],
    ['transformer.ln_f', 'output_norm'],
    ['transformer.h.#.ln_1', 'blk.#.attn_norm'],
    ['transformer.h.#.ln_2', 'blk.#.ffn_norm'],
    ['transformer.h.#.attn.c_attn', 'blk.#.attn_qkv'],
    ['transformer.h.#.attn.c_proj', 'blk.#.attn_output'],
    ['transformer.h.#.mlp.c_fc', 'blk.#.ffn_up'],
    ['transformer.h.#.mlp.c_proj', 'blk.#.ffn_down'],
  ],
  llama: [
    ['model.embed_tokens', 'token_embd'],
    ['model.norm', 'output_norm'],
    ['lm_head', 'output'],
    ['model.layers.#.input_layernorm', 'blk.#.attn_norm'],
    ['model.layers.#.self_attn.q_proj', 'blk.#.attn_q'],
    ['model.layers.#.self_attn.k_proj', 'blk.#.attn_k'],
    ['model.layers.#.self_attn.v_proj', 'blk.#.attn_v'],
    ['model.layers.#.self_attn.o_proj', 'blk.#.attn_output'],
    ['model.layers.#.post_attention_layernorm', 'blk.#.ffn_norm'],
    ['model.layers.#.mlp.gate_proj', 'blk.#.ffn_gate'],
    ['model.layers.#.mlp.up_proj', 'blk.#.ffn_up'],
    ['model.layers.#.mlp.down_proj', 'blk.#.ffn_down'],
  ],
}

/** Token i of the first ones, which all prompts are made of. */
export const letterOf = (token: number): string => String.fromCharCode(FIRST_LETTER + token)
const FIRST_LETTER = 33
/** Printable characters of ASCII but for the space. */
export const LETTERS = 94

/** A vocabulary of GPT-2's kind without merges: letters, a line's end, and names that no text has. */
function vocabulary(size: number): Readonly<Record<string, Value>> {
  const tokens = Array.from({ length: size }, (_, i) => (i < LETTERS ? letterOf(i) : i === LETTERS ? 'Ċ' : `<${i}>`))
  return {
    'tokenizer.ggml.model': 'gpt2',
    'tokenizer.ggml.pre': 'gpt-2',
    'tokenizer.ggml.tokens': tokens,
    'tokenizer.ggml.token_type': new Int32Array(size).fill(1),
    // An empty list is refused; nothing matches this one.
    'tokenizer.ggml.merges': ['<0> <1>'],
    'tokenizer.ggml.bos_token_id': size - 1,
    'tokenizer.ggml.eos_token_id': size - 1,
    'tokenizer.ggml.add_bos_token': false,
  }
}

/** Queries and keys of Llama are saved for pairs of neighbours: rows [heads, 2, half] → [heads, half, 2]. */
function interleaved(data: Float32Array, [rows, columns]: readonly number[], heads: number): Float32Array {
  const half = rows / heads / 2
  const y = new Float32Array(data.length)
  for (let r = 0; r < rows; r++) {
    const [head, side, i] = [Math.floor(r / half / 2), Math.floor(r / half) % 2, r % half]
    y.set(data.subarray(r * columns, (r + 1) * columns), (head * 2 * half + 2 * i + side) * columns)
  }
  return y
}

export interface GgufOptions {
  readonly architecture: 'gpt2' | 'llama'
  /** Under the architecture's name; `{ float }` where it is no whole number. */
  readonly settings: Readonly<Record<string, Value>>
  readonly vocabSize: number
  /** Of matrices; vectors and positions are float32. */
  readonly weights: GgufWeights
  /** Heads of queries, and of keys. */
  readonly heads: readonly [number, number]
}

/** The file. */
export function ggufOf(model: CausalLM, options: GgufOptions): Uint8Array<ArrayBuffer> {
  const { architecture, settings, vocabSize, weights, heads } = options
  const own = Object.entries(settings).map(([key, value]) => [`${architecture}.${key}`, value])
  const metadata = { 'general.architecture': architecture, ...Object.fromEntries(own), ...vocabulary(vocabSize) }
  const tensors = Object.entries(model.stateDict()).map(([key, t]) => {
    const name = nameOf(key, architecture)
    const values = t.data() as Float32Array
    const isMatrix = t.shape.length === 2 && name !== 'position_embd.weight'
    const type = isMatrix ? weights : 'F32'
    const side = /attn_(q|k)\.weight$/.exec(name)?.[1]
    const data = side ? interleaved(values, t.shape, heads[side === 'q' ? 0 : 1]) : values
    return { name, type, shape: t.shape, bytes: type === 'F32' ? bytesOf(data) : quantizeGgml(type, data) }
  })
  return written(metadata, tensors)
}

const bytesOf = (x: Float32Array): Uint8Array => new Uint8Array(x.buffer, x.byteOffset, x.byteLength)

function nameOf(key: string, architecture: string): string {
  const [, stem, ending] = /^(.*)\.(weight|bias)$/.exec(key) as RegExpExecArray
  const layer = /\.(\d+)\./.exec(stem)?.[1] ?? ''
  const found = NAMES[architecture].find(([own]) => own.replace('#', layer) === stem)
  if (!found) throw new Error(`GGUF has no name for ${key}`)
  return `${found[1].replace('#', layer)}.${ending}`
}

interface Entry {
  readonly name: string
  readonly type: GgufWeights
  readonly shape: readonly number[]
  readonly bytes: Uint8Array
}

const up = (n: number): number => Math.ceil(n / ALIGNMENT) * ALIGNMENT

function written(metadata: Readonly<Record<string, Value>>, tensors: readonly Entry[]): Uint8Array<ArrayBuffer> {
  const head = new Bytes()
  head.raw(new TextEncoder().encode('GGUF'))
  head.number(3)
  head.long(tensors.length)
  head.long(Object.keys(metadata).length)
  for (const [key, value] of Object.entries(metadata)) {
    head.text(key)
    head.value(value)
  }
  let offset = 0
  for (const { name, type, shape, bytes } of tensors) {
    head.text(name)
    head.number(shape.length)
    // The fastest axis first.
    for (const d of [...shape].reverse()) head.long(d)
    head.number(TYPES[type])
    head.long(offset)
    offset += up(bytes.length)
  }
  const start = up(head.length)
  const file = new Uint8Array(start + offset)
  head.copyTo(file)
  let at = start
  for (const { bytes } of tensors) {
    file.set(bytes, at)
    at += up(bytes.length)
  }
  return file
}

/** Little-endian, piece by piece. */
class Bytes {
  length = 0
  private readonly pieces: Uint8Array[] = []

  raw(piece: Uint8Array): void {
    this.pieces.push(piece)
    this.length += piece.length
  }

  number(n: number): void {
    this.raw(new Uint8Array(Uint32Array.of(n).buffer))
  }

  long(n: number): void {
    this.raw(new Uint8Array(BigUint64Array.of(BigInt(n)).buffer))
  }

  text(text: string): void {
    const bytes = new TextEncoder().encode(text)
    this.long(bytes.length)
    this.raw(bytes)
  }

  value(value: Value): void {
    if (typeof value === 'string') {
      this.number(STRING)
      this.text(value)
    } else if (typeof value === 'boolean') {
      this.number(BOOL)
      this.raw(Uint8Array.of(Number(value)))
    } else if (typeof value === 'number') {
      this.number(UINT32)
      this.number(value)
    } else if (value instanceof Int32Array) {
      this.number(ARRAY)
      this.number(INT32)
      this.long(value.length)
      this.raw(new Uint8Array(value.buffer))
    } else if ('float' in value) {
      this.number(FLOAT32)
      this.raw(bytesOf(Float32Array.of(value.float)))
    } else {
      this.number(ARRAY)
      this.number(STRING)
      this.long(value.length)
      for (const text of value) this.text(text)
    }
  }

  copyTo(file: Uint8Array): void {
    let at = 0
    for (const piece of this.pieces) {
      file.set(piece, at)
      at += piece.length
    }
  }
}
