// Who owns which piece of the linear memory, how it comes back by itself, and what happens when it runs short.
//
// A Storage is what tensors hold; its Block is the place in memory. The heap knows blocks only, never storages, so that
// the garbage collector can see when a storage is dropped:
//   inside a tidy     the scope frees it at its end;
//   outside           a FinalizationRegistry frees it some time after the program lets go of it;
//   in a long synchronous loop no finalizer ever runs, so under pressure the least recently used blocks move to
//   ordinary ArrayBuffers, which the collector can reclaim, and come back when they are used.
import { DisposedError, OutOfMemoryError } from '../errors.ts'
import { allocate, classOf, release } from './allocator.ts'
import { heap } from './heap.ts'

/** A place in the linear memory, or what was moved out of it. */
export class Block {
  ptr = 0
  readonly bytes: number
  readonly cls: number
  /** The contents while they live outside the linear memory. */
  moved: Uint8Array | null = null
  /** The clock of the last use; the lowest is moved out first. */
  used = 0
  /** Recordings that need this block to stay where it is. */
  pins = 0
  /** Freed while pinned: goes when the last pin does. */
  doomed = false
  /** The storage, held until a finalizer is registered for it: no finalizer can run before that anyway. */
  fresh: Storage | null = null
  /** Neither in a tidy nor kept: the blocks that memory pressure is about. */
  loose = false
  /** A recording's own memory, to which the block returns when freed. */
  arena: Arena | null = null
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

/** Whoever frees storages at its end: `tidy` (see scope.ts). */
export interface Owner {
  readonly born: Storage[]
}

/** The memory behind one or more tensors. */
export class Storage {
  block: Block | null
  owner: Owner | null

  constructor(block: Block, owner: Owner | null) {
    this.block = block
    this.owner = owner
  }

