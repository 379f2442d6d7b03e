// compile: a function run once while its kernel launches are written down, and from then on only replayed.
import { backendEpoch } from './backend/backend.ts'
import { replay, runForResult, type Step, setRecorder, threadCount } from './backend/launch.ts'
import { type DType, ITEM_SIZE } from './dtype.ts'
import { type Arena, type Block, tick } from './memory/blocks.ts'
import { tidy } from './memory/scope.ts'
import { currentArena, freeArenaBlock, lend, pin, type Storage, setArena, settle, unpin } from './memory/storage.ts'
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
  const recordings = new Map<string, Recording<R>[]>()
  let held = 0
  const call = (...args: A): R => {
    if (currentArena()) throw new Error('compile: a compiled function cannot call another one; compile the outer only')
    if (isHeard()) throw new Error('compile: gradients do not see into a compiled function; compute them inside it')
    const key = signature(args)
    const known = recordings.get(key)?.find((recording) => recording.holds())
    if (known) return known.run(args)
    if (held >= MOST_RECORDINGS) call.dispose()
    const recording = new Recording<R>()
    const result = recording.record(fn as (...args: readonly CompileArgument[]) => R, args)
    recordings.set(key, [...(recordings.get(key) ?? []), recording])
    held++
    return result
  }
  call.dispose = () => {
    for (const r of [...recordings.values()].flat()) r.dispose()
    recordings.clear()
    held = 0
  }
  return Object.defineProperty(call, 'recordings', { get: () => held }) as Compiled<A, R>
}

/** What the function being recorded looks at beside tensors, and what it saw. */
let dependencies: Map<() => unknown, unknown> | null = null

/**
 * The value of `read`, on which a compiled function that calls this depends: recorded with one value, it is recorded anew
 * for another (whether a module trains, say). `read` must be the same function each time.
 */
export function depending<T>(read: () => T): T {
  const value = read()
  dependencies?.set(read, value)
  return value
}

function signature(args: readonly CompileArgument[]): string {
  // What runs, and how products are cut, is fixed in a recording too.
  let key = `${backendEpoch()}/${threadCount()}`
  for (const a of args) {
    if (a instanceof Tensor) key += `|${a.dtype}${a.shape.join(',')}`
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

/** The steps of one run, and the memory they refer to. */
class Recording<R> implements Arena {
  private readonly steps: Step[] = []
  private readonly inputs: (Slot | null)[] = []
  private handOut: () => R = () => undefined as R
  private readonly blocks: Block[] = []
  private readonly free = new Map<number, Block[]>()
  private readonly outside = new Set<Block>()
  /** Results handed out last lie in these blocks of ours. */
  private readonly lent = new Map<Block, Storage>()
  private readonly dependencies = new Map<() => unknown, unknown>()

  /** Whether everything it depended on is as it was. */
  holds(): boolean {
    for (const [read, value] of this.dependencies) if (read() !== value) return false
    return true
  }

  take(cls: number): Block | undefined {
    return this.free.get(cls)?.pop()
  }

  give(block: Block): void {
    const list = this.free.get(block.cls)
    if (list) list.push(block)
    else this.free.set(block.cls, [block])
  }

  own(block: Block): void {
    this.blocks.push(block)
  }

  adopt(block: Block): void {
    if (this.outside.has(block)) return
    this.outside.add(block)
    pin(block)
  }

  record(fn: (...args: readonly CompileArgument[]) => R, args: readonly CompileArgument[]): R {
    try {
      return tidy(() => {
        const slots = this.recording(() => args.map((a) => (a instanceof Tensor ? empty(a.shape, a.dtype) : a)))
        for (const s of slots) this.inputs.push(s instanceof Tensor ? place(s) : null)
        this.copyIn(args)
        this.recording(() => {
          setRecorder((step) => this.steps.push(step))
          dependencies = this.dependencies
          try {
            this.handOut = this.template(tidy(() => fn(...slots)))
          } finally {
            setRecorder(null)
            dependencies = null
          }
        })
        return this.handOut()
      })
    } catch (error) {
      this.dispose()
      throw error
    }
  }

  run(args: readonly CompileArgument[]): R {
    tick()
    this.settle()
    this.copyIn(args)
    const { steps } = this
    for (let i = 0; i < steps.length; i++) replay(steps[i])
    return this.handOut()
  }

  dispose(): void {
    this.settle()
    for (const block of this.outside) unpin(block)
    for (const block of this.blocks) freeArenaBlock(block)
    this.outside.clear()
    this.free.clear()
    this.blocks.length = this.steps.length = this.inputs.length = 0
  }

  private recording<T>(fn: () => T): T {
    setArena(this)
    try {
      return fn()
    } finally {
      setArena(null)
    }
  }

  /** Gives results that somebody still holds memory of their own: a replay writes where they lie. */
  private settle(): void {
    for (const storage of this.lent.values()) if (storage.block?.lent) settle(storage)
    this.lent.clear()
  }

  /** A function that makes the recorded result anew: the same structure with fresh tensors. */
  private template<T>(value: T): () => T {
    if (value instanceof Tensor) {
      const x = contiguous(value)
      const slot = place(x)
      const block = x.storage.block as Block
      return () => this.result(slot, block) as T
    }
    if (Array.isArray(value)) {
      const parts = value.map((v) => this.template(v))
      return () => parts.map((make) => make()) as T
    }
    if (value !== null && typeof value === 'object') {
      const prototype = Object.getPrototypeOf(value)
      if (prototype !== Object.prototype && prototype !== null) {
        throw new TypeError('compile: results are tensors and plain values, alone or in arrays and plain objects')
      }
      const parts = Object.entries(value).map(([k, v]) => [k, this.template(v)] as const)
      return () => Object.fromEntries(parts.map(([k, make]) => [k, make()])) as T
    }
    return () => value
  }

  /** Memory that is ours and begins with the result is lent, once; else the result is copied. */
  private result(slot: Slot, block: Block): Tensor {
    if (block.arena === this && block.ptr === slot.ptr && !this.lent.has(block)) {
      const storage = lend(slot.ptr, slot.bytes)
      this.lent.set(block, storage)
      return new Tensor(storage, slot.dtype, slot.shape)
    }
    const fresh = empty(slot.shape, slot.dtype)
    copyBytes(slot.ptr, pointer(fresh), slot.bytes)
    return fresh
  }

  private copyIn(args: readonly CompileArgument[]): void {
    for (let i = 0; i < args.length; i++) {
      const a = args[i]
      const slot = this.inputs[i]
      if (!(a instanceof Tensor) || !slot) continue
      if (a.isContiguous) copyBytes(pointer(a), slot.ptr, slot.bytes)
      else tidy(() => copyBytes(pointer(contiguous(a)), slot.ptr, slot.bytes))
    }
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
