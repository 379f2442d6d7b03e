// The architectures that there are, by the names that configurations give them.
import type { Module } from '@x/nn'
import { FormatError, type Tensor } from '@x/tensor'
import type { LayerMaker } from '../blocks/layers.ts'
import { llama } from './families/llama.ts'
import type { FillOptions, Settings } from './checkpoint.ts'
import { Config } from './settings.ts'

/** An architecture: how its configuration is read, and how names and tensors of its checkpoints are. */
export interface Architecture<M extends Module<unknown> = Module<unknown>>
  extends Omit<FillOptions, 'dtype' | 'strict' | 'take' | 'convert'> {
  /** As in `architectures` of config.json. */
  readonly names: readonly string[]
  /** As in `model_type`, for configurations that name no architecture. */
  readonly modelType?: string
  build(config: Config, make: LayerMaker): M
  /** What a tensor of the checkpoint is under a name of the model. */
  convert?(x: Tensor, name: string, model: M): Tensor
}

const ALL: readonly Architecture<never>[] = [...llama]

/** @throws FormatError listing what there is, for a configuration of something else */
export function architectureOf(settings: Settings, where: string, wanted?: string): Architecture {
  const named = wanted === undefined ? settings.architectures : [wanted]
  const names = Array.isArray(named) ? (named as string[]) : []
  const type = settings.model_type
  const found =
    ALL.find((a) => a.names.some((name) => names.includes(name))) ??
    (names.length === 0 ? ALL.find((a) => a.modelType !== undefined && a.modelType === type) : undefined)
  if (found) return found as unknown as Architecture
  const what = names.length > 0 ? `architecture ${names.join(', ')}` : `model_type ${JSON.stringify(type)}`
  throw new FormatError(`${where}: ${what} is not known here; there are ${ALL.flatMap((a) => a.names).join(', ')}`)
}

export { Config }
