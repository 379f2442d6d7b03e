// Python's pickle, as far as files of weights go: plain values, and the few classes their reader knows by name.
// Source: CPython, Lib/pickletools.py (the opcodes and what they do to the stack).
import { FormatError } from '../errors.ts'

/** What a name in the file stands for: called with the arguments that the file gives. */
export type PickleClass = (...args: unknown[]) => unknown

export interface Unpickling {
  /** The class or function of this name, or undefined for one that a file may not name. */
  find(name: string): PickleClass | undefined
  /** What stands outside of the pickle under this id. */
  load(id: unknown): unknown
}

/** A dictionary as it lies in the file, keys in order. */
export type PickleDict = Map<unknown, unknown>

const MARK = Symbol('mark')

/**
 * The value of a pickle. Nothing is executed: names are looked up by `find` alone.
 * @throws FormatError naming the offset and the reason
 */
export function unpickle(bytes: Uint8Array, { find, load }: Unpickling): unknown {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const text = new TextDecoder()
  const stack: unknown[] = []
  const memo: unknown[] = []
  let at = 0
  const bad = (reason: string): FormatError => new FormatError(`pickle: at byte ${at}: ${reason}`)

  const take = (count: number): number => {
    if (count < 0 || at + count > bytes.length) throw bad(`${count} bytes do not fit in ${bytes.length}`)
    at += count
    return at - count
  }
  const pop = (): unknown => {
    if (stack.length === 0 || stack.at(-1) === MARK) throw bad('the stack is empty')
    return stack.pop()
  }
  const top = (): unknown => {
    const value = stack.at(-1)
    if (value === undefined || value === MARK) throw bad('the stack is empty')
    return value
  }
  const popToMark = (): unknown[] => {
    const mark = stack.lastIndexOf(MARK)
    if (mark < 0) throw bad('there is no mark')
    const values = stack.splice(mark)
    values.shift()
    return values
  }
  const string = (count: number): string => text.decode(bytes.subarray(take(count), at))
  const line = (): string => {
    const end = bytes.indexOf(10, at)
    if (end < 0) throw bad('a line does not end')
    const value = text.decode(bytes.subarray(at, end))
    at = end + 1
    return value
  }
  const global = (module: unknown, name: unknown): PickleClass => {
    const found = find(`${module}.${name}`)
    if (!found) throw bad(`the file names ${module}.${name}, which no file of weights needs`)
    return found
  }
  const call = (fn: unknown, args: unknown): unknown => {
    if (typeof fn !== 'function' || !Array.isArray(args)) throw bad('a call of something that is no class')
    return fn(...args)
  }
  const into = (entries: readonly unknown[]): void => {
    const dict = top()
    if (!(dict instanceof Map) || entries.length % 2 !== 0) throw bad('entries of something that is no dictionary')
    for (let i = 0; i < entries.length; i += 2) dict.set(entries[i], entries[i + 1])
  }
  const onto = (values: readonly unknown[]): void => {
    const list = top()
    if (!Array.isArray(list)) throw bad('elements of something that is no list')
    for (const value of values) list.push(value)
  }
  const recall = (index: number): void => {
    if (!(index in memo)) throw bad(`nothing was remembered as ${index}`)
    stack.push(memo[index])
  }
  const long = (count: number): number => {
    let value = 0n
    const start = take(count)
    for (let i = count - 1; i >= 0; i--) value = (value << 8n) | BigInt(bytes[start + i])
    if (count > 0 && bytes[start + count - 1] >= 128) value -= 1n << BigInt(8 * count)
    return Number(value)
  }

  const steps: Readonly<Record<number, () => void>> = {
    128: () => take(1), // PROTO
    149: () => take(8), // FRAME
    40: () => stack.push(MARK),
    48: () => pop(),
    49: () => popToMark(),
    50: () => stack.push(top()),
    78: () => stack.push(null),
    136: () => stack.push(true),
    137: () => stack.push(false),
    74: () => stack.push(view.getInt32(take(4), true)),
    75: () => stack.push(bytes[take(1)]),
    77: () => stack.push(view.getUint16(take(2), true)),
    138: () => stack.push(long(bytes[take(1)])),
    139: () => stack.push(long(view.getUint32(take(4), true))),
    71: () => stack.push(view.getFloat64(take(8))),
    88: () => stack.push(string(view.getUint32(take(4), true))),
    140: () => stack.push(string(bytes[take(1)])),
    85: () => stack.push(string(bytes[take(1)])),
    84: () => stack.push(string(view.getInt32(take(4), true))),
    67: () => stack.push(bytes.slice(take(bytes[take(1)]), at)),
    66: () => stack.push(bytes.slice(take(view.getUint32(take(4), true)), at)),
    125: () => stack.push(new Map()),
    93: () => stack.push([]),
    41: () => stack.push([]),
    143: () => stack.push([]), // EMPTY_SET
    116: () => stack.push(popToMark()),
    108: () => stack.push(popToMark()),
    100: () => {
      const entries = popToMark()
      stack.push(new Map())
      into(entries)
    },
    133: () => stack.push([pop()]),
    134: () => stack.push([pop(), pop()].reverse()),
    135: () => stack.push([pop(), pop(), pop()].reverse()),
    97: () => onto([pop()]),
    101: () => onto(popToMark()),
    144: () => onto(popToMark()),
    115: () => into([pop(), pop()].reverse()),
    117: () => into(popToMark()),
    113: () => void (memo[bytes[take(1)]] = top()),
    114: () => void (memo[view.getUint32(take(4), true)] = top()),
    148: () => void memo.push(top()),
    104: () => recall(bytes[take(1)]),
    106: () => recall(view.getUint32(take(4), true)),
    99: () => stack.push(global(line(), line())),
    147: () => {
      const name = pop()
      stack.push(global(pop(), name))
    },
    82: () => {
      const args = pop()
      stack.push(call(pop(), args))
    },
    129: () => {
      const args = pop()
      stack.push(call(pop(), args))
    },
    98: () => void pop(), // BUILD: attributes of an object, of which weights have none that matter
    81: () => stack.push(load(pop())),
  }
  for (;;) {
    const code = bytes[take(1)]
    if (code === 0x2e) return pop()
    const step = steps[code]
    if (!step) throw bad(`there is no opcode 0x${code.toString(16)} in files of weights`)
    step()
  }
}
