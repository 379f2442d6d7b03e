// Reads kernel modules as they ship: packed text, written by assembly/packing/pack.ts, which says how.
import { instantiateSync } from '@assemblyscript/loader'
import { DIGITS, READ } from '@x/assembly/layout'
import { coreText } from '@x/assembly/tensor'
import { ALPHABET, code } from '@x/assembly/unpack'

interface Reader {
  readonly memory: WebAssembly.Memory
  /** Writes what the text at the first address holds to the second, and returns its end. */
  read(text: number, at: number): number
}

/** The reader's memory after each text: a model of what was read, and all of it, one module after the other. */
const done = new Map<string, Uint8Array<ArrayBuffer>>()
let reader: Reader | null = null

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
  bytes.set(state)
  for (let i = 0; i < 64; i++) bytes[DIGITS + ALPHABET.charCodeAt(i)] = i
  const at = bytes.length - text.length
  new TextEncoder().encodeInto(text, bytes.subarray(at))
  return bytes.slice(0, reader.read(at, state.length))
}

function newReader(): Reader {
  // gzip finds more in bytes as two digits than in base64
  const bytes = Uint8Array.from(code.match(/../g) as string[], (digits) => Number.parseInt(digits, 16))
  return instantiateSync(bytes).instance.exports as unknown as Reader
}
