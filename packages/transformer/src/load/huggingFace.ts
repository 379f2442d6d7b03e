// Folders as Hugging Face's transformers write them: config.json, and weights in one of several kinds of files.
import { FormatError, type Tensor } from '@x/tensor'
import { openSafetensors, type ReadOptions, type Source } from '@x/tensor/files'
import type { Checkpoint, Settings } from './checkpoint.ts'
import { type Folder, readText } from './folder.ts'
import type { TorchReader } from './torchReader.ts'

/** Names of files of weights, in the order in which they are looked for. */
const WEIGHTS = [
  'model.safetensors',
  'model.safetensors.index.json',
  'pytorch_model.bin',
  'pytorch_model.bin.index.json',
] as const

/** Objects of a JSON file. @throws FormatError */
async function readJson(source: Source, options: ReadOptions, name: string): Promise<Settings> {
  try {
    return JSON.parse(await readText(source, options)) as Settings
  } catch (error) {
    if (error instanceof SyntaxError) throw new FormatError(`${name}: ${error.message}`)
    throw error
  }
}

/**
 * @param weights which file of weights to take; default the first that there is
 * @param config what to take in the place of config.json
 * @throws FormatError, Error naming the files that are missing
 */
export async function openFolder(
  folder: Folder,
  options: ReadOptions,
  { weights, config }: { weights?: string; config?: Settings },
  readTorch: TorchReader,
): Promise<Checkpoint> {
  const settings = config ?? (await readConfig(folder, options))
  for (const name of weights ? [weights] : WEIGHTS) {
    const source = await folder.find(name)
    if (source === null) continue
    return {
      name: `${folder.name}: ${name}`,
      config: settings,
      tensors: await openWeights(source, options, name, folder, readTorch),
    }
  }
  throw new Error(`${folder.name}: there are no weights; looked for ${(weights ? [weights] : WEIGHTS).join(', ')}`)
}

/** @throws Error when there is none */
export async function readConfig(folder: Folder, options: ReadOptions): Promise<Settings> {
  const source = await folder.find('config.json')
  if (source === null) throw new Error(`${folder.name}: there is no config.json; give its contents as { config }`)
  const settings = await readJson(source, options, 'config.json')
  // What ends a text is said in a file of its own too, which is the newer one.
  const generation = await folder.find('generation_config.json')
  if (!generation) return settings
  const { eos_token_id: eos } = await readJson(generation, options, 'generation_config.json')
  return eos === undefined ? settings : { ...settings, eos_token_id: eos }
}

/** Opens one file of weights, or the index of several, by its content. */
async function openWeights(
  source: Source,
  options: ReadOptions,
  name: string,
  folder: Folder,
  readTorch: TorchReader,
): Promise<Checkpoint['tensors']> {
  if (/\.index\.json$/.test(name)) {
    const { weight_map: map } = await readJson(source, options, name)
    if (typeof map !== 'object' || map === null) throw new FormatError(`${name}: there is no weight_map`)
    const shards = new Map<string, Source>()
    for (const shard of new Set(Object.values(map as Record<string, string>))) {
      const found = await folder.find(shard)
      if (found === null) throw new Error(`${name}: there is no ${shard}`)
      shards.set(shard, found)
    }
    if (!/safetensors/.test(name)) return torchTensors([...shards.values()], options, readTorch)
    return openSafetensors(source, { ...options, shard: (shard) => shards.get(shard) as Source })
  }
  return /\.safetensors$/.test(name) ? openSafetensors(source, options) : torchTensors([source], options, readTorch)
}

/** Tensors of files that `torch.save` wrote: those of the first dictionary that holds any. */
async function torchTensors(
  sources: readonly Source[],
  options: ReadOptions,
  readTorch: TorchReader,
): Promise<Checkpoint['tensors']> {
  const found = new Map<string, Tensor>()
  for (const source of sources) {
    for (const [key, x] of Object.entries(await readTorch<Record<string, Tensor>>(source, options))) found.set(key, x)
  }
  return inMemory(found)
}

/** Tensors that have been read; what nobody asks for is freed at the end. */
export function inMemory(found: Map<string, Tensor>): Checkpoint['tensors'] {
  return {
    keys: () => [...found.keys()],
    async getTensor(key) {
      const x = found.get(key) as Tensor
      found.delete(key)
      return x
    },
    async close() {
      for (const x of found.values()) x.dispose()
      found.clear()
    },
  }
}
