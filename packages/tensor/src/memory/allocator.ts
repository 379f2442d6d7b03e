// Places in the linear memory: size classes with free lists, 64-byte alignment, coalescing when space runs short.
import { HEAP_BASE, heap } from './heap.ts'

interface Range {
  start: number
  end: number
}

const SMALL = 1024
/**
 * Larger places are this much longer than their class says, so that neighbours do not begin at the same place in their
 * pages of 4 KiB: processors then take reading one for waiting on what was written to the other, which costs up to a fifth.
 */
const STAGGER = 640
const freeLists: number[][] = []
let ranges: Range[] = []
let top = HEAP_BASE

/**
 * The size class of a request: multiples of 64 up to 1 KiB, then eight classes to every power of two,
 * so that at most an eighth is wasted.
 */
export function classOf(bytes: number): number {
  if (bytes <= SMALL) return (bytes + 63) >> 6 || 1
  const e = 28 - Math.clz32(bytes - 1)
  return e * 8 + Math.ceil(bytes / 2 ** e)
}

/** Bytes that a class takes. */
function classBytes(cls: number): number {
  if (cls <= SMALL >> 6) return cls << 6
  const e = (cls - 9) >> 3
  return (cls - e * 8) * 2 ** e + (e < 11 ? 0 : STAGGER)
}

/** The address of a free place of class `cls`, or 0 when the memory is full and cannot grow. */
export function allocate(cls: number): number {
  const reuse = freeLists[cls]?.pop()
  if (reuse !== undefined) return reuse
  const bytes = classBytes(cls)
  let ptr = carve(bytes)
  if (ptr === 0 && top + bytes > heap.bytes) {
    // Before the memory grows: freed neighbours may make room.
    coalesce()
    ptr = carve(bytes)
  }
  if (ptr !== 0 || (top + bytes > heap.bytes && !heap.growTo(top + bytes))) return ptr
  top += bytes
  return top - bytes
}

export function release(ptr: number, cls: number): void {
  freeLists[cls] ??= []
  freeLists[cls].push(ptr)
}

/** Takes the front of the smallest coalesced range that fits. */
function carve(bytes: number): number {
  let best: Range | null = null
  for (const r of ranges) {
    const room = r.end - r.start
    if (room >= bytes && (!best || room < best.end - best.start)) best = r
  }
  if (!best) return 0
  const ptr = best.start
  best.start += bytes
  if (best.start === best.end) ranges.splice(ranges.indexOf(best), 1)
  return ptr
}

/** Merges everything free into ranges; what touches the top goes back to it. */
function coalesce(): void {
  freeLists.forEach((list, cls) => {
    for (const start of list) ranges.push({ start, end: start + classBytes(cls) })
  })
  freeLists.length = 0
  const free = ranges.sort((a, b) => a.start - b.start)
  ranges = []
  for (const r of free) {
    const last = ranges.at(-1)
    if (last?.end === r.start) last.end = r.end
    else ranges.push(r)
  }
  if (ranges.at(-1)?.end === top) top = (ranges.pop() as Range).start
}
