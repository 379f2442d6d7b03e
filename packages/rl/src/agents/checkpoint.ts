// Agents as files: tensors and numbers in one safetensors file that says whose it is.
import { FormatError, type Tensor, tidy } from '@x/tensor'
import { assign } from '@x/tensor/op'
import { loadSafetensors, saveSafetensors } from '@x/tensor/safetensors'

/** What an agent is made of: tensors that are written over when it is loaded, and plain values. */
export interface AgentState {
  readonly tensors: Readonly<Record<string, Tensor>>
  /** Tensors that a file may have all of or none of, such as steps of the past. */
  readonly memory?: Readonly<Record<string, Tensor>>
  /** Counters, states of generators: anything JSON holds. */
  readonly values: Readonly<Record<string, unknown>>
}

const VERSION = '1'

/** The bytes of a safetensors file with the state of an agent. `kind` says what may be loaded where. */
export const saveAgent = (kind: string, { tensors, memory, values }: AgentState): Uint8Array =>
  saveSafetensors(
    { ...tensors, ...memory },
    { 'x-rl-agent': kind, 'x-rl-version': VERSION, values: JSON.stringify(values) },
  )

/**
 * Writes a saved state into the tensors of an agent, and returns the plain values.
 * @throws FormatError for a file of another agent, or of other sizes; nothing is changed then
 */
export function loadAgent(
  kind: string,
  { tensors, memory = {} }: AgentState,
  bytes: Uint8Array,
): Record<string, unknown> {
  return tidy(() => {
    const file = loadSafetensors(bytes)
    const { 'x-rl-agent': saved, 'x-rl-version': version, values = '{}' } = file.metadata
    if (saved !== kind || version !== VERSION) {
      throw new FormatError(`load: the checkpoint is of ${saved ?? 'no agent'} (version ${version}), this is ${kind}`)
    }
    const hasMemory = Object.keys(memory).some((name) => name in file.tensors)
    const wanted = Object.entries(hasMemory ? { ...tensors, ...memory } : tensors)
    for (const [name, x] of wanted) {
      const given = file.tensors[name]
      if (!given) throw new FormatError(`load: the checkpoint has no '${name}'`)
      if (String(given.shape) !== String(x.shape)) {
        throw new FormatError(`load: '${name}' has shape [${given.shape}] in the checkpoint, [${x.shape}] here`)
      }
    }
    for (const [name, x] of wanted) assign(x, file.tensors[name])
    return JSON.parse(values)
  })
}

/** Names with a prefix each, for the parts of an agent. */
export const prefixed = (prefix: string, tensors: Readonly<Record<string, Tensor>>): Record<string, Tensor> =>
  Object.fromEntries(Object.entries(tensors).map(([name, x]) => [`${prefix}.${name}`, x]))
