// The architectures that write texts, by the names that configurations give them; the others are in families.
import type { Module } from '@x/nn'
import { FormatError } from '@x/tensor'
import type { LayerMaker } from '../blocks/layers.ts'
import type { FillOptions, Settings } from './checkpoint.ts'
import { bloom } from './families/bloom.ts'
import { gpt2 } from './families/gpt2.ts'
import { llama } from './families/llama.ts'
import { marian } from './families/marian.ts'
import { t5 } from './families/t5.ts'
import type { Config } from './settings.ts'

/** An architecture: how its configuration is read, and how names and tensors of its checkpoints are. */
export interface Architecture extends Omit<FillOptions, 'dtype' | 'strict' | 'take'> {
  /** As in `architectures` of config.json. */
  readonly names: readonly string[]
  /** As in `model_type`, for configurations that name no architecture. */
  readonly modelTypes?: readonly string[]
  readonly build: (config: Config, make: LayerMaker) => Module<unknown>
}

/** Architectures that write texts. */
export const writing = (): readonly Architecture[] => [...llama, ...gpt2, ...t5, ...bloom, ...marian]

/** @throws FormatError listing what there is, for a configuration of something else */
export function architectureOf(
  all: readonly Architecture[],
  settings: Settings,
  where: string,
  wanted?: string,
): Architecture {
  const named = wanted === undefined ? settings.architectures : [wanted]
  const names = Array.isArray(named) ? (named as string[]) : []
  const type = settings.model_type
  const found =
    all.find((a) => a.names.some((name) => names.includes(name))) ??
    (names.length === 0 ? all.find((a) => a.modelTypes?.includes(type as string)) : undefined)
  if (found) return found
  const what = names.length > 0 ? `architecture ${names.join(', ')}` : `model_type ${JSON.stringify(type)}`
  throw new FormatError(`${where}: ${what} is not known here; there are ${all.flatMap((a) => a.names).join(', ')}`)
}
