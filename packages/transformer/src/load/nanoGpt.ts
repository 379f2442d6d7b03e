// Checkpoints of nanoGPT's training: sizes and weights in one file of torch.save. Source: karpathy/nanoGPT, train.py.
import { FormatError, keep, Tensor } from '@x/tensor'
import type { TorchValue } from '@x/tensor/files'
import type { Checkpoint, Settings } from './checkpoint.ts'
import { turned } from './families/gpt2.ts'
import { inMemory } from './huggingFace.ts'

const isObject = (value: unknown): value is Readonly<Record<string, TorchValue>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Tensor)

/** Every tensor of a value, by its path. */
export function tensorsIn(value: TorchValue, path = ''): Map<string, Tensor> {
  if (value instanceof Tensor) return new Map([[path, value]])
  if (!isObject(value)) return new Map()
  return new Map(Object.entries(value).flatMap(([key, v]) => [...tensorsIn(v, path === '' ? key : `${path}.${key}`)]))
}

/** Null for a file of something else. Tensors beside the model (the optimiser's) are freed. @throws FormatError */
export function nanoGptOf(value: TorchValue, name: string): Checkpoint | null {
  if (!isObject(value) || !isObject(value.model) || !isObject(value.model_args)) return null
  const args = value.model_args
  const size = (key: string): number => {
    const n = args[key]
    if (typeof n !== 'number') throw new FormatError(`${name}: model_args has no ${key}`)
    return n
  }
  const own = tensorsIn(value.model)
  for (const [path, x] of tensorsIn(value)) if (!path.startsWith('model.')) x.dispose()
  // What torch.compile puts before every name.
  const tensors = new Map([...own].map(([key, x]) => [key.replace(/^_orig_mod\./, ''), x]))
  const config: Settings = {
    model_type: 'gpt2',
    vocab_size: size('vocab_size'),
    n_positions: size('block_size'),
    n_embd: size('n_embd'),
    n_layer: size('n_layer'),
    n_head: size('n_head'),
    activation_function: 'gelu',
    bias: args.bias !== false,
  }
  return { name, config, tensors: inMemory(new Map([...tensors].map(([key, x]) => [key, asGpt2(key, x)]))) }
}

/** As Hugging Face's files of GPT-2 have it. */
function asGpt2(key: string, x: Tensor): Tensor {
  const view = turned(x, key)
  if (view === x) return x
  const y = keep(view.copy())
  x.dispose()
  return y
}
