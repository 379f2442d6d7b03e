// Reads packed texts; pack.ts says how they are made. Not a module of kernels: it has a memory of its own, in which lie the
// model (chances, and from SEEN how often each was met), the values of characters (from DIGITS), then all that was read so
// far, the last module at its end, and at the very end of the memory the text. Compiled because it runs once, at the start
// of a program: as JavaScript it would be done before the engine had optimised it.
import { AGAIN, COPY, DIGITS, DISTANCE, EXPECTED, LENGTH, LITERAL, NUMBER, PLACE, SEEN, SIZE } from './layout'

let next: usize = 0
let range: u32 = 0
let code: u32 = 0

function digit(): void {
  code = (code << 6) | load<u8>(DIGITS + load<u8>(next++))
}

/** A chance is kept with its highest bit turned over: memory is 0 at first, and a half is where it begins. */
function bit(context: i32): i32 {
  const at = (<usize>context) << 1
  const p = <u32>load<u16>(at) ^ 32768
  const n = <u32>load<u8>(SEEN + context)
  if (n < 24) store<u8>(SEEN + context, n + 1)
  const bound = (range >>> 12) * (p >>> 4)
  const isOne = code < bound
  if (isOne) {
    range = bound
    store<u16>(at, (p + (65536 - p) / (n + 3)) ^ 32768)
  } else {
    code -= bound
    range -= bound
    store<u16>(at, (p - p / (n + 3)) ^ 32768)
  }
  for (; range < 1 << 24; range <<= 6) digit()
  return isOne ? 1 : 0
}

function tree(at: i32, bits: i32): i32 {
  let m = 1
  for (let k = 0; k < bits; k++) m = 2 * m + bit(at + m)
  return m - (1 << bits)
}

function number(at: i32): i32 {
  const bits = tree(at, 5)
  let m = 1
  for (let k = bits - 1; k >= 0; k--) m = 2 * m + bit(at + 32 + 32 * bits + (m < 4 ? m : 4 + k))
  return m - 1
}

/** Writes the module whose text lies at `text` to `at`, and returns where it ends. */
export function read(text: usize, at: usize): usize {
  next = text
  range = (1 << 30) - 1
  code = 0
  for (let i = 0; i < 5; i++) digit()
  const end = at + number(SIZE)
  // the last four distances
  let a = 1
  let b = 1
  let c = 1
  let d = 1
  let history = 0
  while (at < end) {
    const before = <i32>load<u8>(at - 1)
    if (bit(COPY + 2 * before + (history & 1))) {
      let distance = d
      let place = 3
      let length: i32
      if (bit(AGAIN + history)) {
        place = tree(PLACE, 2)
        length = number(LENGTH) + 1
        if (place < 3) distance = place > 1 ? c : place > 0 ? b : a
      } else {
        length = number(LENGTH + NUMBER) + 2
        distance = number(DISTANCE + NUMBER * min(length - 2, 2)) + 1
      }
      if (place > 2) d = c
      if (place > 1) c = b
      if (place > 0) b = a
      a = distance
      for (const stop = at + length; at < stop; at++) store<u8>(at, load<u8>(at - distance))
      history = (history << 1) | 1
    } else {
      let m = 1
      if (history & 1) {
        // the byte that would have followed what was copied is a hint until it misleads
        const expected = <i32>load<u8>(at - a) | 256
        for (let k = 7; k >= 0 && m == expected >> (k + 1); k--) {
          m = 2 * m + bit(EXPECTED + 512 * (before >> 5) + 256 * ((expected >> k) & 1) + m)
        }
      }
      const context = LITERAL + 256 * ((before & 240) | (<i32>load<u8>(at - 2) >> 4))
      while (m < 256) m = 2 * m + bit(context + m)
      store<u8>(at++, m)
      history <<= 1
    }
    history &= 7
  }
  return at
}
