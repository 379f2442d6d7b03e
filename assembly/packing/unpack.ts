// Reads packed texts; pack.ts says how they are made. Not a module of kernels: it has a memory of its own, in which lie the
// model (chances, and from SEEN how often each was met), the values of characters (from DIGITS), all that was read so far,
// the last module at its end, the places of each kind of bytes (from PLACES), and at the very end of the memory the text.
// Compiled because it runs once, at the start of a program: as JavaScript it would be done before the engine had optimised it.

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
} from './kinds'
import {
  AGAIN,
  COPY,
  DIGITS,
  DISTANCE,
  EXPECTED,
  LENGTH,
  LITERAL,
  NUMBER,
  PLACE,
  PLACES,
  READ,
  SEEN,
  SIZE,
  USED,
} from './layout'

let next: usize = 0
let range: u32 = 0
let code: u32 = 0

/** Where the next byte goes, and its kind. */
let at: usize = 0
export let kind = SECTION
/** The kinds that follow as far as they are known, five bits each, the first the lowest. */
let following = 0
/** Until where all are of one kind. */
let until: usize = 0
/** Where the section ends. */
let section: usize = 0
/** How many blocks are open. */
let depth = 0

function digit(): void {
  code = (code << 6) | load<u8>(DIGITS + load<u8>(next++))
}

/** A chance is kept with its highest bit turned over: memory is 0 at first, and a half is where it begins. */
function bit(context: i32): i32 {
  const place = (<usize>context) << 1
  const p = <i32>load<u16>(place) ^ 32768
  const n = <i32>load<u8>(SEEN + context)
  if (n < 18) store<u8>(SEEN + context, n + 1)
  const bound = (range >>> 12) * (<u32>p >>> 4)
  const value = i32(code < bound)
  if (value) range = bound
  else {
    code -= bound
    range -= bound
  }
  store<u16>(place, (p + ((value << 16) - p) / (n + 3)) ^ 32768)
  for (; range < 1 << 24; range <<= 6) digit()
  return value
}

function number(context: i32): i32 {
  let bits = 1
  while (bits < 32) bits = 2 * bits + bit(context + bits)
  let m = 1
  for (let k = bits - 33; k >= 0; k--) m = 2 * m + bit(context + 32 * (bits - 31) + (m < 4 ? m : 4 + k))
  return m - 1
}

/**
 * Writes a byte, notes that one of its kind stands here, and tells the kind of the next: by a parser of Wasm, for which the
 * bytes before are enough. One that loses its way only makes a text longer. The writer calls it too (see kindsOf.ts).
 */
export function put(byte: i32): void {
  const was = kind
  const used = load<u32>(was << 2, USED) + 4
  store<u32>(was << 2, used, USED)
  store<u32>((was << 15) | (used & 32767), at, PLACES)
  store<u8>(at++, byte)
  if (at < until) return
  const base = was & 15
  if (byte > 127 && was && base <= EXTENT) {
    kind = was | 16
    return
  }
  if (was <= VECTOR) {
    if (byte < 94) following = load<u16>(changetype<usize>(FOLLOWING) + ((byte + 94 * was) << 1)) - 48
    else following = byte > 251 ? 254 - byte : 0
    if (byte == 11 && was == OPCODE && --depth < 0) following = BODY
  } else if (was == ALIGN) following = (following << 5) | OFFSET
  else if (was == BLOCK) depth++
  else if (base > OFFSET) {
    if (base == BODY) {
      depth = 0
      following = MANY
    } else if (was == MANY) {
      until = at + <usize>(depth ? byte + 1 : byte << 1)
      if (at < until) following = LIST
    } else if (was == NAMED) {
      until = at + byte
      following = NAME
    } else if (was == NAME) following = INDEX | (CALLED << 5) | (NAMED << 10)
    else if (was == SECTION) {
      following = EXTENT | (byte == 10 ? (INDEX << 5) | (BODY << 10) : byte == 7 ? (INDEX << 5) | (NAMED << 10) : 0)
      if (!byte) {
        until = section = at + 7
        following = OTHER
      }
    } else if (base == EXTENT) {
      let extent = byte
      for (let i = at - 2; load<u8>(i) > 127; i--) extent = (extent << 7) | (load<u8>(i) & 127)
      section = at + extent
      if (!following) {
        until = section
        following = OTHER
      }
    }
  }
  const next = following & 31
  kind = at == section ? SECTION : next
  following >>= 5
  if (next >= FLOAT && next < LIST) until = at + (4 << (next - FLOAT))
}

/**
 * Writes the module whose text lies at `text` behind what was read before, and returns where it ends. What was read before
 * is what it read last, or ends at `past`.
 */
export function read(text: usize, past: usize): usize {
  if (past) {
    memory.fill(USED, 0, 128)
    kind = SECTION
    until = 0
    for (at = READ; at < past; ) put(load<u8>(at))
  }
  next = text
  range = (1 << 30) - 1
  code = 0
  for (let i = 0; i < 5; i++) digit()
  const end = at + number(SIZE)
  // the last two distances
  let a = 1
  let b = 1
  let history = 0
  while (at < end) {
    if (bit(COPY + 4 * kind + (history & 3))) {
      let distance = a
      let length: i32
      let isOther = 1
      if (bit(AGAIN + history)) {
        isOther = bit(PLACE)
        if (isOther) distance = b
        length = number(LENGTH) + 1
      } else {
        length = number(LENGTH + NUMBER) + 2
        const used = load<u32>(kind << 2, USED) - 4 * number(DISTANCE + NUMBER * min(length - 2, 2))
        distance = <i32>at - load<u32>((kind << 15) | (used & 32767), PLACES)
      }
      if (isOther) b = a
      a = distance
      for (const stop = at + length; at < stop; ) put(load<u8>(at - distance))
      history = (history << 1) | 1
    } else {
      let m = 1
      if (history & 1) {
        // the byte that would have followed what was copied is a hint until it misleads
        const expected = <i32>load<u8>(at - a) | 256
        for (let k = 7; k >= 0 && m == expected >> (k + 1); k--) {
          m = 2 * m + bit(EXPECTED + 512 * kind + 256 * ((expected >> k) & 1) + m)
        }
      }
      while (m < 256) m = 2 * m + bit(LITERAL + 256 * kind + m)
      put(m & 255)
      history <<= 1
    }
    history &= 7
  }
  return at
}
