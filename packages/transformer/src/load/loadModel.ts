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
import { type Architecture, architectureOf, writing } from './architectures.ts'
import { type Checkpoint, fill, type Settings } from './checkpoint.ts'
import { bert } from './families/bert.ts'
import { bytesOf, folderOf, type ModelSource, onceEach, placeOf } from './folder.ts'
import { openGguf } from './gguf.ts'
import { inMemory, openFolder, readConfig } from './huggingFace.ts'
import { isLlama2c, openLlama2c } from './llama2c.ts'
import { nanoGptOf, tensorsIn } from './nanoGpt.ts'
import { Config } from './settings.ts'
import type { TorchReader } from './torchReader.ts'

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

async function openCheckpoint(
  source: ModelSource,
  options: LoadOptions,
  reading: ReadOptions,
  readTorch: TorchReader,
): Promise<Checkpoint> {
  const place = placeOf(source, reading)
  if ('folder' in place) {
    try {
      return await openFolder(place.folder, reading, options, readTorch)
    } catch (error) {
      // A file whose name does not say so.
      if ((error as { code?: string }).code !== 'ENOTDIR') throw error
    }
  }
  const found = 'file' in place ? place.file : (source as string | URL)
  // Its body can be read but once, and what it is decides who reads it.
  const file = found instanceof Response ? await bytesOf(found, reading) : found
  const isPath = typeof file === 'string' || file instanceof URL
  const name = isPath ? String(file) : ((file as File).name ?? 'the file')
  if (isPath && /\.index\.json$/.test(String(file))) return beside(file, options, reading, readTorch)
  const reader = onceEach(await openBytes(file, reading))
  try {
    const head = await reader.read(0, 256)
    const text = String.fromCharCode(...head.subarray(0, 4))
    if (text === 'GGUF') return await openGguf(reader, name)
    if (isLlama2c(head)) return await openLlama2c(reader, name)
    await reader.close()
    if (text.startsWith('PK')) return await torchFile(file, name, options, reading, readTorch)
    if (head[8] === 0x7b && head[7] === 0) {
      if (isPath) return await beside(file, options, reading, readTorch)
      return { name, config: given(name, options), tensors: await openSafetensors(file, reading) }
    }
  } catch (error) {
    await reader.close()
    throw error
  }
  throw new FormatError(
    `${name}: at byte 0: this is neither safetensors, GGUF, a file of torch.save, nor a checkpoint of llama2.c`,
  )
}

/** A file of `torch.save`: of nanoGPT with its sizes, else of weights whose configuration is beside it, or given. */
async function torchFile(
  file: Source,
  name: string,
  options: LoadOptions,
  reading: ReadOptions,
  readTorch: TorchReader,
): Promise<Checkpoint> {
  const value = await readTorch<TorchValue>(file, reading)
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
async function beside(
  file: string | URL,
  options: LoadOptions,
  reading: ReadOptions,
  readTorch: TorchReader,
): Promise<Checkpoint> {
  const path = file instanceof URL ? file.pathname : file
  return openFolder(folderOf(file, reading), reading, { ...options, weights: path.replace(/^.*[\\/]/, '') }, readTorch)
}

/**
 * The model of a folder or file: Hugging Face's folders (config.json with safetensors, also in shards, or
 * pytorch_model.bin), GGUF files (whose numbers are dequantised), checkpoints of llama2.c and of nanoGPT. The architecture
 * is what the configuration says. In evaluation mode. What is to write texts is loaded with `loadCausalLM` or
 * `loadSeq2SeqLM`, whose types say so.
 * @throws TypeError for what is no source; FormatError for an architecture that there is not, listing those that there
 * are; StateDictError listing weights that are missing or belong nowhere; Error for files that cannot be had
 * @example
 * import { type Bert, loadModel } from '@x/transformer'
 * const embedder = (folder) => loadModel<Bert>(folder, { architecture: 'BertModel', quantize: 'int8' })
 */
export async function loadModel<M extends Module<unknown> = Module<unknown>>(
  source: ModelSource,
  options: LoadOptions = {},
): Promise<M> {
  return loadModelWith<M>({ readTorch: loadTorch, architectures: [...writing(), ...bert] }, source, options)
}

/** What not every program that loads models carries. */
export interface Means {
  /** Reads files of torch.save, or says that they are not read. */
  readonly readTorch: TorchReader
  readonly architectures: readonly Architecture[]
}

/** `loadModel` with other means. */
export async function loadModelWith<M extends Module<unknown>>(
  { readTorch, architectures }: Means,
  source: ModelSource,
  options: LoadOptions,
): Promise<M> {
  checkOptions('loadModel', options, OPTIONS)
  const { dtype = 'float32', strict = true, architecture, quantize = null } = options
  if (quantize !== null && dtype !== 'float32')
    throw new RangeError(`loadModel: quantised layers compute in float32, not in ${dtype}`)
  if (dtype !== 'float32' && dtype !== 'float64')
    throw new RangeError(`loadModel: dtype '${dtype}' is not 'float32' or 'float64', in which models compute`)
  const reading = Object.fromEntries(Object.entries(options).filter(([key]) => READING.includes(key))) as ReadOptions
  const checkpoint = await openCheckpoint(source, options, reading, readTorch)
  try {
    const known = architectureOf(architectures, checkpoint.config, checkpoint.name, architecture)
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

/**
 * `loadModel` for models that continue texts, as `generate` wants them.
 * @throws TypeError for a model of another kind, and as `loadModel`
 * @example
 * import { generate, loadCausalLM } from '@x/transformer'
 * const write = async (folder) => generate(await loadCausalLM(folder), [1, 2, 3], { maxNewTokens: 5 })
 */
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
