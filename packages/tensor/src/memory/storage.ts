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
import { Block, clock, enter, leave, type Recording, stats } from './blocks.ts'
import { heap } from './heap.ts'
import { countLoose, countReturn, isCrowded, moveOut, relieve, uncountLoose } from './pressure.ts'

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

/** The scope that owns what is born now; null outside every tidy. */
let scope: Owner | null = null
let holders = 0
/** The recording that is being made: kernel calls and allocations go to it, and every outside block that is touched. */
export let recording: Recording | null = null
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

/** Runs `fn`, whose storages belong to `owner`; to nobody if that is null. */
export function ownedBy<T>(owner: Owner | null, fn: () => T): T {
  const outer = scope
  scope = owner
  try {
    return fn()
  } finally {
    scope = outer
  }
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

/** Runs `fn` and writes down what it does. */
export function recordedBy<T>(by: Recording, fn: () => T): T {
  recording = by
  try {
    return fn()
  } finally {
    recording = null
  }
}

/**
 * Memory for `bytes` bytes, contents undefined, owned by the current tidy.
 * `lasting` storages (constants, state of optimisers) stay outside a recording's own memory.
 * @throws OutOfMemoryError
 */
export function newStorage(bytes: number, lasting = false): Storage {
  if (!Number.isSafeInteger(bytes)) throw new ShapeError(`a tensor of ${bytes} bytes cannot be made`)
  let block = lasting ? undefined : recording?.free[classOf(bytes)]?.pop()
  if (!block) {
    block = new Block(bytes)
    place(block)
    if (recording && !lasting) {
      block.arena = recording
      recording.own.push(block)
    } else adopt(block)
  }
  return born(block)
}

/** A recording that goes on using the block needs it where it is. */
function adopt(block: Block): void {
  if (!recording || block.arena === recording || recording.outside.has(block)) return
  recording.outside.add(block)
  block.pins++
}

function born(block: Block): Storage {
  block.used = clock
  const storage = new Storage(block, scope)
  stats.storages++
  if (scope) scope.born.push(storage)
  else loosen(storage)
  return storage
}

/** The address of the storage's bytes, brought back first if they were moved out. @throws DisposedError */
export function addressOf(storage: Storage): number {
  let block = storage.block
  if (!block) throw new DisposedError('the tensor was disposed (by dispose, using, or the end of its tidy)')
  block.used = clock
  if (recording !== null) {
    if (block.lent) block = settle(storage)
    adopt(block)
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
  stats.storages++
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

/** What lies in memory now: storages, bytes in the linear memory and moved out of it, peaks and limits. */
export function memoryStats(): MemoryStats {
  return { ...stats, heapBytes: heap.bytes, limitBytes: heap.limit }
}

/** Gives a block's memory back: to its recording if it belongs to one, and at the last unpinning if it is pinned. */
function freeBlock(block: Block): void {
  block.fresh = null
  uncountLoose(block)
  block.moved = null
  if (block.ptr === 0) return
  block.doomed = block.pins > 0 && !block.arena
  if (block.doomed) return
  stats.storages--
  if (block.lent) block.ptr = 0
  else if (block.arena) {
    const { free } = block.arena
    free[block.cls] ??= []
    free[block.cls].push(block)
  } else leave(block)
}

/** Gives back what a recording has, and lets go of what it holds. */
export function freeRecording({ steps, own, free, outside }: Recording): void {
  for (const block of outside) if (--block.pins === 0 && block.doomed) freeBlock(block)
  for (const block of own) {
    block.arena = null
    leave(block)
  }
  outside.clear()
  steps.length = own.length = free.length = 0
}

function place(block: Block): void {
  if (block.bytes > 2 ** 32) throw tooLarge(block.bytes)
  if (isCrowded()) {
    relieve()
    thinNursery()
  }
  let ptr = allocate(block.cls)
  for (let turn = 0; ptr === 0 && turn < 2; turn++) {
    moveOut(turn ? Number.POSITIVE_INFINITY : Math.max(block.bytes, heap.bytes / 4), Number.POSITIVE_INFINITY, false)
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
  const contents = (block.moved as Uint8Array).subarray(block.at, block.at + block.bytes)
  place(block)
  heap.u8.set(contents, block.ptr)
  block.moved = null
  stats.storages++
  countReturn(block)
  if (!storage.owner) loosen(storage)
}

function tooLarge(bytes: number): OutOfMemoryError {
  const MiB = (n: number): string => `${(n / 2 ** 20).toFixed(1)} MiB`
  return new OutOfMemoryError(
    `${MiB(bytes)} do not fit: ${MiB(stats.bytes)} are in use, the linear memory has ${MiB(heap.bytes)} and cannot grow. ` +
      'Free tensors with tidy() or dispose(), or work in smaller pieces.',
  )
}
