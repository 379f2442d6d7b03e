// PyTorch's .pt and .bin files of weights: an archive of one pickle and the bytes of the storages it refers to.
// Source: torch/serialization.py and torch/_weights_only_unpickler.py (the layout and the names that weights need).

import { fromBytes, toBytes } from '../create.ts'
import { type DType, ITEM_SIZE } from '../dtype.ts'
import { FormatError } from '../errors.ts'
import { keep } from '../memory/scope.ts'
import { checkOptions, wrongKind } from '../options.ts'
import { contiguousStrides } from '../shape.ts'
import { fromStrided } from '../strided.ts'
import { type Bits, elements, Tensor } from '../tensor.ts'
import type { SaveOptions } from './npy.ts'
import { type PickleClass, type PickleDict, unpickle } from './pickle.ts'
import { type Bytes, joined, open, type Reader, type ReadOptions, type Source } from './source.ts'
import { type Target, write } from './target.ts'
import { archive, readDirectory, readEntry, type ZipEntry } from './zip.ts'

/** What a file of weights holds. */
export type TorchValue =
  | Tensor
  | number
  | string
  | boolean
  | null
  | readonly TorchValue[]
  | { readonly [name: string]: TorchValue }

/** torch's class of a storage, and its dtype; torch's own names of dtypes are the second words. */
const STORAGES: Readonly<Record<string, DType>> = {
  FloatStorage: 'float32',
  DoubleStorage: 'float64',
  HalfStorage: 'float16',
  BFloat16Storage: 'bfloat16',
  LongStorage: 'int64',
  IntStorage: 'int32',
  ShortStorage: 'int16',
  CharStorage: 'int8',
  ByteStorage: 'uint8',
  BoolStorage: 'bool',
}
const DTYPE_NAMES = ['float32', 'float64', 'float16', 'bfloat16', 'int64', 'int32', 'int16', 'int8', 'uint8', 'bool']

/** Numbers in memory that several tensors may look at. */
interface TorchStorage {
  readonly key: string
  readonly dtype: DType
  readonly size: number
}

/** A tensor before its bytes are read. */
class Pending {
  readonly storage: TorchStorage
  readonly offset: number
  readonly shape: readonly number[]
  readonly strides: readonly number[]
  constructor(storage: TorchStorage, offset: number, shape: readonly number[], strides: readonly number[]) {
    this.storage = storage
    this.offset = offset
    this.shape = shape
    this.strides = strides
  }
}

/**
 * What `torch.save` wrote (PyTorch ≥ 1.6): for most files the tensors of a state dict under their names, else whatever
 * dictionaries, lists, numbers, texts and tensors it holds. As with `weights_only=True`, a file that names anything else
 * is refused; nothing in it is ever executed. The tensors are exempt from every tidy.
 * @throws FormatError naming the offset and the reason, TypeError for options that there are not
 * @example
 * import { ones } from '@x/tensor'
 * import { loadTorch, saveTorch } from '@x/tensor/files'
 * const { weight } = await loadTorch(await saveTorch({ weight: ones([2, 3]) }))
 * weight.shape // [2, 3]
 */
export async function loadTorch<T = Record<string, Tensor>>(source: Source, options: ReadOptions = {}): Promise<T> {
  const reader = await open('loadTorch', source, options, { anywhere: true })
  try {
    return (await readArchive(reader)) as T
  } finally {
    await reader.close()
  }
}

async function readArchive(reader: Reader): Promise<TorchValue> {
  const first = await reader.read(0, 2)
  if (first[0] === 0x80) throw new FormatError('torch: at byte 0: the file was saved before PyTorch 1.6; save it anew')
  const entries = await readDirectory(reader)
  const main = entries.find(({ name }) => /(^|\/)data\.pkl$/.test(name))
  if (!main) throw new FormatError('torch: at byte 0: the archive has no data.pkl: torch.save did not write it')
  const root = main.name.slice(0, -'data.pkl'.length)
  const order = entries.find(({ name }) => name === `${root}byteorder`)
  if (order && new TextDecoder().decode(await readEntry(reader, order)) !== 'little')
    throw new FormatError(`torch: at byte ${order.at}: the file was saved on a big-endian machine`)
  const value = unpickle(await readEntry(reader, main), { find, load: storageOf })
  const storages = new Map<string, Bytes>()
  for (const { storage } of pendingIn(value, new Set())) {
    if (!storages.has(storage.key)) storages.set(storage.key, await bytesOf(reader, entries, root, storage))
  }
  const made = new Map<Pending, Tensor>()
  try {
    return finished(value, (p) => {
      const x = made.get(p) ?? keep(tensorOf(p, storages.get(p.storage.key) as Bytes))
      made.set(p, x)
      return x
    })
  } catch (error) {
    for (const x of made.values()) x.dispose()
    throw error
  }
}

