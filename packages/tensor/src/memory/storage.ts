// Who owns which piece of the linear memory, and how it comes back by itself.
//
// A Storage is what tensors hold; its Block is the place in memory. The heap knows blocks only, never storages, so that
// the garbage collector can see when a storage is dropped:
//   inside a tidy     the scope frees it at its end;
//   outside           a FinalizationRegistry frees it some time after the program lets go of it;
//   in a long synchronous loop no finalizer ever runs, so under pressure the least recently used blocks move to
//   ordinary ArrayBuffers, which the collector can reclaim, and come back when they are used: see pressure.ts.
import { DisposedError, OutOfMemoryError, ShapeError } from '../errors.ts'
import { allocate, classOf } from './allocator.ts'
import { type Arena, Block, clock, countStorages, enter, leave, peakBytes, residentBytes, storages } from './blocks.ts'
import { heap } from './heap.ts'
import {
  countLoose,
  countReturn,
  isCrowded,
  movedBytes,
  moveOut,
  moves,
  relieve,
  returns,
  uncountLoose,
} from './pressure.ts'

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
  /** What it may grow to: 4 GiB, or less where the engine refused that. 0 before the first tensor. */
  limitBytes: number
}

/** The scope that owns what is born now. */
let scope: Owner | null = null
let holders = 0
/** The recording that allocation goes to. */
let recording: Arena | null = null
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
export const currentOwner = (): Owner | null => scope
export function setOwner(owner: Owner | null): void {
  scope = owner
}

/**
 * Counts those (+1, −1) who still need what a tidy would free: while there are any, the enclosing tidy frees it later.
 * Returns how many there are.
 */
export function hold(change: number): number {
  holders += change
  return holders
}
export const isHeld = (): boolean => holders > 0

/** Directs allocation into a recording, and tells it of every outside block that it touches; null ends that. */
export function setArena(arena: Arena | null): void {
  recording = arena
}
export const currentArena = (): Arena | null => recording

/**
 * Memory for `bytes` bytes, contents undefined, owned by the current tidy.
 * `lasting` storages (constants, state of optimisers) stay outside a recording's own memory.
 * @throws OutOfMemoryError
 */
export function newStorage(bytes: number, lasting = false): Storage {
  if (!Number.isSafeInteger(bytes)) throw new ShapeError(`a tensor of ${bytes} bytes cannot be made`)
  const arena = recording
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
  return born(block)
}

function born(block: Block): Storage {
  block.used = clock
  const storage = new Storage(block, scope)
  countStorages(1)
  if (scope) scope.born.push(storage)
  else loosen(storage)
  return storage
}

/** The address of the storage's bytes, brought back first if they were moved out. @throws DisposedError */
export function addressOf(storage: Storage): number {
  let block = storage.block
  if (!block) throw new DisposedError('the tensor was disposed (by dispose, using, or the end of its tidy)')
  block.used = clock
  if (recording !== null && block.arena !== recording) {
    // A recording that goes on using it needs it where it stays.
    if (block.lent) block = settle(storage)
    recording.adopt(block)
  }
  if (block.ptr === 0) bringBack(block, storage)
  return block.ptr
}

/** A storage whose `bytes` bytes lie at `ptr` in a recording's block, until it is settled. */
export function lend(ptr: number, bytes: number): Storage {
  const block = new Block(bytes)
  block.ptr = ptr
  block.lent = true
  return born(block)
}

/** Memory of its own for a storage that was lent some. @throws OutOfMemoryError */
export function settle(storage: Storage): Block {
  const lent = storage.block as Block
  const own = new Block(lent.bytes)
  place(own)
  heap.u8.copyWithin(own.ptr, lent.ptr, lent.ptr + lent.bytes)
  own.used = lent.used
  own.kept = lent.kept
  freeBlock(lent)
  storage.block = own
  countStorages(1)
  if (!storage.owner) loosen(storage)
  return own
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
  uncountLoose(block)
}

export function pin(block: Block): void {
  block.pins++
}

export function unpin(block: Block): void {
  if (--block.pins === 0 && block.doomed) freeBlock(block)
}

/** What lies in memory now: storages, bytes in the linear memory and moved out of it, peaks and limits. */
export function memoryStats(): MemoryStats {
  return {
    storages,
    bytes: residentBytes,
    peakBytes,
    movedBytes,
    moves,
    returns,
    heapBytes: heap.bytes,
    limitBytes: heap.limit,
  }
}

/** Gives a block's memory back: to its recording if it belongs to one, and at the last unpinning if it is pinned. */
function freeBlock(block: Block): void {
  block.fresh = null
  uncountLoose(block)
  block.moved = null
  if (block.ptr === 0) return
  countStorages(-1)
  if (block.lent) {
    block.ptr = 0
    return
  }
  if (block.arena) {
    block.arena.give(block)
    return
  }
  if (block.pins > 0) {
    block.doomed = true
    countStorages(1)
    return
  }
  leave(block)
}

/** Takes a block of a recording out of its arena and frees it. */
export function freeArenaBlock(block: Block): void {
  block.arena = null
  leave(block)
}

function place(block: Block): void {
  if (block.bytes > 2 ** 32) throw tooLarge(block.bytes)
  if (isCrowded()) {
    relieve()
    thinNursery()
  }
  let ptr = allocate(block.cls)
  for (let turn = 0; ptr === 0 && turn < 2; turn++) {
    moveOut(turn ? Number.POSITIVE_INFINITY : Math.max(block.bytes, heap.bytes / 4), false)
    thinNursery()
    ptr = allocate(block.cls)
  }
  if (ptr === 0) throw tooLarge(block.bytes)
  enter(block, ptr)
}

function loosen(storage: Storage): void {
  const block = storage.block as Block
  if (block.ptr === 0) return // moved out: counted when it comes back
  block.fresh = storage
  countLoose(block)
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

function bringBack(block: Block, storage: Storage): void {
  const contents = (block.moved as Uint8Array).subarray(block.movedAt, block.movedAt + block.bytes)
  place(block)
  heap.u8.set(contents, block.ptr)
  block.moved = null
  countStorages(1)
  countReturn(block)
  if (!storage.owner) loosen(storage)
}

function tooLarge(bytes: number): OutOfMemoryError {
  const MiB = (n: number): string => `${(n / 2 ** 20).toFixed(1)} MiB`
  return new OutOfMemoryError(
    `${MiB(bytes)} do not fit: ${MiB(residentBytes)} are in use, the linear memory has ${MiB(heap.bytes)} and cannot grow. ` +
      'Free tensors with tidy() or dispose(), or work in smaller pieces.',
  )
}
