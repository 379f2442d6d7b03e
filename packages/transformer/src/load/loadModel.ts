// loadModel: a model from wherever its files are, whatever kind they are of.
import type { Module } from '@x/nn'
import { dispose, FormatError } from '@x/tensor'
import { loadTorch, openBytes, openSafetensors, type ReadOptions, type Source, type TorchValue } from '@x/tensor/files'
import { checkOptions } from '@x/tensor/op'
import { unset } from '../blocks/layers.ts'
import { CausalLM } from '../models/causal.ts'
import { Seq2SeqLM } from '../models/seq2seq.ts'
import type { Quantization } from '../quantized/format.ts'
import { Quantizer } from '../quantized/quantize.ts'
import { architectureOf } from './architectures.ts'
import { type Checkpoint, fill, type Settings } from './checkpoint.ts'
import { folderOf, type ModelSource, placeOf } from './folder.ts'
import { openGguf } from './gguf.ts'
import { inMemory, openFolder, readConfig } from './huggingFace.ts'
import { isLlama2c, openLlama2c } from './llama2c.ts'
import { nanoGptOf, tensorsIn } from './nanoGpt.ts'
import { Config } from './settings.ts'

export interface LoadOptions extends ReadOptions {
  /** dtype of the weights here, whatever it is in the files. Default 'float32'. */
  readonly dtype?: 'float32' | 'float64'
  /** The file of weights in a folder. Default: the first there is of those that Hugging Face's folders have. */
  readonly weights?: string
  /** What config.json would say, for weights without one. */
  readonly config?: Settings
  /** The architecture to make of the weights, such as 'BertModel'. Default: what the configuration says. */
  readonly architecture?: string
  /** Quantises linear layers and tables of words as they are read, so that never all of them are there in full. */
  readonly quantize?: Quantization | null
  /** Whether every weight must be there, and belong to the model. Default true; else first numbers stay. */
  readonly strict?: boolean
}

const READING = ['onProgress', 'signal', 'headers', 'fetch']
const OPTIONS = [...READING, 'dtype', 'weights', 'config', 'architecture', 'quantize', 'strict']

async function openCheckpoint(source: ModelSource, options: LoadOptions, reading: ReadOptions): Promise<Checkpoint> {
  const place = placeOf(source, reading)
  if ('folder' in place) return openFolder(place.folder, reading, options)
  const { file } = place
  const isPath = typeof file === 'string' || file instanceof URL
  const name = isPath ? String(file) : ((file as File).name ?? 'the file')
  if (isPath && /\.index\.json$/.test(String(file))) return beside(file, options, reading)
  const reader = await openBytes(file, reading)
  const head = await reader.read(0, 256)
  const text = String.fromCharCode(...head.subarray(0, 4))
  if (text.startsWith('PK')) {
    await reader.close()
    return torchFile(file, name, options, reading)
  }
  if (head[8] === 0x7b && head[7] === 0) {
    await reader.close()
    if (isPath) return beside(file, options, reading)
    return { name, config: given(name, options), tensors: await openSafetensors(file, reading) }
  }
  if (text === 'GGUF') return openGguf(reader, name)
  if (isLlama2c(head)) return openLlama2c(reader, name)
  await reader.close()
  throw new FormatError(
    `${name}: at byte 0: this is neither safetensors, GGUF, a file of torch.save, nor a checkpoint of llama2.c`,
  )
}

/** A file of `torch.save`: of nanoGPT with its sizes, else of weights whose configuration is beside it, or given. */
async function torchFile(file: Source, name: string, options: LoadOptions, reading: ReadOptions): Promise<Checkpoint> {
  const value = await loadTorch<TorchValue>(file, reading)
  try {
    const nano = nanoGptOf(value, name)
    if (nano) return nano
    const isPath = typeof file === 'string' || file instanceof URL
    const config =
      options.config ?? (isPath ? await readConfig(folderOf(file, reading), reading) : given(name, options))
    return { name, config, tensors: inMemory(tensorsIn(value)) }
  } catch (error) {
    dispose(value)
    throw error
  }
}

/** @throws Error when there is no configuration */
function given(name: string, { config }: LoadOptions): Settings {
  if (config) return config
  throw new Error(`${name}: these are weights alone; give what config.json says as { config }`)
}

/** Weights whose configuration is in their folder. */
async function beside(file: string | URL, options: LoadOptions, reading: ReadOptions): Promise<Checkpoint> {
  const path = file instanceof URL ? file.pathname : file
  return openFolder(folderOf(file, reading), reading, { ...options, weights: path.replace(/^.*[\\/]/, '') })
}

/**
 * The model of a folder or file: Hugging Face's folders (config.json with safetensors, also in shards, or
 * pytorch_model.bin), GGUF files (whose numbers are dequantised), checkpoints of
 * llama2.c and of nanoGPT. The architecture is what the configuration says. In evaluation mode.
 * @throws FormatError for an architecture that there is not, listing those that there are; StateDictError listing weights
 * that are missing or belong nowhere; Error for files that cannot be had
 * @example
 * import { type Bert, loadModel } from '@x/transformer'
 * const embedder = (folder) => loadModel<Bert>(folder, { architecture: 'BertModel', quantize: 'int8' })
 */
export async function loadModel<M extends Module<unknown> = Module<unknown>>(
  source: ModelSource,
  options: LoadOptions = {},
): Promise<M> {
  checkOptions('loadModel', options, OPTIONS)
  const { dtype = 'float32', strict = true, architecture, quantize = null } = options
  if (quantize !== null && dtype !== 'float32')
    throw new RangeError(`loadModel: quantised layers compute in float32, not in ${dtype}`)
  if (dtype !== 'float32' && dtype !== 'float64')
    throw new RangeError(`loadModel: dtype '${dtype}' is not 'float32' or 'float64', in which models compute`)
  const reading = Object.fromEntries(Object.entries(options).filter(([key]) => READING.includes(key))) as ReadOptions
  const checkpoint = await openCheckpoint(source, options, reading)
  try {
    const known = architectureOf(checkpoint.config, checkpoint.name, architecture)
    const model = known.build(new Config(checkpoint.config, checkpoint.name), unset)
    try {
      const quantizer = quantize && new Quantizer(model, quantize, {})
      await fill(model, checkpoint, {
        ...known,
        dtype,
        strict,
        take: quantizer ? (owner, field, x) => quantizer.take(owner, field, x) : undefined,
      })
      quantizer?.finish()
    } catch (error) {
      model.dispose()
      throw error
    }
    return model.eval() as M
  } finally {
    await checkpoint.tensors.close()
  }
}

/** `loadModel` for models that continue texts. @throws TypeError for a model of another kind, and as `loadModel` */
export async function loadCausalLM(source: ModelSource, options: LoadOptions = {}): Promise<CausalLM> {
  const model = await loadModel(source, options)
  if (model instanceof CausalLM) return model
  model.dispose()
  throw new TypeError(`loadCausalLM: ${model.constructor.name} does not continue texts; loadModel() takes it`)
}

/** `loadModel` for models with an encoder and a decoder. @throws TypeError for a model of another kind, and as `loadModel` */
export async function loadSeq2SeqLM(source: ModelSource, options: LoadOptions = {}): Promise<Seq2SeqLM> {
  const model = await loadModel(source, options)
  if (model instanceof Seq2SeqLM) return model
  model.dispose()
  throw new TypeError(`loadSeq2SeqLM: ${model.constructor.name} has no encoder and decoder; loadModel() takes it`)
}