  get bytes(): number {
    return this.block?.bytes ?? 0
  }
}

/** What `memoryStats()` tells. All sizes in bytes. */
export interface MemoryStats {
  /** Storages that exist, in memory or moved out. */
  storages: number
  /** Bytes of those in the linear memory. */
  bytes: number
  /** The most `bytes` has been. */
  peakBytes: number
  /** Bytes that live in ordinary ArrayBuffers at the moment. */
  movedBytes: number
  /** Times a block was moved out, and times one came back. */
  moves: number
  returns: number
  /** Size of the linear memory, which only grows. */
  heapBytes: number
}

const state = {
  clock: 1,
  owner: null as Owner | null,
  holders: 0,
  arena: null as Arena | null,
  storages: 0,
  bytes: 0,
  peak: 0,
  moved: 0,
  moves: 0,
  returns: 0,
  looseBytes: 0,
  looseBlocks: 0,
  limitBytes: 512 * 2 ** 20,
  limitBlocks: 100_000,
  returnedSinceMove: 0,
  movedLast: 0,
  warned: false,
}
/** Head and tail of the resident blocks, oldest first. */
const list = new Block(0)
list.next = list.previous = list
let nursery: Block[] = []
let nurseryScheduled = false
let nurseryRoom = 1024

const registry =
  typeof FinalizationRegistry === 'undefined'
    ? null
    : new FinalizationRegistry<Block>((block) => {
        if (block.ptr !== 0 || block.moved) freeBlock(block)
      })

/** The scope that owns what is born now; null outside every tidy. */
export const currentOwner = (): Owner | null => state.owner
export function setOwner(owner: Owner | null): void {
  state.owner = owner
}

/** Counts those (+1, −1) who still need what a tidy would free: while there are any, the enclosing tidy frees it later. */
export function hold(change: number): void {
  state.holders += change
}
export const isHeld = (): boolean => state.holders > 0

/** Directs allocation into a recording, and tells it of every outside block that it touches; null ends that. */
export function setArena(arena: Arena | null): void {
  state.arena = arena
}
export const currentArena = (): Arena | null => state.arena

/** Begins an operation: blocks touched from now on are in use and are not moved out before the next tick. */
export function tick(): void {
  state.clock++
}

/**
 * Memory for `bytes` bytes, contents undefined, owned by the current tidy.
 * `lasting` storages (constants, state of optimisers) stay outside a recording's own memory.
 * @throws OutOfMemoryError
 */
export function newStorage(bytes: number, lasting = false): Storage {
  const arena = state.arena
  let block = !lasting && arena ? arena.take(classOf(bytes)) : undefined
  if (!block) {
    block = new Block(bytes)
    place(block)
    if (arena) {
      if (lasting) arena.adopt(block)
      else {
        block.arena = arena
        arena.own(block)
      }
    }
  }
  block.used = state.clock
  const owner = state.owner
  const storage = new Storage(block, owner)
  state.storages++
  if (owner) owner.born.push(storage)
  else loosen(storage)
  return storage
}

/** The address of the storage's bytes, brought back first if they were moved out. @throws DisposedError */
export function addressOf(storage: Storage): number {
  const block = storage.block
  if (!block)
    throw new DisposedError('the tensor was used after it was disposed (by dispose, using, or the end of its tidy)')
  block.used = state.clock
  if (state.arena !== null && block.arena !== state.arena) state.arena.adopt(block)
  if (block.ptr === 0) bringBack(block, storage)
  return block.ptr
}

/** Gives the memory back now. Harmless when done twice. */
export function freeStorage(storage: Storage): void {
  const block = storage.block
  if (!block) return
  storage.block = null
  freeBlock(block)
}

/** Hands the storage to `owner`, or with null to the garbage collector. */
export function passTo(storage: Storage, owner: Owner | null): void {
  storage.owner = owner
  if (owner) owner.born.push(storage)
  else if (storage.block) loosen(storage)
}

/** Takes the storage out of its tidy for good; the garbage collector alone frees it, or `dispose`. */
export function keepStorage(storage: Storage): void {
  const block = storage.block
  if (!block) return
  if (storage.owner) {
    storage.owner = null
    loosen(storage)
  }
  unloose(block)
}

export function pin(block: Block): void {
  block.pins++
}

export function unpin(block: Block): void {
  if (--block.pins === 0 && block.doomed) freeBlock(block)
}

export function memoryStats(): MemoryStats {
  return {
    storages: state.storages,
    bytes: state.bytes,
    peakBytes: state.peak,
    movedBytes: state.moved,
    moves: state.moves,
    returns: state.returns,
    heapBytes: heap.bytes,
  }
}

/**
 * Sets how many bytes of tensors that nobody tidies may lie in the linear memory before the least recently used move
 * to ordinary ArrayBuffers. Default 512 MiB; grows by itself while moved tensors keep being used.
 */
export function setMemoryLimit(bytes: number): void {
  if (!(bytes > 0)) throw new RangeError(`setMemoryLimit: ${bytes} is not a positive number of bytes`)
  state.limitBytes = bytes
}

/** Frees a recording's block for good. */
export function freeBlock(block: Block): void {
  state.storages--
  block.fresh = null
  unloose(block)
  if (block.arena) {
    block.arena.give(block)
    return
  }
  if (block.pins > 0) {
    block.doomed = true
    state.storages++
    return
  }
  if (block.moved) {
    state.moved -= block.bytes
    block.moved = null
  } else displace(block)
}

/** Takes a block of a recording out of its arena and frees it. */
export function freeArenaBlock(block: Block): void {
  block.arena = null
  displace(block)
}

function place(block: Block): void {
  if (block.bytes > 2 ** 32) throw tooLarge(block.bytes)
  if (state.looseBytes > state.limitBytes || state.looseBlocks > state.limitBlocks) relieve()
  let ptr = allocate(block.cls)
  if (ptr === 0) {
    moveOut(Math.max(block.bytes, heap.bytes / 4), false)
    ptr = allocate(block.cls)
    if (ptr === 0) {
      moveOut(Number.POSITIVE_INFINITY, false)
      ptr = allocate(block.cls)
    }
    if (ptr === 0) throw tooLarge(block.bytes)
  }
  block.ptr = ptr
  const last = list.previous as Block
  last.next = block
  block.previous = last
  block.next = list
  list.previous = block
  state.bytes += block.bytes
  if (state.bytes > state.peak) state.peak = state.bytes
}

function displace(block: Block): void {
  if (block.ptr === 0) return
  release(block.ptr, block.cls)
  block.ptr = 0
  ;(block.previous as Block).next = block.next
  ;(block.next as Block).previous = block.previous
  block.previous = block.next = null
  state.bytes -= block.bytes
}

function loosen(storage: Storage): void {
  const block = storage.block as Block
  block.fresh = storage
  block.loose = true
  state.looseBytes += block.bytes
  state.looseBlocks++
  nursery.push(block)
  if (!nurseryScheduled) {
    nurseryScheduled = true
    queueMicrotask(register)
  } else if (nursery.length > nurseryRoom) {
    nursery = nursery.filter((b) => b.fresh !== null)
    nurseryRoom = Math.max(1024, nursery.length * 2)
  }
}

function unloose(block: Block): void {
  if (!block.loose) return
  block.loose = false
  state.looseBytes -= block.bytes
  state.looseBlocks--
}

/** Runs once the program gives way: from here on the garbage collector watches what is still held. */
function register(): void {
  nurseryScheduled = false
  for (const block of nursery) {
    if (block.fresh === null) continue
    registry?.register(block.fresh, block)
    block.fresh = null
  }
  nursery = []
  nurseryRoom = 1024
}

/** Too much that nobody tidies: move the older half out, or raise the limit if what moves out keeps coming back. */
function relieve(): void {
  if (state.returnedSinceMove * 2 > state.movedLast && state.movedLast > 0 && state.looseBytes > state.limitBytes) {
    const room = 3 * 2 ** 30
    if (state.limitBytes < room) {
      state.limitBytes = Math.min(room, state.limitBytes * 2)
      state.movedLast = 0
      return
    }
  }
  const blocks = state.looseBlocks
  moveOut(state.looseBytes / 2, true, state.looseBlocks / 2)
  if (!state.warned) {
    state.warned = true
    globalThis.console?.warn(
      `@x/tensor: ${blocks} tensors are held outside of any tidy(); the least recently used now move to ordinary ` +
        'ArrayBuffers, which is slower. Wrap the work in tidy(() => …) to free them at once.',
    )
  }
}

/** Moves the least recently used blocks out until `bytes` (or `count` blocks) have gone. */
function moveOut(bytes: number, looseOnly: boolean, count = Number.POSITIVE_INFINITY): void {
  const candidates: Block[] = []
  for (let b = list.next as Block; b !== list; b = b.next as Block) {
    if (b.pins === 0 && b.used !== state.clock && !b.arena && (b.loose || !looseOnly)) candidates.push(b)
  }
  candidates.sort((a, b) => a.used - b.used)
  let gone = 0
  let n = 0
  for (const b of candidates) {
    if (gone >= bytes || n >= count) break
    b.moved = heap.u8.slice(b.ptr, b.ptr + b.bytes)
    displace(b)
    b.fresh = null
    unloose(b)
    gone += b.bytes
    n++
  }
  state.moved += gone
  state.moves += n
  state.movedLast = gone
  state.returnedSinceMove = 0
}

function bringBack(block: Block, storage: Storage): void {
  const contents = block.moved as Uint8Array
  place(block)
  heap.u8.set(contents, block.ptr)
  block.moved = null
  state.moved -= block.bytes
  state.returns++
  state.returnedSinceMove += block.bytes
  if (!storage.owner) loosen(storage)
}

function tooLarge(bytes: number): OutOfMemoryError {
  const MiB = (n: number): string => `${(n / 2 ** 20).toFixed(1)} MiB`
  return new OutOfMemoryError(
    `${MiB(bytes)} do not fit: ${MiB(state.bytes)} are in use, the linear memory has ${MiB(heap.bytes)} and cannot grow ` +
      'enough. Free tensors with tidy() or dispose(), or work in smaller pieces.',
  )
}
