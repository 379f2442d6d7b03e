// compile: a function run once while its kernel launches are written down, and from then on only replayed.
import { epoch } from './backend/backend.ts'
import { runForResult, threadCount } from './backend/launch.ts'
import { type DType, ITEM_SIZE } from './dtype.ts'
import { type Block, type Recording, tick } from './memory/blocks.ts'
import { tidy } from './memory/scope.ts'
import { freeRecording, lend, recordedBy, recording, type Storage, settle } from './memory/storage.ts'
import { contiguous, moveBytes } from './ops/shape/contiguous.ts'
import { empty, isHeard } from './record.ts'
import type { Shape } from './shape.ts'
import { pointer, Tensor } from './tensor.ts'

/** What a compiled function takes: tensors, whose values may change from call to call, and plain values, which are part of what was recorded. */
export type CompileArgument = Tensor | number | string | boolean | null | undefined

/** A compiled function. */
export interface Compiled<A extends readonly CompileArgument[], R> {
  (...args: A): R
  /** Recordings held now, one for each combination of shapes, dtypes and plain values; the 65th starts over. */
  readonly recordings: number
  /** Gives back the memory of the recordings. The function records anew when called again. */
  dispose(): void
}

const MOST_RECORDINGS = 64

/**
 * `fn` with its shape logic, allocations and dispatch done once: the first call with given shapes runs `fn` and
 * writes down the kernels it launches; later calls copy the tensor arguments in and launch the same kernels again.
 *
 * A whole training step (forward, gradients, optimiser) is one replay. Whatever lies in memory advances as in eager
 * execution: parameters, optimiser state, step counters, learning rates, random state. A module's training or evaluation
 * mode is part of what was recorded. What else is computed by JavaScript while recording (an `if` on a number, a captured
 * plain value) is fixed in the recording. Results are fresh tensors.
 *
 * @throws Error from the first call when `fn` reads values (`item`, `data`, `toArray`) or calls a compiled function
 * @throws TypeError for arguments that are neither tensors nor plain values
 * @example
 * import { compile, tensor } from '@x/tensor'
 * const f = compile((x) => x.mul(2).add(1))
 * f(tensor([1, 2])).toArray() // [3, 5]
 * f(tensor([5, 6])).toArray() // [11, 13], replayed
 */
export function compile<A extends readonly CompileArgument[], R>(fn: (...args: A) => R): Compiled<A, R> {
  const recordings: Replay<R>[] = []
  const call = (...args: A): R => {
    if (recording) throw new Error('compile: a compiled function cannot call another one; compile the outer only')
    if (isHeard()) throw new Error('compile: gradients do not see into a compiled function; compute them inside it')
    const key = signature(args)
    const known = recordings.find((r) => r.holds(key))
    if (known) return known.run(args)
    if (recordings.length >= MOST_RECORDINGS) call.dispose()
    const [made, result] = record(key, fn as (...args: readonly CompileArgument[]) => R, args)
    recordings.push(made)
    return result
  }
  call.dispose = () => {
    for (const r of recordings.splice(0)) r.dispose()
  }
  return Object.defineProperty(call, 'recordings', { get: () => recordings.length }) as Compiled<A, R>
}

/**
 * The value of `read`, on which a compiled function that calls this depends: recorded with one value, it is recorded anew
 * for another (whether a module trains, say). `read` must be the same function each time.
 */
export function depending<T>(read: () => T): T {
  const value = read()
  recording?.saw.set(read, value)
  return value
}

function signature(args: readonly CompileArgument[]): string {
  // What runs, and how products are cut, is fixed in a recording too.
  let key = `${epoch}/${threadCount()}`
  for (const a of args) {
    if (a instanceof Tensor) key += `|${a.dtype}${a.shape}`
    else if (a === null || typeof a !== 'object')
      key += `|${typeof a}:${typeof a === 'string' ? JSON.stringify(a) : Object.is(a, -0) ? '-0' : a}`
    else throw new TypeError('compile: arguments are tensors or plain values (numbers, strings, booleans)')
  }
  return key
}

/** A tensor that a recording reads from or writes to: its place never changes. */
interface Slot {
  readonly ptr: number
  readonly bytes: number
  readonly dtype: DType
  readonly shape: Shape
}

