// What a computation spends its time and memory on, op by op.
import { ITEM_SIZE } from './dtype.ts'
import { memoryStats } from './memory/storage.ts'
import { checkOptions } from './options.ts'
import { type Application, setPerformer } from './record.ts'
import { show } from './shape.ts'
import type { Tensor } from './tensor.ts'

/** What one op, or one op on inputs of certain shapes, took. */
export interface OpProfile {
  /** Name of the op, with `shapes` followed by those of its inputs. */
  readonly op: string
  readonly calls: number
  /** Milliseconds in all, from the op's shape rule to its last kernel. */
  readonly ms: number
  /** Bytes of the results made; views make none. */
  readonly bytes: number
}

/** What a function took. As a string it is a table. */
export interface Profile<T> {
  readonly result: T
  /** The most expensive first. */
  readonly ops: readonly OpProfile[]
  readonly total: {
    readonly calls: number
    /** Milliseconds from begin to end. */
    readonly ms: number
    /** Milliseconds of the ops; the rest is JavaScript between them, and replays of compiled functions. */
    readonly opsMs: number
    readonly bytes: number
    /** The most bytes of tensors in the linear memory when an op had ended. */
    readonly peakBytes: number
  }
  toString(): string
}

export interface ProfileOptions {
  /** Whether calls on inputs of other shapes are counted apart. Default false. */
  readonly shapes?: boolean
}

/**
 * Runs `fn` and tells how often each op ran, how long that took and how many bytes it made, gradients included. What is
 * nested (casts of inputs, say) counts for itself alone. An asynchronous `fn` gives a promise; what else runs meanwhile
 * counts too. Pages see time in steps of 5 µs to 100 µs.
 * @throws RangeError for an option that there is not
 * @example
 * import { randn } from '@x/tensor'
 * import { profile } from '@x/tensor/profile'
 * const x = randn([256, 256])
 * const { result, ops, total } = profile(() => x.matmul(x).softmax())
 * console.log(String(profile(() => x.matmul(x).softmax(), { shapes: true }))) // a table
 */
export function profile<T>(fn: () => Promise<T>, options?: ProfileOptions): Promise<Profile<T>>
export function profile<T>(fn: () => T, options?: ProfileOptions): Profile<T>
export function profile<T>(fn: () => T, options: ProfileOptions = {}): Profile<T> | Promise<Profile<T>> {
  checkOptions('profile', options, ['shapes'])
  const rows = new Map<string, { -readonly [K in keyof OpProfile]: OpProfile[K] }>()
  let peakBytes = memoryStats().bytes
  const outer = setPerformer((op, inputs, p) => {
    const began = performance.now()
    const application = outer(op, inputs, p)
    const ms = performance.now() - began
    const key = options.shapes ? `${op.name} ${inputs.map((x) => show(x.shape)).join(' ')}` : op.name
    const row = rows.get(key) ?? { op: key, calls: 0, ms: 0, bytes: 0 }
    rows.set(key, row)
    row.calls++
    row.ms += ms
    row.bytes += madeBytes(application)
    peakBytes = Math.max(peakBytes, memoryStats().bytes)
    return application
  })
  const began = performance.now()
  const finish = (result: T): Profile<T> => {
    const ms = performance.now() - began
    const ops = [...rows.values()].sort((a, b) => b.ms - a.ms)
    const sum = (of: (row: OpProfile) => number): number => ops.reduce((n, row) => n + of(row), 0)
    const [calls, opsMs, bytes] = [sum((row) => row.calls), sum((row) => row.ms), sum((row) => row.bytes)]
    const total = { calls, ms, opsMs, bytes, peakBytes }
    return { result, ops, total, toString: () => table(ops, total) }
  }
  let isPending = false
  try {
    const result = fn()
    if (!(result instanceof Promise)) return finish(result)
    isPending = true
    return result.then(finish).finally(() => setPerformer(outer))
  } finally {
    if (!isPending) setPerformer(outer)
  }
}

function madeBytes({ inputs, y, extra }: Application): number {
  const isView = inputs.some((x) => x.storage === y.storage)
  const bytes = (x: Tensor): number => x.size * ITEM_SIZE[x.dtype]
  return extra.reduce((n, x) => n + bytes(x), isView ? 0 : bytes(y))
}

function table(ops: readonly OpProfile[], { calls, ms, opsMs, bytes, peakBytes }: Profile<unknown>['total']): string {
  const share = (part: number): string => (ms > 0 ? `${((100 * part) / ms).toFixed(1)} %` : '')
  const line = (name: string, row: Omit<OpProfile, 'op'>): string[] => [
    name,
    String(row.calls),
    row.ms.toFixed(3),
    share(row.ms),
    row.calls > 0 ? ((1000 * row.ms) / row.calls).toFixed(2) : '',
    size(row.bytes),
  ]
  const rest = Math.max(0, ms - opsMs)
  const lines = [
    ['op', 'calls', 'ms', 'share', 'µs a call', 'made'],
    ...ops.map((row) => line(row.op, row)),
    ['between the ops', '', rest.toFixed(3), share(rest), '', ''],
    ['total', String(calls), ms.toFixed(3), '', '', size(bytes)],
  ]
  const widths = lines[0].map((_, i) => Math.max(...lines.map((cells) => cells[i].length)))
  const text = lines.map((cells) =>
    cells.map((c, i) => (i === 0 ? c.padEnd(widths[i]) : c.padStart(widths[i]))).join('  '),
  )
  return `${text.map((t) => t.trimEnd()).join('\n')}\nat most ${size(peakBytes)} of tensors at once`
}

function size(bytes: number): string {
  const steps = bytes < 1 ? 0 : Math.min(3, Math.floor(Math.log2(bytes) / 10))
  return `${(bytes / 2 ** (10 * steps)).toFixed(steps === 0 ? 0 : 1)} ${['B', 'KiB', 'MiB', 'GiB'][steps]}`
}
