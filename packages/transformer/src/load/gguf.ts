// GGUF files as checkpoints: their metadata as a configuration, their tensors under Hugging Face's names.
// Source: ggml-org/llama.cpp, gguf-py/gguf/constants.py and tensor_mapping.py.
import { FormatError, keep, type Tensor, tensor, tidy } from '@x/tensor'
import type { Reader } from '@x/tensor/files'
import { fromBytes } from '@x/tensor/op'
import { fromInterleaved } from '../blocks/rotary.ts'
import { dequantizeGgml } from '../formats/ggmlTypes.ts'
import { type Gguf, type GgufTensor, type GgufValue, ggufOf } from '../formats/gguf.ts'
import type { Checkpoint, Settings } from './checkpoint.ts'
import { turned } from './families/gpt2.ts'

/** Names of tensors: GGUF's, and behind it Hugging Face's; # is the layer, and .weight or .bias follow. */
type Names = Readonly<Record<string, string>>

interface Family {
  readonly names: Names
  readonly settings: (meta: Meta) => Settings
  /** What a tensor is in Hugging Face's layout. */
  readonly convert?: (x: Tensor, name: string, meta: Meta) => Tensor
}

/** Metadata under the name of an architecture. */
class Meta {
  private readonly file: Gguf
  readonly architecture: string

  constructor(file: Gguf) {
    this.file = file
    this.architecture = String(file.metadata.get('general.architecture'))
  }

  value(key: string): GgufValue | undefined {
    return this.file.metadata.get(key) ?? this.file.metadata.get(`${this.architecture}.${key}`)
  }

  /** @throws FormatError when it is not there and has no default */
  number(key: string, fallback?: number): number {
    const value = this.value(key) ?? fallback
    // Where it differs from layer to layer, it is a list.
    if (typeof value === 'number') return value
    throw new FormatError(`gguf: at byte 0: ${this.architecture}.${key} is ${value ?? 'missing'}, not a number`)
  }

  has(tensor: string): boolean {
    return this.file.tensors.some(({ name }) => name === tensor)
  }

  get vocabulary(): number {
    const table = this.file.tensors.find(({ name }) => name === 'token_embd.weight')
    return table ? table.shape[0] : this.number('vocab_size')
  }

  get tokens(): Settings {
    const id = (key: string): number | null => {
      const value = this.value(`tokenizer.ggml.${key}_token_id`)
      return typeof value === 'number' ? value : null
    }
    return { bos_token_id: id('bos'), eos_token_id: id('eos'), pad_token_id: id('padding') }
  }
}

const LLAMA: Names = {
  token_embd: 'model.embed_tokens',
  output_norm: 'model.norm',
  output: 'lm_head',
  'blk.#.attn_norm': 'model.layers.#.input_layernorm',
  'blk.#.attn_q': 'model.layers.#.self_attn.q_proj',
  'blk.#.attn_k': 'model.layers.#.self_attn.k_proj',
  'blk.#.attn_v': 'model.layers.#.self_attn.v_proj',
  'blk.#.attn_output': 'model.layers.#.self_attn.o_proj',
  'blk.#.ffn_norm': 'model.layers.#.post_attention_layernorm',
  'blk.#.ffn_gate': 'model.layers.#.mlp.gate_proj',
  'blk.#.ffn_up': 'model.layers.#.mlp.up_proj',
  'blk.#.ffn_down': 'model.layers.#.mlp.down_proj',
}

function llamaSettings(meta: Meta): Settings {
  const heads = meta.number('attention.head_count')
  const size = meta.number('embedding_length')
  const scaling = meta.value('rope.scaling.type')
  return {
    model_type: 'llama',
    vocab_size: meta.vocabulary,
    hidden_size: size,
    intermediate_size: meta.number('feed_forward_length'),
    num_hidden_layers: meta.number('block_count'),
    num_attention_heads: heads,
    num_key_value_heads: meta.number('attention.head_count_kv', heads),
    head_dim: meta.number('attention.key_length', size / heads),
    max_position_embeddings: meta.number('context_length'),
    rms_norm_eps: meta.number('attention.layer_norm_rms_epsilon'),
    rope_theta: meta.number('rope.freq_base', 10000),
    rope_scaling:
      scaling === undefined || scaling === 'none'
        ? null
        : {
            type: scaling,
            factor: meta.number('rope.scaling.factor'),
            original_max_position_embeddings: meta.number(
              'rope.scaling.original_context_length',
              meta.number('context_length'),
            ),
          },
    sliding_window: meta.value('attention.sliding_window') ?? null,
    tie_word_embeddings: !meta.has('output.weight'),
    ...meta.tokens,
  }
}

/** Queries and keys of Llama are saved for pairs of neighbours. */
function llamaTensor(x: Tensor, name: string, meta: Meta): Tensor {
  const heads = meta.number('attention.head_count')
  if (/self_attn\.q_proj/.test(name)) return fromInterleaved(x, heads)
  if (/self_attn\.k_proj/.test(name)) return fromInterleaved(x, meta.number('attention.head_count_kv', heads))
  return x
}

