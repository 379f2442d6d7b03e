// Who owns which piece of the linear memory, how it comes back by itself, and what happens when it runs short.
//
// A Storage is what tensors hold; its Block is the place in memory. The heap knows blocks only, never storages, so that
// the garbage collector can see when a storage is dropped:
//   inside a tidy     the scope frees it at its end;
//   outside           a FinalizationRegistry frees it some time after the program lets go of it;
//   in a long synchronous loop no finalizer ever runs, so under pressure the least recently used blocks move to
//   ordinary ArrayBuffers, which the collector can reclaim, and come back when they are used.
import { DisposedError, OutOfMemoryError, ShapeError } from '../errors.ts'
import { allocate, classOf, release } from './allocator.ts'
import { heap } from './heap.ts'

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
  fresh: Storage | null = null
  /** Neither in a tidy nor kept: the blocks that memory pressure is about. */
  loose = false
  /** Taken out of every tidy for good: never counted as loose. */
  kept = false
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
  /** Storages in the linear memory. */
  storages: number
  /** Bytes of those in the linear memory. */
  bytes: number
  /** The most `bytes` has been. */
  peakBytes: number
  /** How often one was moved to an ordinary ArrayBuffer, how many bytes in all, and how often one came back. */
  moves: number
  movedBytes: number
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
  limitBytes: 256 * 2 ** 20,
  limitBlocks: 8192,
  /** Since the last move: what it moved, and how much of that came back. */
  movedLast: { bytes: 0, blocks: 0 },
  returnedSince: { bytes: 0, blocks: 0 },
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
        if (block.ptr !== 0) freeBlock(block)
      })

/** The scope that owns what is born now; null outside every tidy. */
export const currentOwner = (): Owner | null => state.owner
export function setOwner(owner: Owner | null): void {
  state.owner = owner
}

/**
 * Counts those (+1, −1) who still need what a tidy would free: while there are any, the enclosing tidy frees it later.
 * Returns how many there are.
 */
