// The checkpoints of llama2.c: a header of sizes and the weights of all layers one kind after the other, float32.
// Sources: karpathy/llama2.c, run.c (version 0) and export.py (version 1); clebert/llama2.ts, whose files begin with a
// version, the word llama, and hold the vocabulary before the weights.
import { FormatError, keep, tidy } from '@x/tensor'
import type { Reader } from '@x/tensor/files'
import { fromBytes } from '@x/tensor/op'
import { fromInterleaved } from '../blocks/rotary.ts'
import type { Checkpoint } from './checkpoint.ts'

interface Sizes {
  readonly dim: number
  readonly hidden: number
  readonly layers: number
  readonly heads: number
  readonly kvHeads: number
  readonly vocabulary: number
  readonly length: number
  /** Whether logits are made with the table of embeddings. */
  readonly tied: boolean
}

/** The kinds of weights, in the order of a file: under their names in Hugging Face's layout, # being the layer. */
type Part = 'embedding' | 'attentionNorm' | 'q' | 'k' | 'v' | 'o' | 'ffnNorm' | 'gate' | 'down' | 'up' | 'norm' | 'head'

const NAMES: Readonly<Record<Part, string>> = {
  embedding: 'model.embed_tokens.weight',
  attentionNorm: 'model.layers.#.input_layernorm.weight',
  q: 'model.layers.#.self_attn.q_proj.weight',
  k: 'model.layers.#.self_attn.k_proj.weight',
  v: 'model.layers.#.self_attn.v_proj.weight',
  o: 'model.layers.#.self_attn.o_proj.weight',
  ffnNorm: 'model.layers.#.post_attention_layernorm.weight',
  gate: 'model.layers.#.mlp.gate_proj.weight',
  down: 'model.layers.#.mlp.down_proj.weight',
  up: 'model.layers.#.mlp.up_proj.weight',
  norm: 'model.norm.weight',
  head: 'lm_head.weight',
}

/** Where the weights begin, and in which order they come; a number stands for so many bytes of something else. */
interface Layout {
  readonly sizes: Sizes
  readonly start: number
  readonly parts: readonly (Part | number)[]
}

const bad = (at: number, reason: string): FormatError => new FormatError(`llama2.c: at byte ${at}: ${reason}`)

/** Whether bytes may be the beginning of such a file. */
export function isLlama2c(head: Uint8Array): boolean {
  try {
    layoutOf(head)
    return true
  } catch {
    return false
  }
}

const HEADER = 256

function layoutOf(head: Uint8Array): Layout & { readonly kind: 'v0' | 'v1' | 'llama2.ts' } {
  if (head.length < HEADER) throw bad(head.length, 'the file ends within its header')
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength)
  const ints = (at: number, n: number): number[] => Array.from({ length: n }, (_, i) => view.getInt32(at + 4 * i, true))
  const rest = ['attentionNorm', 'q', 'k', 'v', 'o', 'ffnNorm'] as const
  if (head[0] === 1 && view.getInt32(1, true) === 5 && String.fromCharCode(...head.subarray(5, 10)) === 'llama') {
    const [dim, hidden, length, vocabulary, layers, heads, kvHeads] = ints(10, 7)
    const sizes = checked({ dim, hidden, layers, heads, kvHeads, vocabulary, length, tied: head[38] === 1 })
    return { kind: 'llama2.ts', sizes, start: HEADER, parts: ['embedding', ...rest, 'gate', 'up', 'down', 'norm'] }
  }
  if (view.getUint32(0, true) === 0x616b3432) {
    const version = view.getInt32(4, true)
    if (version !== 1) throw bad(4, `version ${version} is not 1 (float32); quantised files have another layout`)
    const [dim, hidden, layers, heads, kvHeads, vocabulary, length] = ints(8, 7)
    const sizes = checked({ dim, hidden, layers, heads, kvHeads, vocabulary, length, tied: head[36] === 1 })
    const norms = ['attentionNorm', 'ffnNorm', 'norm'] as const
    const maps = ['q', 'k', 'v', 'o', 'gate', 'down', 'up'] as const
    return { kind: 'v1', sizes, start: HEADER, parts: [...norms, 'embedding', ...maps] }
  }
  const [dim, hidden, layers, heads, kvHeads, vocabulary, length] = ints(0, 7)
  // A negative vocabulary says that there is a matrix for the logits.
  const sizes = checked({
    dim,
    hidden,
    layers,
    heads,
    kvHeads,
    length,
    vocabulary: Math.abs(vocabulary),
    tied: vocabulary > 0,
  })
  // Behind them lie the cosines and sines of all positions, which follow from the sizes.
  const rotations = 4 * length * (dim / heads)
  return { kind: 'v0', sizes, start: 28, parts: ['embedding', ...rest, 'gate', 'down', 'up', 'norm', rotations] }
}

