// What happens when memory runs short: the least recently used blocks move to ordinary ArrayBuffers, which the garbage
// collector can reclaim. Their storages bring them back when they are used.
import { type Block, clock, countStorages, leave, residents } from './blocks.ts'
import { heap } from './heap.ts'

/** What has been moved: how often, how many bytes in all, and how often it came back. */
export let moves = 0
export let movedBytes = 0
export let returns = 0

/** What nobody tidies, and how much of it may lie in the linear memory. */
let looseBytes = 0
let looseBlocks = 0
let limitBytes = 256 * 2 ** 20
let limitBlocks = 8192
/** Since the last relief: what it moved, and how much of that came back. */
let lastBytes = 0
let lastBlocks = 0
let backBytes = 0
let backBlocks = 0
let isWarned = false

const MOST_LOOSE_BYTES = 3 * 2 ** 30
const MOST_LOOSE_BLOCKS = 2 ** 20

/**
 * Sets how many bytes of tensors that nobody tidies may lie in the linear memory before the least recently used move
 * to ordinary ArrayBuffers. Default 256 MiB; grows by itself while moved tensors keep being used.
 * @throws RangeError unless it is a number above 0
 */
export function setMemoryLimit(bytes: number): void {
  if (!(bytes > 0)) throw new RangeError(`setMemoryLimit: ${bytes} is not a positive number of bytes`)
  limitBytes = bytes
}

/** Counts a block among those that nobody tidies. */
export function countLoose(block: Block): void {
  if (block.loose || block.kept) return
  block.loose = true
  looseBytes += block.bytes
  looseBlocks++
}

export function uncountLoose(block: Block): void {
  if (!block.loose) return
  block.loose = false
  looseBytes -= block.bytes
  looseBlocks--
}

/** Counts a block that was moved and is back. */
export function countReturn(block: Block): void {
  returns++
  backBytes += block.bytes
  backBlocks++
}

/** Whether there is more that nobody tidies than may be. */
export const isCrowded = (): boolean => looseBytes > limitBytes || looseBlocks > limitBlocks

/** Too much that nobody tidies: moves the older half out, or raises the limits if what moves out keeps coming back. */
export function relieve(): void {
  const [bytes, blocks] = [looseBytes, looseBlocks]
  if (backBytes * 2 > lastBytes && limitBytes < MOST_LOOSE_BYTES)
    limitBytes = Math.min(MOST_LOOSE_BYTES, limitBytes * 2)
  if (backBlocks * 2 > lastBlocks && limitBlocks < MOST_LOOSE_BLOCKS) limitBlocks *= 2
  lastBytes = lastBlocks = backBytes = backBlocks = 0
  if (bytes > limitBytes) {
    moveOut(bytes / 2, true)
    warn(blocks)
  } else if (blocks > limitBlocks) moveOutOldest(blocks / 2)
  // What cannot move now (all of it in use, or pinned) is not looked at again until there is clearly more.
  if (looseBytes > limitBytes) limitBytes = looseBytes * 1.25
  if (looseBlocks > limitBlocks) limitBlocks = looseBlocks * 1.25
}

function warn(blocks: number): void {
  if (isWarned) return
  isWarned = true
  globalThis.console?.warn(
    `@x/tensor: ${blocks} tensors are held outside of any tidy(); the least recently used now move to ordinary ` +
      'ArrayBuffers, which is slower. Wrap the work in tidy(() => …).',
  )
}

/** Blocks that may move, the least recently used first. */
function movableBlocks(looseOnly: boolean): Block[] {
  const candidates: Block[] = []
  for (let b = residents.next as Block; b !== residents; b = b.next as Block) {
    if ((b.loose || !looseOnly) && b.pins === 0 && b.used !== clock && b.arena === null) candidates.push(b)
  }
  return candidates.sort((a, b) => a.used - b.used)
}

/** Moves the least recently used blocks out until `bytes` have gone. */
export function moveOut(bytes: number, looseOnly: boolean): void {
  let gone = 0
  for (const b of movableBlocks(looseOnly)) {
    if (gone >= bytes) break
    gone += b.bytes
    evict(b, heap.u8.slice(b.ptr, b.ptr + b.bytes), 0)
  }
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
}

/** Takes a block out of the linear memory; `contents` from `at` on holds what was there. */
function evict(b: Block, contents: Uint8Array, at: number): void {
  b.moved = contents
  b.movedAt = at
  leave(b)
  // From here on the storage alone holds the block: the garbage collector reclaims both.
  b.fresh = null
  uncountLoose(b)
  countStorages(-1)
  moves++
  movedBytes += b.bytes
  lastBytes += b.bytes
  lastBlocks++
}
