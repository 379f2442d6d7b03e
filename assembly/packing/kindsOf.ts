// The kind of each byte of a module. It follows from the bytes before alone, so that a reader knows it as well: put in
// unpack.ts, which repeats this. A parser that loses its way only makes a text longer.
import {
  ALIGN,
  BLOCK,
  BODY,
  CALLED,
  EXTENT,
  FLOAT,
  FOLLOWING,
  INDEX,
  LIST,
  MANY,
  NAME,
  NAMED,
  OFFSET,
  OPCODE,
  OTHER,
  SECTION,
  VECTOR,
} from './kinds.ts'

export function kindsOf(module: Uint8Array): Uint8Array {
  const kinds = new Uint8Array(module.length)
  let kind = SECTION
  /** The kinds that follow as far as they are known, five bits each, the first the lowest. */
  let following = 0
  /** Until where all are of one kind. */
  let until = 0
  /** Where the section ends. */
  let section = 0
  /** How many blocks are open. */
  let depth = 0
  const next = (byte: number, at: number): void => {
    if (at < until) return
    const base = kind & 15
    if (byte > 127 && kind > 0 && base <= EXTENT) {
      kind |= 16
      return
    }
    if (kind <= VECTOR) {
      if (byte < 94) following = FOLLOWING.charCodeAt(byte + 94 * kind) - 48
      else following = byte > 251 ? 254 - byte : 0
      if (byte === 11 && kind === OPCODE && --depth < 0) following = BODY
    } else if (kind === ALIGN) following = (following << 5) | OFFSET
    else if (kind === BLOCK) depth++
    else if (base === BODY) {
      depth = 0
      following = MANY
    } else if (kind === MANY) {
      until = at + (depth ? byte + 1 : byte << 1)
      if (at < until) following = LIST
    } else if (kind === NAMED) {
      until = at + byte
      following = NAME
    } else if (kind === NAME) following = INDEX | (CALLED << 5) | (NAMED << 10)
    else if (kind === SECTION) {
      following = EXTENT | (byte === 10 ? (INDEX << 5) | (BODY << 10) : byte === 7 ? (INDEX << 5) | (NAMED << 10) : 0)
      if (!byte) {
        until = section = at + 7
        following = OTHER
      }
    } else if (base === EXTENT) {
      let extent = byte
      for (let i = at - 2; module[i] > 127; i--) extent = (extent << 7) | (module[i] & 127)
      section = at + extent
      if (!following) {
        until = section
        following = OTHER
      }
    }
    kind = at === section ? SECTION : following & 31
    following >>= 5
    if (kind >= FLOAT && kind < LIST) until = at + (4 << (kind - FLOAT))
  }
  module.forEach((byte, at) => {
    kinds[at] = kind
    next(byte, at + 1)
  })
  return kinds
}
