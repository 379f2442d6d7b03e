// Elements of many environments as one batch, and a batch of actions as elements.
import { Tensor, type TypedArray, tensor } from '@x/tensor'
import { sizeOf } from '@x/tensor/op'
import { EnvContractError } from '../env/errors.ts'
import { Box } from '../spaces/box.ts'
import { Dict, Tuple } from '../spaces/composite.ts'
import { Discrete } from '../spaces/discrete.ts'
import { arrayOf, type Space, type SpaceDType } from '../spaces/space.ts'
import type { Batch } from './vectorEnv.ts'

/**
 * Elements of a space, one per environment, stacked along a new first axis.
 * @throws TypeError for a space of your own, EnvContractError for an element of another size
 */
export function stackElements(space: Space, elements: readonly unknown[]): Batch {
  if (space instanceof Tuple) {
    const { spaces } = space as Tuple
    return spaces.map((inner, k) =>
      stackElements(
        inner,
        elements.map((e) => (e as unknown[])[k]),
      ),
    )
  }
  if (space instanceof Dict) {
    const part = (name: string): unknown[] => elements.map((e) => (e as Record<string, unknown>)[name])
    return Object.fromEntries(
      Object.entries(space.spaces).map(([name, inner]) => [name, stackElements(inner as Space, part(name))]),
    )
  }
  const { shape, dtype } = space
  if (!shape || !dtype) throw new TypeError(`a vector environment cannot batch ${space}: it has no shape`)
  const size = sizeOf(shape)
  const values = arrayOf(dtype as SpaceDType, elements.length * size)
  elements.forEach((e, i) => {
    const length = typeof e === 'number' ? 1 : (e as ArrayLike<number> | undefined)?.length
    if (length !== size) {
      throw new EnvContractError(
        `environment ${i} gave an observation of ${length ?? 'no'} numbers, not one from ${space}`,
      )
    }
    if (typeof e === 'number') values[i] = e
    else values.set(e as ArrayLike<number>, i * size)
  })
  return tensor(values, { shape: [elements.length, ...shape], dtype })
}

/**
 * The action of every environment: an array with one each, or a batch in the structure of the space.
 * @throws RangeError for another number of actions
 */
export function unstackElements(space: Space, actions: ArrayLike<unknown> | Batch, count: number): unknown[] {
  const wrong = (n: number): RangeError => new RangeError(`step: ${n} actions for ${count} environments`)
  if (typeof actions !== 'object' || actions === null)
    throw new RangeError(`step: ${actions} for ${count} environments`)
  if (actions instanceof Tensor) {
    if (actions.shape[0] !== count) throw wrong(actions.shape[0])
    const values = actions.data() as TypedArray
    if (space instanceof Discrete) return Array.from(values)
    const size = values.length / count
    return Array.from({ length: count }, (_, i) => values.slice(i * size, (i + 1) * size))
  }
  const hasTensors = Object.values(actions).some((a) => a instanceof Tensor)
  if (hasTensors && space instanceof Tuple) {
    const { spaces } = space as Tuple
    const parts = spaces.map((inner, k) => unstackElements(inner, (actions as Batch[])[k], count))
    return Array.from({ length: count }, (_, i) => parts.map((part) => part[i]))
  }
  if (hasTensors && space instanceof Dict) {
    const parts = Object.entries(space.spaces).map(
      ([name, inner]) =>
        [name, unstackElements(inner as Space, (actions as Record<string, Batch>)[name], count)] as const,
    )
    return Array.from({ length: count }, (_, i) => Object.fromEntries(parts.map(([name, part]) => [name, part[i]])))
  }
  const list = actions as ArrayLike<unknown>
  if (list.length === count) return Array.from(list)
  // Numbers of all actions one behind the other.
  if (space instanceof Box && ArrayBuffer.isView(list) && list.length === count * space.size) {
    const flat = list as unknown as Float32Array
    return Array.from({ length: count }, (_, i) => flat.slice(i * space.size, (i + 1) * space.size))
  }
  throw wrong(list.length)
}