async function bytesOf(
  reader: Reader,
  entries: readonly ZipEntry[],
  root: string,
  storage: TorchStorage,
): Promise<Bytes> {
  const entry = entries.find(({ name }) => name === `${root}data/${storage.key}`)
  if (!entry) throw new FormatError(`torch: at byte 0: the archive lacks the storage data/${storage.key}`)
  const wanted = storage.size * ITEM_SIZE[storage.dtype]
  if (entry.size !== wanted)
    throw new FormatError(`torch: at byte ${entry.at}: data/${storage.key} has ${entry.size} bytes, not ${wanted}`)
  return readEntry(reader, entry)
}

function tensorOf({ storage, offset, shape, strides }: Pending, bytes: Bytes): Tensor {
  const whole = fromBytes(bytes, [storage.size], storage.dtype)
  const { view, start } = elements(whole)
  const data = view.slice(start, start + storage.size) as Bits
  whole.dispose()
  try {
    return fromStrided({ data, shape, strides, offset, dtype: storage.dtype })
  } catch (error) {
    throw new FormatError(`torch: at byte 0: a tensor does not lie in data/${storage.key}: ${(error as Error).message}`)
  }
}

const isCount = (n: unknown): n is number => Number.isSafeInteger(n) && (n as number) >= 0

function storageOf(id: unknown): TorchStorage {
  const [kind, type, key, , size] = Array.isArray(id) ? id : []
  const dtype = typeof type === 'function' ? STORAGES[(type as NamedClass).storage ?? ''] : undefined
  if (kind !== 'storage' || !dtype || typeof key !== 'string' || !isCount(size))
    throw new FormatError('torch: at byte 0: the pickle refers to something that is no storage of a known dtype')
  return { key, dtype, size }
}

type NamedClass = PickleClass & { storage?: string }

/** The classes and functions that a file of weights may name. */
function find(name: string): PickleClass | undefined {
  const storage = /^torch\.(\w+Storage)$/.exec(name)?.[1]
  if (storage !== undefined) {
    if (!(storage in STORAGES)) return undefined
    const named: NamedClass = () => null
    named.storage = storage
    return named
  }
  if (/^torch\.\w+$/.test(name) && DTYPE_NAMES.includes(name.slice(6))) return () => name.slice(6)
  return FUNCTIONS[name]
}

const FUNCTIONS: Readonly<Record<string, PickleClass>> = {
  'collections.OrderedDict': (entries) => new Map(Array.isArray(entries) ? (entries as [unknown, unknown][]) : []),
  'torch._utils._rebuild_tensor_v2': (storage, offset, shape, strides) => {
    const lists = [shape, strides]
    if (!isStorage(storage) || !isCount(offset) || !lists.every((l) => Array.isArray(l) && l.every(isCount)))
      throw new FormatError('torch: at byte 0: a tensor is described in another way than by its storage and strides')
    return new Pending(storage, offset, shape as number[], strides as number[])
  },
  'torch._utils._rebuild_parameter': (x) => x,
  'torch.Size': (sizes) => sizes,
  'torch.device': (name) => name,
}

const isStorage = (x: unknown): x is TorchStorage => typeof x === 'object' && x !== null && 'dtype' in x && 'key' in x

/** Every tensor of a value, however deep. */
function pendingIn(value: unknown, seen: Set<unknown>, depth = 0): Pending[] {
  checkDepth(depth)
  if (value instanceof Pending) return [value]
  if (typeof value !== 'object' || value === null || seen.has(value)) return []
  seen.add(value)
  const inner = value instanceof Map ? value.values() : Array.isArray(value) ? value : []
  return [...inner].flatMap((v) => pendingIn(v, seen, depth + 1))
}

function checkDepth(depth: number): void {
  if (depth > 100) throw new FormatError('torch: at byte 0: values lie in each other more than a hundred deep')
}

/** The value with its tensors made and its dictionaries as objects. */
function finished(value: unknown, make: (p: Pending) => Tensor, depth = 0): TorchValue {
  checkDepth(depth)
  if (value instanceof Pending) return make(value)
  if (value instanceof Map) {
    return Object.fromEntries(
      Array.from(value as PickleDict, ([name, v]): [string, TorchValue] => [
        String(name),
        finished(v, make, depth + 1),
      ]),
    )
  }
  if (Array.isArray(value)) return value.map((v) => finished(v, make, depth + 1))
  if (value === null || ['number', 'string', 'boolean'].includes(typeof value)) return value as TorchValue
  throw new FormatError('torch: at byte 0: the file holds something that is neither a tensor nor a plain value')
}