const FAMILIES: Readonly<Record<string, Family>> = {
  llama: { names: LLAMA, settings: llamaSettings, convert: llamaTensor },
  qwen2: {
    names: LLAMA,
    settings: (meta) => ({ ...llamaSettings(meta), model_type: 'qwen2' }),
  },
  gpt2: {
    names: {
      token_embd: 'wte',
      position_embd: 'wpe',
      output_norm: 'ln_f',
      output: 'lm_head',
      'blk.#.attn_norm': 'h.#.ln_1',
      'blk.#.attn_qkv': 'h.#.attn.c_attn',
      'blk.#.attn_output': 'h.#.attn.c_proj',
      'blk.#.ffn_norm': 'h.#.ln_2',
      'blk.#.ffn_up': 'h.#.mlp.c_fc',
      'blk.#.ffn_down': 'h.#.mlp.c_proj',
    },
    settings: (meta) => ({
      model_type: 'gpt2',
      vocab_size: meta.vocabulary,
      n_positions: meta.number('context_length'),
      n_embd: meta.number('embedding_length'),
      n_layer: meta.number('block_count'),
      n_head: meta.number('attention.head_count'),
      n_inner: meta.number('feed_forward_length'),
      layer_norm_epsilon: meta.number('attention.layer_norm_epsilon'),
      ...meta.tokens,
    }),
    // Hugging Face has them the other way round, GGUF has not.
    convert: turned,
  },
  bert: {
    names: {
      token_embd: 'embeddings.word_embeddings',
      position_embd: 'embeddings.position_embeddings',
      token_types: 'embeddings.token_type_embeddings',
      token_embd_norm: 'embeddings.LayerNorm',
      'blk.#.attn_q': 'encoder.layer.#.attention.self.query',
      'blk.#.attn_k': 'encoder.layer.#.attention.self.key',
      'blk.#.attn_v': 'encoder.layer.#.attention.self.value',
      'blk.#.attn_output': 'encoder.layer.#.attention.output.dense',
      'blk.#.attn_output_norm': 'encoder.layer.#.attention.output.LayerNorm',
      'blk.#.ffn_up': 'encoder.layer.#.intermediate.dense',
      'blk.#.ffn_down': 'encoder.layer.#.output.dense',
      'blk.#.layer_output_norm': 'encoder.layer.#.output.LayerNorm',
    },
    settings: (meta) => ({
      model_type: 'bert',
      vocab_size: meta.vocabulary,
      hidden_size: meta.number('embedding_length'),
      num_hidden_layers: meta.number('block_count'),
      num_attention_heads: meta.number('attention.head_count'),
      intermediate_size: meta.number('feed_forward_length'),
      max_position_embeddings: meta.number('context_length'),
      layer_norm_eps: meta.number('attention.layer_norm_epsilon'),
      pooler: meta.has('cls.weight'),
    }),
  },
}

/** Types that the library has as dtypes, which are read without a detour. */
const PLAIN = { F32: 'float32', F64: 'float64', F16: 'float16', BF16: 'bfloat16' } as const

/** Reads metadata and places; tensors are read when they are asked for. @throws FormatError */
export async function openGguf(reader: Reader, name: string): Promise<Checkpoint> {
  const file = await ggufOf(reader)
  const meta = new Meta(file)
  const family = FAMILIES[meta.architecture]
  if (!Object.hasOwn(FAMILIES, meta.architecture)) {
    throw new FormatError(
      `${name}: architecture '${meta.architecture}' is not known here; there are ${Object.keys(FAMILIES).join(', ')}`,
    )
  }
  const entries = new Map(file.tensors.map((t) => [renamed(t.name, family.names), t]))
  const getTensor = async (key: string): Promise<Tensor> => {
    const entry = entries.get(key) as GgufTensor
    const bytes = await reader.read(entry.at, entry.at + entry.bytes)
    if (bytes.length < entry.bytes) throw new FormatError(`gguf: at byte ${entry.at}: the file ends in '${entry.name}'`)
    return tidy(() => {
      const x = numbersOf(entry, bytes)
      return keep(family.convert ? family.convert(x, key, meta).contiguous() : x)
    })
  }
  // Tables that the rotations of some files come with; the configuration says the same.
  const keys = [...entries.keys()].filter((key) => !/^rope_(freqs|factors)/.test(key))
  return { name, config: family.settings(meta), tensors: { keys: () => keys, getTensor, close: () => reader.close() } }
}

function numbersOf({ type, shape }: GgufTensor, bytes: Uint8Array): Tensor {
  const dtype = Object.hasOwn(PLAIN, type.name) ? PLAIN[type.name as keyof typeof PLAIN] : null
  return dtype ? fromBytes(bytes, shape, dtype) : tensor(dequantizeGgml(type.name, bytes), { shape })
}

/** Hugging Face's name for one of GGUF's; what has none stays as it is. */
function renamed(name: string, names: Names): string {
  const [, stem, kind] = /^(.*)\.(weight|bias)$/.exec(name) ?? [null, name, '']
  const layer = /^blk\.(\d+)\./.exec(stem)?.[1]
  const pattern = layer === undefined ? stem : stem.replace(`blk.${layer}.`, 'blk.#.')
  if (!Object.hasOwn(names, pattern)) return name
  return `${names[pattern].replace('#', layer ?? '')}.${kind}`
}
