// Running cases: both precisions, values and gradients, errors that are due, and no storage left behind.

import { valueAndGrad, vjp } from '@x/autograd'
import {
  DisposedError,
  DTypeError,
  FormatError,
  InPlaceError,
  memoryStats,
  OutOfMemoryError,
  ShapeError,
  Tensor,
  tidy,
} from '@x/tensor'
import { agree, agreeExactly, agreeKind, isFloat, Mismatch, type Reference } from './compare.ts'
import { families } from './families/index.ts'
import { type Context, type Inputs, type Op, type Reading, readingAll, type Table } from './families/table.ts'
import { type Case, type Precision, type Recorded, readCase, toTensor, type VectorFile } from './read.ts'
import { viewed } from './views.ts'

/** What became of a case. */
export interface Outcome {
  readonly id: string
  readonly op: string
  /** Why it failed; null when it passed. */
  readonly failure: string | null
}

const PRECISIONS: readonly Precision[] = ['float64', 'float32']

/** Runs every case of a file; a file that cannot be read is one failed case. */
export async function runFile(file: VectorFile): Promise<Outcome[]> {
  if (file.problem !== undefined) return [{ id: file.path, op: '', failure: file.problem }]
  const outcomes: Outcome[] = []
  for (const [i, given] of file.cases.entries()) {
    const { id = `case ${i}`, op = '' } = (given ?? {}) as Partial<Case>
    outcomes.push({ id: String(id), op: String(op), failure: await failureOf(file, given) })
  }
  return outcomes
}

async function failureOf(file: VectorFile, given: unknown): Promise<string | null> {
  try {
    if (!Object.hasOwn(families, file.family)) return `unknown family '${file.family}'`
    const c = readCase(given, file.path)
    const table = families[file.family]
    const entry = Object.hasOwn(table, c.op) ? table[c.op] : undefined
    if (entry && 'read' in entry) await runReading(c, entry)
    else runCase(c, table)
    return null
  } catch (error) {
    return error instanceof Error ? `${error.name === 'Error' ? '' : `${error.name}: `}${error.message}` : String(error)
  }
}

/** @throws Error saying why the case fails */
export function runCase(c: Case, table: Table): void {
  const entry = Object.hasOwn(table, c.op) ? table[c.op] : undefined
  if (!entry || 'read' in entry) throw new Error(`unknown op '${c.op}'`)
  for (const precision of PRECISIONS) {
    const once = (): void => {
      tidy(() => {
        const isOp = typeof entry === 'function'
        if (c.throws !== undefined)
          runThrowing(c, () => (isOp ? runAlone(c, entry, precision) : entry.check(c, precision)))
        else if (isOp) runOp(c, entry, precision)
        else entry.check(c, precision)
      })
    }
    try {
      withoutLeak(once)
    } catch (error) {
      if (error instanceof Mismatch) throw new Mismatch(`${precision}: ${error.message}`)
      throw error
    }
  }
}

async function runReading(c: Case, { read }: Reading): Promise<void> {
  for (const precision of PRECISIONS) {
    for (let run = 0; run < RUNS; run++) {
      const before = memoryStats().storages
      await read(c, precision)
      if (!leaks(run, before)) break
    }
  }
}

/** Constants that the library keeps once made are no leak: only what grows with every run is. */
function withoutLeak(fn: () => void): void {
  for (let run = 0; run < RUNS; run++) {
    const before = memoryStats().storages
    fn()
    if (!leaks(run, before)) return
  }
}

/** How often something is run that leaves storages behind. */
const RUNS = 3

/** Whether there are more storages than before. @throws Mismatch after the last run */
function leaks(run: number, before: number): boolean {
  const left = memoryStats().storages - before
  if (left > 0 && run === RUNS - 1) throw new Mismatch(`${left} storages are left behind`)
  return left > 0
}

function runOp(c: Case, op: Op, precision: Precision): void {
  if (!c.outputs) throw new Error('nothing was recorded: the case has no outputs')
  const { outputs } = c
  const leaves = mapValues(c.inputs, (recorded) => toTensor(recorded, precision))
  const context: Context = { dtype: precision, outputs }
  const compute = (): readonly Tensor[] => listOf(applied(c, op, leaves, context))
  tidy(() => {
    const results = compute()
    if (results.length !== outputs.length) throw new Mismatch(`${results.length} outputs, not ${outputs.length}`)
    results.forEach((y, k) => {
      checkOutput(c, k, y, precision)
    })
  })
  checkGradients(c, leaves, compute, precision)
}

/** The op on its inputs, after their views. */
function applied(c: Case, op: Op, leaves: Inputs, context: Context): ReturnType<Op> {
  const inputs = mapValues(leaves, (x, name) => viewed(x, c.pre[name] ?? []))
  return readingAll(
    inputs,
    (given) => readingAll(c.args, (args) => op(given, args, context), ['note']),
    c.grad_unused ?? [],
  )
}