/**
 * Writes tensors by name, and whatever else a checkpoint holds, so that `torch.load` gives a dictionary of them; without
 * `to`, gives the bytes. Values may be tensors, numbers (whole ones become int, others float), texts, booleans, null, and
 * lists and objects of such.
 * @throws TypeError naming the place of another value; RangeError beyond 4 GiB, or for more than a hundred levels
 * @example
 * import { ones } from '@x/tensor'
 * import { saveTorch } from '@x/tensor/files'
 * const bytes = await saveTorch({ model: { weight: ones([2, 3]) }, epoch: 3 }) // or { to: 'checkpoint.pt' }
 */
export function saveTorch(values: Named, options: SaveOptions & { readonly to: Target }): Promise<undefined>
export function saveTorch(values: Named, options?: SaveOptions & { readonly to?: undefined }): Promise<Bytes>
export async function saveTorch(values: Named, options: SaveOptions = {}): Promise<Bytes | undefined> {
  checkOptions('saveTorch', options, ['to'])
  if (typeof values !== 'object' || values === null || Array.isArray(values) || values instanceof Tensor)
    throw wrongKind('saveTorch', 'values', values, 'dictionary of tensors by name')
  return write('saveTorch', archive(files(values), false), options.to)
}

type Named = { readonly [name: string]: TorchValue }

function* files(values: Named): Generator<readonly [string, Bytes]> {
  const tensors: Tensor[] = []
  yield ['archive/data.pkl', joined([Uint8Array.of(0x80, 2), pickled(values, tensors, []), utf8('.')])]
  yield ['archive/byteorder', utf8('little')]
  for (const [key, x] of tensors.entries()) yield [`archive/data/${key}`, toBytes(x)]
  yield ['archive/version', utf8('3\n')]
}

const STORAGE_OF = new Map(Object.entries(STORAGES).map(([name, dtype]) => [dtype, name]))

const utf8 = (s: string): Bytes => new TextEncoder().encode(s)

/** An opcode and its operand. */
function operation(opcode: number, length: number, put: (view: DataView) => void): Bytes {
  const bytes = new Uint8Array(1 + length)
  bytes[0] = opcode
  put(new DataView(bytes.buffer))
  return bytes
}

const int = (n: number): Bytes =>
  operation(0x8a, 9, (view) => {
    view.setUint8(1, 8)
    view.setBigInt64(2, BigInt(n), true)
  })

function string(s: string): Bytes {
  const bytes = utf8(s)
  return joined([operation(0x58, 4, (view) => view.setUint32(1, bytes.length, true)), bytes])
}

const tuple = (parts: readonly Uint8Array[]): Bytes => joined([utf8('('), ...parts, utf8('t')])

/** A value in protocol 2; its tensors, each with a storage of its own, are added to `tensors`. */
function pickled(value: TorchValue, tensors: Tensor[], path: readonly (string | number)[]): Bytes {
  if (path.length > 100) throw new RangeError('saveTorch: values lie in each other more than a hundred deep')
  if (value === null) return utf8('N')
  if (typeof value === 'string') return string(value)
  if (typeof value === 'boolean') return Uint8Array.of(value ? 0x88 : 0x89)
  if (typeof value === 'number') {
    return Number.isSafeInteger(value) && !Object.is(value, -0)
      ? int(value)
      : operation(0x47, 8, (view) => view.setFloat64(1, value))
  }
  if (value instanceof Tensor) return rebuilt(value, tensors.push(value) - 1)
  if (Array.isArray(value)) {
    return joined([utf8(']('), ...value.map((v, i) => pickled(v, tensors, [...path, i])), utf8('e')])
  }
  const prototype = typeof value === 'object' ? Object.getPrototypeOf(value) : value
  if (prototype !== Object.prototype && prototype !== null) {
    throw new TypeError(`saveTorch: ${path.join('.') || 'what is given'} is neither a tensor nor a plain value`)
  }
  const entries = Object.entries(value).flatMap(([name, v]) => [string(name), pickled(v, tensors, [...path, name])])
  return joined([utf8('}('), ...entries, utf8('u')])
}

/** A tensor whose bytes are file number `key`. */
function rebuilt(x: Tensor, key: number): Bytes {
  const kind = utf8(`ctorch\n${STORAGE_OF.get(x.dtype)}\n`)
  const storage = tuple([string('storage'), kind, string(String(key)), string('cpu'), int(x.size)])
  const strides = contiguousStrides(x.shape)
  const where = [storage, utf8('Q'), int(0), tuple(x.shape.map(int)), tuple(strides.map(int)), Uint8Array.of(0x89)]
  const hooks = utf8('ccollections\nOrderedDict\n)R')
  return joined([utf8('ctorch._utils\n_rebuild_tensor_v2\n'), tuple([...where, hooks]), utf8('R')])
}