/** A recording as its owner sees it. */
interface Replay<R> {
  /** Whether it was made for such arguments, and everything it depended on is as it was. */
  holds(key: string): boolean
  run(args: readonly CompileArgument[]): R
  dispose(): void
}

/** Runs `fn` and writes down the steps; gives the result too. */
function record<R>(
  signature: string,
  fn: (...args: readonly CompileArgument[]) => R,
  args: readonly CompileArgument[],
): [Replay<R>, R] {
  const inputs: (Slot | null)[] = []
  const own: Recording = { steps: [], saw: new Map(), own: [], free: [], outside: new Set() }
  /** Results handed out last lie in these blocks of ours. */
  const lent = new Map<Block, Storage>()
  let handOut: () => R

  /** Gives results that somebody still holds memory of their own: a replay writes where they lie. */
  const settleAll = (): void => {
    for (const storage of lent.values()) if (storage.block?.lent) settle(storage)
    lent.clear()
  }

  const copyIn = (args: readonly CompileArgument[]): void => {
    for (let i = 0; i < args.length; i++) {
      const a = args[i]
      const slot = inputs[i]
      if (!(a instanceof Tensor) || !slot) continue
      if (a.isContiguous) copyBytes(pointer(a), slot.ptr, slot.bytes)
      else tidy(() => copyBytes(pointer(contiguous(a)), slot.ptr, slot.bytes))
    }
  }

  /** Memory that is ours and begins with the result is lent, once; else the result is copied. */
  const result = ({ ptr, bytes, dtype, shape }: Slot, block: Block): Tensor => {
    if (block.arena === own && block.ptr === ptr && !lent.has(block)) {
      const storage = lend(ptr, bytes)
      lent.set(block, storage)
      return new Tensor(storage, dtype, shape)
    }
    const fresh = empty(shape, dtype)
    copyBytes(ptr, pointer(fresh), bytes)
    return fresh
  }

  /** A function that makes the recorded result anew: the same structure with fresh tensors. */
  const template = <T>(value: T): (() => T) => {
    if (value instanceof Tensor) {
      const x = contiguous(value)
      const slot = place(x)
      const block = x.storage.block as Block
      return () => result(slot, block) as T
    }
    if (Array.isArray(value)) {
      const parts = value.map(template)
      return () => parts.map((make) => make()) as T
    }
    if (value !== null && typeof value === 'object') {
      const prototype = Object.getPrototypeOf(value)
      if (prototype !== Object.prototype && prototype !== null) {
        throw new TypeError('compile: results are tensors and plain values, alone or in arrays and plain objects')
      }
      const make = template(Object.values(value))
      const names = Object.keys(value)
      return () => {
        const parts = make()
        return Object.fromEntries(names.map((name, i) => [name, parts[i]])) as T
      }
    }
    return () => value
  }

  const dispose = (): void => {
    settleAll()
    freeRecording(own)
    inputs.length = 0
  }

  try {
    const first = tidy(() => {
      const slots = recordedBy(own, () => args.map((a) => (a instanceof Tensor ? empty(a.shape, a.dtype) : a)))
      for (const s of slots) inputs.push(s instanceof Tensor ? place(s) : null)
      copyIn(args)
      recordedBy(own, () => {
        handOut = template(tidy(() => fn(...slots)))
      })
      return handOut()
    })
    const holds = (key: string): boolean => key === signature && [...own.saw].every(([read, value]) => read() === value)
    const run = (args: readonly CompileArgument[]): R => {
      tick()
      settleAll()
      copyIn(args)
      const { steps } = own
      for (let i = 0; i < steps.length; i++) steps[i]()
      return handOut()
    }
    return [{ holds, run, dispose }, first]
  } catch (error) {
    dispose()
    throw error
  }
}

const place = (t: Tensor): Slot => ({
  ptr: pointer(t),
  bytes: t.size * ITEM_SIZE[t.dtype],
  dtype: t.dtype,
  shape: t.shape,
})

function copyBytes(from: number, to: number, bytes: number): void {
  runForResult(moveBytes, 1, from, to, 1, 1, 1, bytes, 0, 0, 0, 1)
}
