// A trie over UTF-16: which entries does a text begin with at some place? Children are found in one hash table.

/** Texts with a number each. */
export class Trie {
  /** Three numbers per slot: the node, the code unit, the child; −1 each where it is free. */
  #slots: Int32Array = new Int32Array(1024 * 4).fill(-1)
  #edges = 0
  /** The number of the entry that ends in each node; −1 for none. */
  readonly #values: number[] = [-1]

  set(text: string, value: number): void {
    let node = 0
    for (let i = 0; i < text.length; i++) {
      const unit = text.charCodeAt(i)
      const child = this.childOf(node, unit)
      node = child >= 0 ? child : this.#addChild(node, unit)
    }
    this.#values[node] = value
  }

  /** The node behind another; the root is 0. −1 when no entry goes on like this. */
  childOf(node: number, unit: number): number {
    return this.#slots[this.#slotOf(node, unit) + 2]
  }

  /** The number of the entry that ends in a node; −1 for none. */
  valueOf(node: number): number {
    return this.#values[node]
  }

  #addChild(node: number, unit: number): number {
    if (this.#edges * 8 >= this.#slots.length) this.#grow()
    const child = this.#values.push(-1) - 1
    this.#put(node, unit, child)
    this.#edges++
    return child
  }

  #put(node: number, unit: number, child: number): void {
    const slot = this.#slotOf(node, unit)
    this.#slots[slot] = node
    this.#slots[slot + 1] = unit
    this.#slots[slot + 2] = child
  }

  #slotOf(node: number, unit: number): number {
    const slots = this.#slots
    const mask = slots.length - 1
    const hash = Math.imul(node, 0x9e3779b1) ^ Math.imul(unit, 0x85ebca6b)
    let slot = ((hash ^ (hash >>> 15)) << 2) & mask
    while (slots[slot] >= 0 && (slots[slot] !== node || slots[slot + 1] !== unit)) slot = (slot + 4) & mask
    return slot
  }

  #grow(): void {
    const before = this.#slots
    this.#slots = new Int32Array(before.length * 4).fill(-1)
    for (let slot = 0; slot < before.length; slot += 4) {
      if (before[slot] >= 0) this.#put(before[slot], before[slot + 1], before[slot + 2])
    }
  }
}
