// A checkpoint, whatever its format: a configuration and tensors under Hugging Face's names; and how it becomes a model.
import { buffer, type Module, parameter, StateDictError } from '@x/nn'
import { normal, Tensor, tidy, zeros } from '@x/tensor'
import type { TensorFile } from '@x/tensor/files'
import { show } from '@x/tensor/op'
import { isUnset } from '../blocks/layers.ts'

/** A configuration as config.json has it: names in snake_case. */
export type Settings = Readonly<Record<string, unknown>>

/** Weights that are read one by one, and what they belong to. */
export interface Checkpoint {
  /** Where it is from, for messages. */
  readonly name: string
  readonly config: Settings
  readonly tensors: Pick<TensorFile, 'keys' | 'getTensor' | 'close'>
}

export interface FillOptions {
  /** Prefix that checkpoints of the bare model lack, and those with heads have. */
  readonly prefix?: string
  /** Names in checkpoints that stand for nothing here. */
  readonly ignored?: readonly RegExp[]
  /** Other names that parts of a name have had. */
  readonly renamed?: readonly (readonly [from: RegExp, to: string])[]
  /** What a tensor of the checkpoint is under a name of the model. */
  readonly convert?: (x: Tensor, name: string) => Tensor
  readonly dtype: 'float32' | 'float64'
  /** Whether every name must be on both sides. */
  readonly strict: boolean
  /** Stands for a weight that was read: true when it took it over. */
  readonly take?: (owner: Module<unknown>, field: string, x: Tensor) => boolean
}

/** For every name of the model the name in the checkpoint. @throws StateDictError listing what is missing or left over */
function pairs(model: Module<unknown>, { name, tensors }: Checkpoint, options: FillOptions): Map<string, string> {
  const { prefix = '', ignored = [], renamed = [], strict } = options
  const own = model.stateDict()
  const found = new Map<string, string>()
  const left: string[] = []
  for (const key of tensors.keys()) {
    const plain = renamed.reduce((text, [from, to]) => text.replace(from, to), key)
    const candidates = [
      plain,
      `${prefix}.${plain}`,
      plain.startsWith(`${prefix}.`) ? plain.slice(prefix.length + 1) : plain,
    ]
    const path = candidates.find((candidate) => candidate in own && !found.has(candidate))
    if (path !== undefined) found.set(path, key)
    else if (!ignored.some((pattern) => pattern.test(plain))) left.push(key)
  }
  const missing = Object.keys(own).filter((path) => !found.has(path))
  if (strict && missing.length + left.length > 0) {
    const parts = [
      missing.length > 0 && `missing: ${missing.join(', ')}`,
      left.length > 0 && `not known: ${left.join(', ')}`,
    ]
    throw new StateDictError(`${name}: the weights do not fit the model; ${parts.filter(Boolean).join('; ')}`)
  }
  return found
}

/** Where each tensor of a model stands. */
function places(model: Module<unknown>): Map<Tensor, { owner: Module<unknown>; field: string }> {
  const found = new Map<Tensor, { owner: Module<unknown>; field: string }>()
  for (const owner of Object.values(model.modules())) {
    for (const [field, value] of Object.entries(owner)) if (value instanceof Tensor) found.set(value, { owner, field })
  }
  return found
}

/** Puts the tensors of a checkpoint in the place of the model's own. @throws StateDictError */
export async function fill(model: Module<unknown>, checkpoint: Checkpoint, options: FillOptions): Promise<void> {
  const { convert, dtype, take } = options
  const own = model.stateDict()
  const at = places(model)
  for (const [path, key] of pairs(model, checkpoint, options)) {
    const read = await checkpoint.tensors.getTensor(key)
    const x = tidy(() => (convert ? convert(read, path) : read).cast(dtype).contiguous())
    if (x.storage !== read.storage) read.dispose()
    const place = own[path]
    if (show(x.shape) !== show(place.shape)) {
      x.dispose()
      // Shapes as the file has them, where that is the other way round.
      const isTurned = show(x.shape) !== show(read.shape)
      const wanted = isTurned ? [...place.shape].reverse() : place.shape
      throw new StateDictError(
        `${checkpoint.name}: ${key} is ${show(read.shape)} where the configuration asks for ${show(wanted)}`,
      )
    }
    const { owner, field } = at.get(place) as { owner: Module<unknown>; field: string }
    if (take?.(owner, field, x)) continue
    place.dispose()
    put(owner, field, place.role === 'buffer' ? buffer(x) : parameter(x))
  }
  // Without `strict` some may be missing: they start as they would for training.
  for (const [x, { owner, field }] of places(model)) {
    if (!isUnset(x)) continue
    const made = x.ndim > 1 ? normal(x.shape, { std: 0.02, dtype }) : zeros(x.shape, { dtype })
    put(owner, field, parameter(made))
  }
}

function put(owner: Module<unknown>, field: string, x: Tensor): void {
  ;(owner as unknown as Record<string, Tensor>)[field] = x
}
