// savePretrained: a model as a folder of Hugging Face, which loadModel and transformers both read.
import { type Module, snakeCase } from '@x/nn'
import type { Tensor } from '@x/tensor'
import { saveSafetensors } from '@x/tensor/files'
import { checkOptions } from '@x/tensor/op'
import { Bert, BertForMaskedLM, BertForSequenceClassification } from '../models/bert.ts'
import { Bloom } from '../models/bloom.ts'
import { GPT } from '../models/gpt.ts'
import { Llama, type LlamaConfig } from '../models/llama.ts'
import { T5 } from '../models/t5.ts'
import { TranslationTransformer } from '../models/translation.ts'
import { named } from '../named.ts'
import { QuantizedEmbedding, QuantizedLinear } from '../quantized/layers.ts'
import type { Tokenizer } from '../tokenizers.ts'
import { LoraLinear } from '../training/lora.ts'
import type { Settings } from './checkpoint.ts'
import { turned } from './families/gpt2.ts'
import { type FileSystem, fileSystem } from './fileSystem.ts'

/** What is written. */
export type PretrainedFiles = Readonly<
  Record<'config.json' | 'model.safetensors' | (string & {}), Uint8Array<ArrayBuffer>>
>

export interface SavePretrainedOptions {
  /** Written beside the model as tokenizer.json. Default: none. */
  readonly tokenizer?: Tokenizer | null
}

/**
 * Keeps a model as Hugging Face does: config.json and model.safetensors, which `loadModel` and transformers both read. What
 * transformers' models do not have is written for `loadModel` alone: a GPT without biases, biases of a windowed Llama, norms
 * before the parts of a TranslationTransformer. Probabilities of dropping are written; `loadModel` reads none.
 * @param folder where to write (in Node, Deno, Bun), made if it is not there; without one the files are returned, by name
 * @throws TypeError for models that are none of those here, quantised weights, adapters, and a folder where there are no
 * files
 * @example
 * import { GPT, loadCausalLM, savePretrained } from '@x/transformer'
 * const model = new GPT({ vocabSize: 10, nPositions: 8, nEmbd: 16, nLayer: 1, nHead: 2 })
 * const files = await savePretrained(model) // or savePretrained(model, 'folder')
 * const again = await loadCausalLM(files)
 */
export function savePretrained(
  model: Module<unknown>,
  folder?: undefined,
  options?: SavePretrainedOptions,
): Promise<PretrainedFiles>
export function savePretrained(
  model: Module<unknown>,
  folder: string,
  options?: SavePretrainedOptions,
): Promise<undefined>
export async function savePretrained(
  model: Module<unknown>,
  folder?: string,
  options: SavePretrainedOptions = {},
): Promise<PretrainedFiles | undefined> {
  checkOptions('savePretrained', options, ['tokenizer'])
  const saved = savedOf(model)
  checkPlain(model)
  const config = json(configOf(model as ModelWithConfig, saved))
  const texts = { 'config.json': config, ...(options.tokenizer && { 'tokenizer.json': json(options.tokenizer) }) }
  // Without it transformers does not take the file.
  const metadata = { format: 'pt' }
  const { convert = (x) => x } = saved
  const made = saved.more?.() ?? {}
  const own = Object.entries(model.stateDict()).map(([name, x]) => [name, convert(x, name)])
  const weights: Record<string, Tensor> = { ...Object.fromEntries(own), ...made }
  try {
    if (folder === undefined) return { ...texts, 'model.safetensors': await saveSafetensors(weights, { metadata }) }
    const files = filesFor(folder)
    await files.mkdir(folder, { recursive: true })
    await saveSafetensors(weights, { metadata, to: `${folder}/model.safetensors` })
    for (const [name, bytes] of Object.entries(texts)) await files.writeFile(`${folder}/${name}`, bytes)
    return undefined
  } finally {
    for (const x of Object.values(made)) x.dispose()
  }
}

/** What a model is in Hugging Face's terms. */
interface Saved {
  /** As in `architectures` of config.json. */
  readonly architecture: string
  /** What config.json says otherwise than the model's own configuration, whose names become snake_case, or beside it. */
  readonly settings: Settings
  /** What a tensor is there: a view of it. */
  readonly convert?: (x: Tensor, name: string) => Tensor
  /** Tensors that are computed here, and kept there. */
  readonly more?: () => Readonly<Record<string, Tensor>>
}

function savedOf(model: Module<unknown>): Saved {
  if (model instanceof GPT) {
    const { dropout: p = 0 } = model.config
    return {
      architecture: 'GPT2LMHeadModel',
      settings: { model_type: 'gpt2', resid_pdrop: p, embd_pdrop: p, attn_pdrop: p },
      // Its linear layers are saved the other way round: [in, out].
      convert: turned,
    }
  }
  if (model instanceof Llama) return savedLlama(model)
  if (model instanceof Bloom) return { architecture: 'BloomForCausalLM', settings: { model_type: 'bloom' } }
  if (model instanceof T5) {
    const settings = { model_type: 't5', is_encoder_decoder: true, dropout_rate: model.config.dropoutRate ?? 0 }
    return { architecture: 'T5ForConditionalGeneration', settings }
  }
  if (model instanceof TranslationTransformer) return savedTranslation(model)
  const isMasked = model instanceof BertForMaskedLM
  const isClassifier = model instanceof BertForSequenceClassification
  if (model instanceof Bert || isMasked || isClassifier) {
    const pooler = model instanceof Bert && { pooler: model.pooler !== null }
    return {
      architecture: isMasked ? 'BertForMaskedLM' : isClassifier ? 'BertForSequenceClassification' : 'BertModel',
      settings: { model_type: 'bert', hidden_dropout_prob: model.config.dropout ?? 0, ...pooler },
    }
  }
  throw new TypeError(
    `savePretrained: ${named(model)} is none of the models here; saveSafetensors(model.stateDict()) keeps the weights of any`,
  )
}