export function hold(change: number): number {
  state.holders += change
  return state.holders
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
  if (!Number.isSafeInteger(bytes)) throw new ShapeError(`a tensor of ${bytes} bytes cannot be made`)
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
  block.kept = true
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
 * to ordinary ArrayBuffers. Default 256 MiB; grows by itself while moved tensors keep being used.
 */
export function setMemoryLimit(bytes: number): void {
  if (!(bytes > 0)) throw new RangeError(`setMemoryLimit: ${bytes} is not a positive number of bytes`)
  state.limitBytes = bytes
}

/** Gives a block's memory back: to its recording if it belongs to one, and at the last unpinning if it is pinned. */
export function freeBlock(block: Block): void {
  block.fresh = null
  unloose(block)
  block.moved = null
  if (block.ptr === 0) return
  state.storages--
  if (block.arena) {
    block.arena.give(block)
    return
  }
  if (block.pins > 0) {
    block.doomed = true
    state.storages++
    return
  }
  displace(block)
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
  if (block.ptr === 0) return // moved out: counted when it comes back
  block.fresh = storage
  if (!block.loose && !block.kept) {
    block.loose = true
    state.looseBytes += block.bytes
    state.looseBlocks++
  }
  nursery.push(block)
  if (!nurseryScheduled) {
    nurseryScheduled = true
    queueMicrotask(register)
  } else if (nursery.length > nurseryRoom) thinNursery()
}

/** Lets go of blocks that were freed or moved out since: nothing here may hold their contents. */
function thinNursery(): void {
  nursery = nursery.filter((b) => b.fresh !== null)
  nurseryRoom = Math.max(1024, nursery.length * 2)
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

const MOST_LOOSE_BYTES = 3 * 2 ** 30
const MOST_LOOSE_BLOCKS = 2 ** 20

/** Too much that nobody tidies: move the older half out, or raise the limits if what moves out keeps coming back. */
function relieve(): void {
  const { movedLast, returnedSince } = state
  const { looseBytes, looseBlocks } = state
  if (returnedSince.bytes * 2 > movedLast.bytes && state.limitBytes < MOST_LOOSE_BYTES) {
    state.limitBytes = Math.min(MOST_LOOSE_BYTES, state.limitBytes * 2)
  }
  if (returnedSince.blocks * 2 > movedLast.blocks && state.limitBlocks < MOST_LOOSE_BLOCKS) state.limitBlocks *= 2
  movedLast.bytes = movedLast.blocks = returnedSince.bytes = returnedSince.blocks = 0
  if (looseBytes > state.limitBytes) {
    moveOut(looseBytes / 2, true)
    warn(looseBlocks)
  } else if (looseBlocks > state.limitBlocks) moveOutOldest(looseBlocks / 2)
  // What cannot move now (all of it in use, or pinned) is not looked at again until there is clearly more.
  if (state.looseBytes > state.limitBytes) state.limitBytes = state.looseBytes * 1.25
  if (state.looseBlocks > state.limitBlocks) state.limitBlocks = state.looseBlocks * 1.25
}

function warn(blocks: number): void {
  if (state.warned) return
  state.warned = true
  globalThis.console?.warn(
    `@x/tensor: ${blocks} tensors are held outside of any tidy(); the least recently used now move to ordinary ` +
      'ArrayBuffers, which is slower. Wrap the work in tidy(() => …) to free them at once.',
  )
}

/** Blocks that may move, the least recently used first. */
function movableBlocks(looseOnly: boolean): Block[] {
  const candidates: Block[] = []
  for (let b = list.next as Block; b !== list; b = b.next as Block) {
    if ((b.loose || !looseOnly) && b.pins === 0 && b.used !== state.clock && b.arena === null) candidates.push(b)
  }
  return candidates.sort((a, b) => a.used - b.used)
}

/** Moves the least recently used blocks out until `bytes` have gone. */
function moveOut(bytes: number, looseOnly: boolean): void {
  let gone = 0
  for (const b of movableBlocks(looseOnly)) {
    if (gone >= bytes) break
    gone += b.bytes
    evict(b, heap.u8.slice(b.ptr, b.ptr + b.bytes), 0)
  }
  thinNursery()
}

/** Small blocks share arrays of this size on their way out: one array each would cost more than their contents. */
const SLAB_BYTES = 4096

/** Moves the `count` least recently used loose blocks out. */
function moveOutOldest(count: number): void {
  let slab = new Uint8Array(SLAB_BYTES)
  let at = 0
  for (const b of movableBlocks(true).slice(0, count)) {
    if (b.bytes > SLAB_BYTES / 8) evict(b, heap.u8.slice(b.ptr, b.ptr + b.bytes), 0)
    else {
      if (at + b.bytes > SLAB_BYTES) {
        slab = new Uint8Array(SLAB_BYTES)
        at = 0
      }
      const { u8 } = heap
      for (let i = 0; i < b.bytes; i++) slab[at + i] = u8[b.ptr + i]
      evict(b, slab, at)
      at += b.bytes
    }
  }
  thinNursery()
}

/** Takes a block out of the linear memory; `contents` from `at` on holds what was there. */
function evict(b: Block, contents: Uint8Array, at: number): void {
  b.moved = contents
  b.movedAt = at
  displace(b)
  // From here on the storage alone holds the block: the garbage collector reclaims both.
  b.fresh = null
  unloose(b)
  state.storages--
  state.moves++
  state.moved += b.bytes
  state.movedLast.bytes += b.bytes
  state.movedLast.blocks++
}

function bringBack(block: Block, storage: Storage): void {
  const contents = (block.moved as Uint8Array).subarray(block.movedAt, block.movedAt + block.bytes)
  place(block)
  heap.u8.set(contents, block.ptr)
  block.moved = null
  state.storages++
  state.returns++
  state.returnedSince.bytes += block.bytes
  state.returnedSince.blocks++
  if (!storage.owner) loosen(storage)
}

function tooLarge(bytes: number): OutOfMemoryError {
  const MiB = (n: number): string => `${(n / 2 ** 20).toFixed(1)} MiB`
  return new OutOfMemoryError(
    `${MiB(bytes)} do not fit: ${MiB(state.bytes)} are in use, the linear memory has ${MiB(heap.bytes)} and cannot grow ` +
      'enough. Free tensors with tidy() or dispose(), or work in smaller pieces.',
  )
}
