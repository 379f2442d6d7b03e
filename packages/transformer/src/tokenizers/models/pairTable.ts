// Pairs of neighbouring tokens that merge into one, found in a few nanoseconds; and the merging itself.

/** Pairs (a, b), each with its rank and the token that it becomes. The lowest rank merges first. */
export class PairTable {
  /** Four numbers per slot: a, b, rank, merged; −1 each where it is free. At most half of the slots are taken. */
  #slots: Int32Array = new Int32Array(1024 * 4).fill(-1)
  #size = 0

  get size(): number {
    return this.#size
  }

  /** Later entries replace earlier ones of the same pair. */
  set(a: number, b: number, { rank, merged }: { readonly rank: number; readonly merged: number }): void {
    if (this.#size * 8 >= this.#slots.length) this.#grow()
    const slot = this.#slotOf(a, b)
    if (this.#slots[slot] < 0) this.#size++
    this.#slots[slot] = a
    this.#slots[slot + 1] = b
    this.#slots[slot + 2] = rank
    this.#slots[slot + 3] = merged
  }

  /** The rank of a pair; −1 when it does not merge. */
  rankOf(a: number, b: number): number {
    return this.#slots[this.#slotOf(a, b) + 2]
  }

  /** What a pair becomes; −1 when it does not merge. */
  mergedOf(a: number, b: number): number {
    return this.#slots[this.#slotOf(a, b) + 3]
  }

  /** All pairs, in the order of their ranks. */
  entries(): { a: number; b: number; rank: number; merged: number }[] {
    const slots = this.#slots
    const found = []
    for (let slot = 0; slot < slots.length; slot += 4) {
      if (slots[slot] < 0) continue
      found.push({ a: slots[slot], b: slots[slot + 1], rank: slots[slot + 2], merged: slots[slot + 3] })
    }
    return found.sort((x, y) => x.rank - y.rank || x.a - y.a || x.b - y.b)
  }

  /** The place of a pair, or of the free slot where it would stand. */
  #slotOf(a: number, b: number): number {
    const slots = this.#slots
    const mask = slots.length - 1
    const hash = Math.imul(a, 0x9e3779b1) ^ Math.imul(b, 0x85ebca6b)
    let slot = ((hash ^ (hash >>> 15)) << 2) & mask
    while (slots[slot] >= 0 && (slots[slot] !== a || slots[slot + 1] !== b)) slot = (slot + 4) & mask
    return slot
  }

  #grow(): void {
    const before = this.#slots
    this.#slots = new Int32Array(before.length * 4).fill(-1)
    for (let from = 0; from < before.length; from += 4) {
      if (before[from] < 0) continue
      const slot = this.#slotOf(before[from], before[from + 1])
      for (let i = 0; i < 4; i++) this.#slots[slot + i] = before[from + i]
    }
  }
}

/** Ranks and places in one number, so that one comparison orders both. */
const PLACES = 2 ** 32

/**
 * Merges symbols as long as a pair of neighbours is in the table: the lowest rank first, of equal ones the leftmost.
 * Merged symbols stand in the place of their first part; `next` tells the place of the one behind each, and −1 is the end.
 * @returns the places of what is left
 */
export function mergePairs(symbols: number[], table: PairTable): number[] {
  const n = symbols.length
  const next = Array.from({ length: n }, (_, i) => (i + 1 < n ? i + 1 : -1))
  const previous = Array.from({ length: n }, (_, i) => i - 1)
  const queue = new Queue()
  const offer = (place: number): void => {
    if (place < 0 || next[place] < 0) return
    const rank = table.rankOf(symbols[place], symbols[next[place]])
    if (rank >= 0) queue.push(rank * PLACES + place)
  }
  for (let i = 0; i < n - 1; i++) offer(i)
  while (queue.size > 0) {
    const key = queue.pop()
    const place = key % PLACES
    const right = next[place]
    // Either part may have been merged since this was offered.
    if (symbols[place] < 0 || right < 0) continue
    if (table.rankOf(symbols[place], symbols[right]) !== Math.floor(key / PLACES)) continue
    symbols[place] = table.mergedOf(symbols[place], symbols[right])
    symbols[right] = -1
    next[place] = next[right]
    if (next[right] >= 0) previous[next[right]] = place
    offer(previous[place])
    offer(place)
  }
  const places: number[] = []
  for (let place = n > 0 ? 0 : -1; place >= 0; place = next[place]) places.push(place)
  return places
}

/** A heap of numbers, the least on top. */
class Queue {
  readonly #heap: number[] = []

  get size(): number {
    return this.#heap.length
  }

  push(key: number): void {
    const heap = this.#heap
    let at = heap.push(key) - 1
    while (at > 0) {
      const parent = (at - 1) >> 1
      if (heap[parent] <= key) break
      heap[at] = heap[parent]
      at = parent
    }
    heap[at] = key
  }

  pop(): number {
    const heap = this.#heap
    const top = heap[0]
    const last = heap.pop() as number
    const size = heap.length
    if (size === 0) return top
    let at = 0
    for (;;) {
      let child = at * 2 + 1
      if (child >= size) break
      if (child + 1 < size && heap[child + 1] < heap[child]) child++
      if (heap[child] >= last) break
      heap[at] = heap[child]
      at = child
    }
    heap[at] = last
    return top
  }
}