/** Llama; Mistral where texts are seen through a window; Qwen 2 where queries, keys and values alone have biases. */
function savedLlama(model: Llama): Saved {
  const { attentionBias = false, slidingWindow, ropeScaling, ropeTheta = 10000 } = model.config
  const { rmsNormEps = 1e-6, tieWordEmbeddings = false } = model.config
  const { headSize, heads, maxLength } = model.sizes
  if (slidingWindow && attentionBias === true) {
    throw new TypeError(
      "savePretrained: no model of Hugging Face has a window and biases of queries, keys and values alone; attentionBias 'all' can be kept",
    )
  }
  const isQwen = attentionBias === true
  // A base that grew once is a base.
  const grown = ropeScaling?.type === 'ntk' ? ropeScaling.factor ** (headSize / (headSize - 2)) : 1
  return {
    architecture: slidingWindow ? 'MistralForCausalLM' : isQwen ? 'Qwen2ForCausalLM' : 'LlamaForCausalLM',
    settings: {
      model_type: slidingWindow ? 'mistral' : isQwen ? 'qwen2' : 'llama',
      attention_bias: attentionBias !== false,
      ...{ num_key_value_heads: heads, head_dim: headSize, max_position_embeddings: maxLength },
      ...{ rms_norm_eps: rmsNormEps, tie_word_embeddings: tieWordEmbeddings },
      rope_theta: ropeTheta * grown,
      rope_scaling: ropeScaling && ropeScaling.type !== 'ntk' ? scalingOf(ropeScaling) : null,
    },
  }
}

const SCALING: Readonly<Record<string, string>> = {
  originalLength: 'original_max_position_embeddings',
  lowFrequencyFactor: 'low_freq_factor',
  highFrequencyFactor: 'high_freq_factor',
}

function scalingOf({ type, ...values }: NonNullable<LlamaConfig['ropeScaling']>): Settings {
  const entries = Object.entries(values).map(([name, value]) => [SCALING[name] ?? snakeCase(name), value])
  return { rope_type: type, ...Object.fromEntries(entries) }
}

function savedTranslation(model: TranslationTransformer): Saved {
  const { vocabSize, sourceVocabSize = null, attentionHeads, ffnDim } = model.config
  const { positions = 'interleaved', activationFunction = 'relu', scaleEmbedding = true, dropout = 0 } = model.config
  return {
    architecture: 'MarianMTModel',
    settings: {
      ...{ model_type: 'marian', is_encoder_decoder: true, share_encoder_decoder_embeddings: sourceVocabSize === null },
      ...{ vocab_size: sourceVocabSize ?? vocabSize, decoder_vocab_size: vocabSize },
      ...{ encoder_attention_heads: attentionHeads, decoder_attention_heads: attentionHeads },
      ...{ encoder_ffn_dim: ffnDim, decoder_ffn_dim: ffnDim, max_position_embeddings: model.sizes.maxLength },
      ...{ activation_function: activationFunction, scale_embedding: scaleEmbedding, positions, dropout },
    },
    // transformers computes sinusoids in halves, and takes those that a file has.
    more: (): Record<string, Tensor> => {
      if (positions === 'halves') return {}
      const places = (): Tensor => model.positions().cast(model.dtype)
      return {
        'model.encoder.embed_positions.weight': places(),
        'model.decoder.embed_positions.weight': places(),
      }
    },
  }
}

/** Names of a model's own configuration that those of Hugging Face have under others. */
const OWN = ['sourceVocabSize', 'attentionHeads', 'ffnDim', 'ropeScaling', 'attentionBias']

type ModelWithConfig = Module<unknown> & { readonly config: object }

/** What config.json says. */
function configOf(model: ModelWithConfig, { architecture, settings }: Saved): Settings {
  const own = Object.entries(model.config).filter(([name, value]) => value !== undefined && !OWN.includes(name))
  return {
    architectures: [architecture],
    ...{ bos_token_id: null, eos_token_id: null, pad_token_id: null, torch_dtype: model.parameters()[0].dtype },
    ...Object.fromEntries(own.map(([name, value]) => [snakeCase(name), value])),
    ...settings,
  }
}

const json = (value: object): Uint8Array<ArrayBuffer> => new TextEncoder().encode(JSON.stringify(value, null, 2))

/** @throws TypeError for weights that are not the model's own */
function checkPlain(model: Module<unknown>): void {
  const layers = Object.values(model.modules())
  if (layers.some((m) => m instanceof LoraLinear))
    throw new TypeError('savePretrained: the model has adapters; merge() and remove() them, or keep lora.stateDict()')
  if (layers.some((m) => m instanceof QuantizedLinear || m instanceof QuantizedEmbedding)) {
    throw new TypeError(
      'savePretrained: quantised weights are not kept in files; save before, and load with { quantize }',
    )
  }
}

/** @throws TypeError where there are no files */
function filesFor(folder: string): FileSystem {
  const files = fileSystem()
  if (typeof folder !== 'string' || folder === '' || !files)
    throw new TypeError(
      `savePretrained: cannot write to ${named(folder)} here; without a folder the files are returned`,
    )
  return files
}