function checkOutput(c: Case, k: number, y: Tensor, precision: Precision): void {
  const recorded = (c.outputs as readonly Recorded[])[k]
  const recorded32 = c.outputs32?.[k] ?? null
  const what = `output ${k}`
  agreeKind(what, y, precision === 'float32' ? (recorded32 ?? recorded) : recorded, precisionOf(recorded32, precision))
  if (!isFloat(recorded)) {
    const other = c.outputs_f32path?.[k]
    if (!other || !agreesExactly(y, other)) agreeExactly(what, y, recorded)
    return
  }
  const exact = precision === 'float64' && recorded.dtype === 'f64'
  const deviation = c.err32?.out?.[k]
  const special = c.authoritative === 'f32' && !exact
  const skip = special ? (c.ignore?.[k] ?? []) : []
  agree(what, y, special ? { recorded: recorded32 ?? recorded, exact, skip } : { recorded, exact, deviation })
}

/** A result that torch has in float64 whatever its inputs are (a cast) is float64 here too. */
const precisionOf = (recorded32: Recorded | null, precision: Precision): Precision =>
  recorded32?.dtype === 'f64' ? 'float64' : precision

function agreesExactly(y: Tensor, recorded: Recorded): boolean {
  try {
    agreeExactly('', y, recorded)
    return true
  } catch {
    return false
  }
}

function checkGradients(c: Case, leaves: Inputs, compute: () => readonly Tensor[], precision: Precision): void {
  const upstream = (c.grad_outputs ?? []).flatMap((recorded, k) => (recorded ? [{ recorded, k }] : []))
  const wanted = c.grad_inputs ?? {}
  const names = [...Object.keys(wanted), ...(c.grad_unused ?? [])]
  if (upstream.length === 0 || names.length === 0) return
  tidy(() => {
    const given = upstream.map(({ recorded, k }) => ({ k, dy: toTensor(recorded, precision) }))
    const params = Object.fromEntries(names.map((name) => [name, leafOf(leaves, name)]))
    const grads = gradients(params, given, compute)
    for (const name of names) {
      const what = `the gradient of ${name}`
      if (grads[name].dtype !== params[name].dtype) throw new Mismatch(`${what} has dtype ${grads[name].dtype}`)
      if (Object.hasOwn(wanted, name)) agree(what, grads[name], gradientReference(c, name, precision))
      else if (grads[name].data().some((x) => x !== 0)) throw new Mismatch(`${what} is not zero`)
    }
  })
}

/** The gradients of Σₖ Σ yₖ·dyₖ. */
function gradients(
  params: Record<string, Tensor>,
  given: readonly { k: number; dy: Tensor }[],
  compute: () => readonly Tensor[],
): Record<string, Tensor> {
  const [{ k, dy }] = given
  if (given.length === 1) return vjp(() => compute()[k], params, dy).grads
  const total = (): Tensor => {
    const ys = compute()
    return given.map(({ k, dy }) => ys[k].mul(dy).sum()).reduce((a, b) => a.add(b))
  }
  return valueAndGrad(total, params).grads
}

function gradientReference(c: Case, name: string, precision: Precision): Reference {
  const recorded = c.grad_inputs?.[name] as Recorded
  const recorded32 = c.grad_inputs32?.[name]
  if (precision === 'float64') return { recorded, exact: true }
  if (c.authoritative === 'f32' && recorded32) return { recorded: recorded32, exact: false }
  return { recorded, exact: false, deviation: c.err32?.grad?.[name] }
}

function leafOf(leaves: Inputs, name: string): Tensor {
  if (!Object.hasOwn(leaves, name)) throw new Error(`a gradient was recorded for '${name}', which is no input`)
  return leaves[name]
}

/** Reads what the op makes, whatever it is. */
function runAlone(c: Case, op: Op, precision: Precision): void {
  const leaves = mapValues(c.inputs, (recorded) => toTensor(recorded, precision))
  for (const y of listOf(op(leaves, c.args, { dtype: precision, outputs: [] }))) y.data()
}

/** A case that torch rejects must be rejected with a typed error, one that it takes must not. */
function runThrowing(c: Case, run: () => void): void {
  let error: unknown
  try {
    tidy(run)
  } catch (thrown) {
    error = thrown
  }
  if (c.throws && error === undefined) throw new Mismatch('nothing was thrown')
  if (error !== undefined && !(c.throws && isTyped(error))) {
    throw new Mismatch(`${c.throws ? 'an untyped error was' : 'was'} thrown: ${error}`)
  }
}

const TYPED = [ShapeError, DTypeError, DisposedError, OutOfMemoryError, FormatError, InPlaceError]

/** The library's own RangeErrors name their op in front, which those of the engine do not. */
const isTyped = (error: unknown): boolean =>
  TYPED.some((type) => error instanceof type) || (error instanceof RangeError && /^\w+: /.test(error.message))

const listOf = (results: Tensor | readonly Tensor[]): readonly Tensor[] =>
  results instanceof Tensor ? [results] : results

function mapValues<T, R>(from: Readonly<Record<string, T>>, f: (value: T, name: string) => R): Record<string, R> {
  return Object.fromEntries(Object.entries(from).map(([name, value]) => [name, f(value, name)]))
}
