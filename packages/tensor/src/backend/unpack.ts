// Reads kernel modules as they ship: packed text, written by assembly/packing/pack.ts, which says how.
import { instantiateSync } from '@assemblyscript/loader'
import { DIGITS, READ } from '@x/assembly/layout'
import { coreText } from '@x/assembly/tensor'
import { ALPHABET, code } from '@x/assembly/unpack'

interface Reader {
  readonly memory: WebAssembly.Memory
  /** Writes what the text at an address holds behind what it read last, or what ends at `past`, and returns its end. */
  read(text: number, past: number): number
}

/** The reader's memory after each text: a model of what was read, and all of it, one module after the other. */
const done = new Map<string, Uint8Array<ArrayBuffer>>()
let reader: Reader | null = null
/** What its memory holds. */
let present: Uint8Array<ArrayBuffer> | null = null

/** The module whose text is the last of `texts`; each continues the one before, the first of them the core. */
export function unpack(texts: readonly string[]): Uint8Array<ArrayBuffer> {
  let state = new Uint8Array(READ)
  let start = READ
  for (const text of [coreText, ...texts]) {
    start = state.length
    const next = done.get(text) ?? readOn(state, text)
    done.set(text, next)
    state = next
  }
  return state.subarray(start)
}

function readOn(state: Uint8Array, text: string): Uint8Array<ArrayBuffer> {
  reader ??= newReader()
  const bytes = new Uint8Array(reader.memory.buffer)
  const past = state === present ? 0 : state.length
  if (past) bytes.set(state)
  for (let i = 0; i < 64; i++) bytes[DIGITS + ALPHABET.charCodeAt(i)] = i
  const at = bytes.length - text.length
  new TextEncoder().encodeInto(text, bytes.subarray(at))
  present = bytes.slice(0, reader.read(at, past))
  return present
}

function newReader(): Reader {
  // gzip finds more in bytes as two digits, here letters, than in base64
  const digits = new Uint16Array(code.length / 2)
  new TextEncoder().encodeInto(code, new Uint8Array(digits.buffer))
  const bytes = new Uint8Array(digits.map((two) => 16 * two + ((two >> 8) & 15)))
  return instantiateSync(bytes).instance.exports as unknown as Reader
}