function checked(sizes: Sizes): Sizes {
  const { dim, heads, kvHeads, tied: _, ...rest } = sizes
  const isSound =
    Object.values({ dim, heads, kvHeads, ...rest }).every((n) => n >= 1 && n < 2 ** 24) &&
    dim % heads === 0 &&
    heads % kvHeads === 0
  if (!isSound) throw bad(0, `the header's sizes fit no model: ${JSON.stringify(sizes)}`)
  return sizes
}

function shapeOf(part: Part, { dim, hidden, heads, kvHeads, vocabulary }: Sizes): number[] {
  const keys = (dim / heads) * kvHeads
  switch (part) {
    case 'embedding':
    case 'head':
      return [vocabulary, dim]
    case 'q':
    case 'o':
      return [dim, dim]
    case 'k':
    case 'v':
      return [keys, dim]
    case 'gate':
    case 'up':
      return [hidden, dim]
    case 'down':
      return [dim, hidden]
    default:
      return [dim]
  }
}

interface Entry {
  readonly at: number
  readonly shape: readonly number[]
  /** Heads whose pairs are neighbours in this matrix. */
  readonly heads: number
}

/** Reads sizes and places; tensors are read when they are asked for. @throws FormatError */
export async function openLlama2c(reader: Reader, name: string): Promise<Checkpoint> {
  const { kind, sizes, start, parts } = layoutOf(await reader.read(0, HEADER))
  const { dim, hidden, layers, heads, kvHeads, vocabulary, length, tied } = sizes
  const entries = new Map<string, Entry>()
  let at = kind === 'llama2.ts' ? await skipVocabulary(reader, start, vocabulary) : start
  for (const part of tied ? parts : ([...parts, 'head'] as const)) {
    if (typeof part === 'number') {
      at += part
      continue
    }
    const shape = shapeOf(part, sizes)
    const own = part === 'q' ? heads : part === 'k' ? kvHeads : 0
    const isLayered = NAMES[part].includes('#')
    for (let layer = 0; layer < (isLayered ? layers : 1); layer++) {
      entries.set(NAMES[part].replace('#', String(layer)), { at, shape, heads: own })
      at += 4 * shape.reduce((a, b) => a * b, 1)
    }
  }
  if (reader.size !== null && reader.size !== at) throw bad(reader.size, `the file should end at byte ${at}`)
  const config = {
    model_type: 'llama',
    vocab_size: vocabulary,
    hidden_size: dim,
    intermediate_size: hidden,
    num_hidden_layers: layers,
    num_attention_heads: heads,
    num_key_value_heads: kvHeads,
    max_position_embeddings: length,
    rms_norm_eps: 1e-5,
    tie_word_embeddings: tied,
    bos_token_id: 1,
    eos_token_id: 2,
  }
  const getTensor = async (key: string) => {
    const { at, shape, heads } = entries.get(key) as Entry
    const bytes = await reader.read(at, at + 4 * shape.reduce((a, b) => a * b, 1))
    return tidy(() => {
      const x = fromBytes(bytes, shape, 'float32')
      return keep(heads > 0 ? fromInterleaved(x, heads).contiguous() : x)
    })
  }
  return { name, config, tensors: { keys: () => [...entries.keys()], getTensor, close: () => reader.close() } }
}

/** Where the vocabulary ends: of each token a score, a length and bytes. */
async function skipVocabulary(reader: Reader, start: number, count: number): Promise<number> {
  // Read in pieces that grow, as lengths stand between the tokens.
  for (let size = 1 << 16; ; size *= 4) {
    const bytes = await reader.read(start, start + size)
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    let at = 0
    let i = 0
    for (; i < count && at + 8 <= bytes.length; i++) at += 8 + view.getInt32(at + 4, true)
    if (i === count) return start + at
    if (bytes.length < size) throw bad(start + bytes.length, 'the file ends within its vocabulary')
  }
}
