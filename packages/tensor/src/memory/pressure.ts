// What happens when memory runs short: the least recently used blocks move to ordinary ArrayBuffers, which the garbage
// collector can reclaim. Their storages bring them back when they are used.
import { type Block, clock, leave, residents, stats } from './blocks.ts'
import { heap } from './heap.ts'

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
  stats.returns++
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
    moveOut(bytes / 2, blocks, true)
    warn(blocks)
  } else if (blocks > limitBlocks) moveOut(Number.POSITIVE_INFINITY, blocks / 2, true)
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

/** Small blocks share arrays of this size on their way out: one array each would cost more than their contents. */
const SLAB_BYTES = 4096

/** Moves the least recently used blocks out until so many bytes, or so many blocks, have gone. */
export function moveOut(bytes: number, blocks: number, looseOnly: boolean): void {
  let slab = new Uint8Array(0)
  let end = 0
  const movable: Block[] = []
  for (let b = residents.next as Block; b !== residents; b = b.next as Block) {
    if ((b.loose || !looseOnly) && b.pins === 0 && b.used !== clock && b.arena === null) movable.push(b)
  }
  for (const b of movable.sort((a, b) => a.used - b.used).slice(0, blocks)) {
    if (bytes <= 0) break
    bytes -= b.bytes
    const { u8 } = heap
    const { ptr } = b
    if (b.bytes > SLAB_BYTES / 8) {
      b.moved = u8.slice(ptr, ptr + b.bytes)
      b.at = 0
    } else {
      if (end + b.bytes > slab.length) {
        slab = new Uint8Array(SLAB_BYTES)
        end = 0
      }
      b.moved = slab
      b.at = end
      for (let i = 0; i < b.bytes; i++) slab[end++] = u8[ptr + i]
    }
    leave(b)
    // From here on the storage alone holds the block: the garbage collector reclaims both.
    b.fresh = null
    uncountLoose(b)
    stats.storages--
    stats.moves++
    stats.movedBytes += b.bytes
    lastBytes += b.bytes
    lastBlocks++
  }
}
