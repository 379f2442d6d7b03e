// Places in the linear memory: which are taken, since when nobody has used them, and how much they hold.
import { classOf, release } from './allocator.ts'

/** A place in the linear memory, or what was moved out of it. */
export class Block {
  ptr = 0
  readonly bytes: number
  readonly cls: number
  /** Where the contents are while they live outside the linear memory: in this array, from `at` on. */
  moved: Uint8Array | null = null
  at = 0
  /** The clock of the last use; the lowest is moved out first. */
  used = 0
  /** Recordings that need this block to stay where it is. */
  pins = 0
  /** Freed while pinned: goes when the last pin does. */
  doomed = false
  /** The storage, held until a finalizer is registered for it: no finalizer can run before that anyway. */
  fresh: object | null = null
  /** Neither in a tidy nor kept: the blocks that memory pressure is about. */
  loose = false
  /** Taken out of every tidy for good: never counted as loose. */
  kept = false
  /** A recording's own memory, to which the block returns when freed. */
  arena: Recording | null = null
  /** In the place of a recording's block: nothing to give back, and to be settled before the next replay. */
  lent = false
  previous: Block | null = null
  next: Block | null = null

  constructor(bytes: number) {
    this.bytes = bytes
    this.cls = classOf(bytes)
  }
}

/** A run that is written down (see compile.ts), and its memory. */
export interface Recording {
  /** Kernel calls with everything fixed but when they happen, and checks of values. */
  readonly steps: (() => void)[]
  /** What it looked at beside tensors, and what it saw. */
  readonly saw: Map<() => unknown, unknown>
  /** What was newly placed for it, and belongs to it. */
  readonly own: Block[]
  /** Of these, what the recorded function has freed, by class: to be given out again. */
  readonly free: Block[][]
  /** The blocks from outside that it touches, held where they lie. */
  readonly outside: Set<Block>
}

/** Counts operations. */
export let clock = 1

/** Begins an operation: blocks touched from now on are in use and are not moved out before the next tick. */
export function tick(): void {
  clock++
}

/** What `memoryStats()` counts. */
export const stats = { storages: 0, bytes: 0, peakBytes: 0, movedBytes: 0, moves: 0, returns: 0 }

/** Head and tail of the resident blocks, oldest first. */
export const residents: Block = new Block(0)
residents.next = residents.previous = residents

/** Takes the place at `ptr`. */
export function enter(block: Block, ptr: number): void {
  block.ptr = ptr
  const last = residents.previous as Block
  last.next = block
  block.previous = last
  block.next = residents
  residents.previous = block
  stats.bytes += block.bytes
  if (stats.bytes > stats.peakBytes) stats.peakBytes = stats.bytes
}

/** Gives the place back, if it has one. */
export function leave(block: Block): void {
  if (block.ptr === 0) return
  release(block.ptr, block.cls)
  block.ptr = 0
  ;(block.previous as Block).next = block.next
  ;(block.next as Block).previous = block.previous
  block.previous = block.next = null
  stats.bytes -= block.bytes
}
