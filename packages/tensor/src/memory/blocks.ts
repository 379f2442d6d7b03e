// Places in the linear memory: which are taken, since when nobody has used them, and how much they hold.
import { classOf, release } from './allocator.ts'

/** A place in the linear memory, or what was moved out of it. */
export class Block {
  ptr = 0
  readonly bytes: number
  readonly cls: number
  /** Where the contents are while they live outside the linear memory: from this position of this array. */
  moved: Uint8Array | null = null
  movedAt = 0
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
  arena: Arena | null = null
  /** In the place of a recording's block: nothing to give back, and to be settled before the next replay. */
  lent = false
  previous: Block | null = null
  next: Block | null = null

  constructor(bytes: number) {
    this.bytes = bytes
    this.cls = classOf(bytes)
  }
}

/**
 * The memory of a recording (see compile.ts): gives places out again that the recorded function has freed, owns what
 * is newly placed for it, and holds the blocks from outside that it touches where they lie.
 */
export interface Arena {
  take(cls: number): Block | undefined
  give(block: Block): void
  own(block: Block): void
  adopt(block: Block): void
}

/** Counts operations. */
export let clock = 1

/** Begins an operation: blocks touched from now on are in use and are not moved out before the next tick. */
export function tick(): void {
  clock++
}

/** Storages in the linear memory. */
export let storages = 0
export function countStorages(change: number): void {
  storages += change
}

/** Bytes of the resident blocks, and the most that has been. */
export let residentBytes = 0
export let peakBytes = 0

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
  residentBytes += block.bytes
  if (residentBytes > peakBytes) peakBytes = residentBytes
}

/** Gives the place back, if it has one. */
export function leave(block: Block): void {
  if (block.ptr === 0) return
  release(block.ptr, block.cls)
  block.ptr = 0
  ;(block.previous as Block).next = block.next
  ;(block.next as Block).previous = block.previous
  block.previous = block.next = null
  residentBytes -= block.bytes
}
