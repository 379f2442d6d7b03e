// Elements of any space as flat vectors and back, and spaces of batches.
import { promoteTypes, type TypedArray } from '@x/tensor'
import { Box } from './box.ts'
import { Dict, Tuple } from './composite.ts'
import { Discrete } from './discrete.ts'
import { MultiBinary, MultiDiscrete } from './multi.ts'
import { arrayOf, type Space, type SpaceDType } from './space.ts'

const cannot = (what: string, space: Space): TypeError => new TypeError(`${what}: ${space} is a space of your own`)

const inside = (space: Tuple | Dict): readonly Space[] => Object.values(space.spaces)

const sum = (list: readonly number[]): number => list.reduce((a, b) => a + b, 0)

/** How many numbers an element has once it is flat: n for `Discrete(n)`, one-hot. @throws TypeError for a space of your own */
export function flatdim(space: Space): number {
  if (space instanceof Box) return space.size
  if (space instanceof Discrete || space instanceof MultiBinary) return space.n
  if (space instanceof MultiDiscrete) return sum([...space.nvec])
  if (space instanceof Tuple || space instanceof Dict) return sum(inside(space).map(flatdim))
  throw cannot('flatdim', space)
}

function flatDType(space: Space): SpaceDType {
  if (space instanceof Tuple || space instanceof Dict)
    return inside(space)
      .map(flatDType)
      .reduce(promoteTypes as never)
  return space.dtype as SpaceDType
}

/**
 * An element as a flat typed array: boxes row by row, choices one-hot, tuples and dictionaries one part behind the other.
 * @throws TypeError for a space of your own
 * @example
 * import { Discrete, flatten } from '@x/rl'
 * flatten(new Discrete(3), 1) // [0, 1, 0]
 */
export function flatten<T>(space: Space<T>, x: T): TypedArray {
  const flat = arrayOf(flatDType(space), flatdim(space))
  write(space, x, flat, 0)
  return flat
}

function write(space: Space, x: unknown, to: TypedArray, at: number): number {
  if (space instanceof Box || space instanceof MultiBinary) {
    to.set(x as ArrayLike<number>, at)
    return at + flatdim(space)
  }
  if (space instanceof Discrete) {
    to[at + (x as number) - space.start] = 1
    return at + space.n
  }
  if (space instanceof MultiDiscrete) {
    space.nvec.forEach((n, i) => {
      to[at + (x as Int32Array)[i] - space.start[i]] = 1
      at += n
    })
    return at
  }
  const parts = Object.values(x as object)
  const names = space instanceof Dict ? Object.keys(space.spaces) : null
  inside(space as Tuple | Dict).forEach((one, i) => {
    at = write(one, names ? (x as Record<string, unknown>)[names[i]] : parts[i], to, at)
  })
  return at
}

/** The element that `flatten` made flat. @throws TypeError for a space of your own */
export function unflatten<T>(space: Space<T>, flat: TypedArray): T {
  return read(space, flat) as T
}

function read(space: Space, flat: TypedArray): unknown {
  if (space instanceof Box) return arrayOf(space.dtype, space.size).map((_, i) => flat[i])
  if (space instanceof MultiBinary) return Uint8Array.from(flat)
  if (space instanceof Discrete) return space.start + flat.indexOf(1)
  const parts = (sizes: readonly number[]): TypedArray[] => {
    let at = 0
    return sizes.map((size) => {
      at += size
      return flat.subarray(at - size, at)
    })
  }
  if (space instanceof MultiDiscrete) {
    return Int32Array.from(parts([...space.nvec]), (part, i) => space.start[i] + part.indexOf(1))
  }
  if (!(space instanceof Tuple || space instanceof Dict)) throw cannot('unflatten', space)
  const values = parts(inside(space).map(flatdim)).map((part, i) => read(inside(space)[i], part))
  if (space instanceof Tuple) return values
  return Object.fromEntries(Object.keys(space.spaces).map((name, i) => [name, values[i]]))
}

/** The box that flat elements come from. @throws TypeError for a space of your own */
export function flattenSpace(space: Space): Box<SpaceDType> {
  const dtype = flatDType(space)
  if (space instanceof Box) return new Box(space.low, space.high, { shape: [space.size], dtype })
  if (space instanceof Tuple || space instanceof Dict) {
    const boxes = inside(space).map(flattenSpace)
    const join = (bounds: TypedArray[]): number[] => bounds.flatMap((b) => Array.from(b))
    return new Box(join(boxes.map((b) => b.low)), join(boxes.map((b) => b.high)), { dtype })
  }
  return new Box(0, 1, { shape: [flatdim(space)], dtype })
}

/** The space of `n` elements at once, as vector environments have them. @throws TypeError for a space of your own */
export function batchSpace(space: Space, n: number): Space {
  const repeat = (list: ArrayLike<number>): number[] => Array.from({ length: n }, () => Array.from(list)).flat()
  const { shape } = space
  if (space instanceof Box) {
    return new Box(repeat(space.low), repeat(space.high), { shape: [n, ...space.shape], dtype: space.dtype })
  }
  if (space instanceof Discrete) return new MultiDiscrete(repeat([space.n]), { start: repeat([space.start]) })
  if (space instanceof MultiDiscrete) {
    const { nvec, start } = space
    return new MultiDiscrete(repeat(nvec), { start: repeat(start), shape: [n, ...(shape as readonly number[])] })
  }
  if (space instanceof MultiBinary) return new MultiBinary([n, ...space.shape])
  if (space instanceof Tuple) return new Tuple(inside(space).map((one) => batchSpace(one, n)))
  if (space instanceof Dict) {
    const names = Object.keys(space.spaces)
    return new Dict(Object.fromEntries(inside(space).map((one, i) => [names[i], batchSpace(one, n)])))
  }
  throw cannot('batchSpace', space)
}
