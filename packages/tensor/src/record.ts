// An op is one record; apply() is the one place where records become tensors and listeners hear of it.
import { COMPUTED_IN, COMPUTING, type DType, dtypeOfNumber, ITEM_SIZE, isFloating, prevail } from './dtype.ts'
import { DisposedError } from './errors.ts'
import { tick } from './memory/blocks.ts'
import { freeStorage, hold, keepStorage, newStorage, ownedBy, type Storage } from './memory/storage.ts'
import { wrongKind } from './options.ts'
import { type Shape, show, sizeOf } from './shape.ts'
import { Tensor, write } from './tensor.ts'

/** A tensor or a number; a number takes the dtype of the tensors it meets. */
export type TensorLike = Tensor | number

/** A strided window on an input's storage. */
export interface View {
  readonly shape: Shape
  readonly strides: Shape
  readonly offset: number
}

/** What a gradient formula sees: inputs and further results under their names, the result `y`, its gradient `dy`. */
export type GradientContext = Readonly<Record<string, Tensor>>

/** The gradient with respect to one input. Broadcasting and casting are undone centrally. */
export type Gradient<P> = (context: GradientContext, p: P) => Tensor

/** Everything about an op. */
export interface OpRecord<P = unknown> {
  readonly name: string
  /** Names of the tensor inputs, in order. */
  readonly inputs: readonly string[]
  /** Dtype that the inputs are cast to before anything else: see the rules below. Default: each is taken as it is. */
  readonly cast?: (inputs: readonly Tensor[], p: P) => DType
  /**
   * Dtypes that the kernels take as they are. Inputs of others are cast to what they compute in (COMPUTED_IN in
   * dtype.ts), and the result back. Default: the five that compute; for views, and without `launch`, all.
   */
  readonly native?: readonly DType[]
  /** Dtype of the result; default that of the first input. */
  readonly dtype?: (inputs: readonly Tensor[], p: P) => DType
  /** Shape of the result. Validates: throws ShapeError, DTypeError, RangeError. */
  readonly shape: (inputs: readonly Tensor[], p: P) => Shape
  /** Further results beside `y`, which gradients may use (indices of a maximum, a mask). */
  readonly extra?: (inputs: readonly Tensor[], p: P) => readonly { name: string; dtype: DType; shape: Shape }[]
  /** Changes the first input in place, and is announced before it does: whoever needs it as it is throws. */
  readonly writes?: true
  /** Computes: calls `run` with kernels. Absent for views. */
  readonly launch?: (inputs: readonly Tensor[], y: Tensor, p: P, extra: readonly Tensor[]) => void
  /** For ops that only look at the memory in another way; null falls back to `launch`. */
  readonly view?: (inputs: readonly Tensor[], p: P) => View | null
  /** What several gradient formulas need, computed once and added to their context. */
  readonly prepare?: (context: GradientContext, p: P) => Readonly<Record<string, Tensor>>
  /** Multiplications with an addition that one application takes, for those whose cost they are: products, convolutions. */
  readonly multiplies?: (inputs: readonly Tensor[], y: Tensor, p: P) => number
  /** One formula per differentiable input, written with ops; null for ops without a derivative. */
  readonly grad: Readonly<Record<string, Gradient<P>>> | null
}

/** One application of an op, as listeners see it. */
export interface Application {
  readonly op: OpRecord<never>
  readonly inputs: readonly Tensor[]
  readonly y: Tensor
  readonly p: unknown
  readonly extra: readonly Tensor[]
}

export type Listener = (application: Application) => void

/** Every op that has been defined, by name. */
export const ops: Map<string, OpRecord<never>> = new Map()

const listeners: Listener[] = []
const NOTHING: readonly Tensor[] = []

/**
 * Tells `listener` of every op applied while `fn` runs. Listeners nest; the innermost does not hide the others.
 * @param holds whether the listener goes on using the tensors it hears of: no tidy inside `fn` frees any then
 */
export function listen<T>(listener: Listener, fn: () => T, { holds = false }: { holds?: boolean } = {}): T {
  listeners.push(listener)
  if (holds) hold(1)
  try {
    return fn()
  } finally {
    if (holds) hold(-1)
    listeners.pop()
  }
}

/** Whether anyone listens. */
export const isHeard = (): boolean => listeners.length > 0

/** Runs `fn` without telling any listener. Nobody holds what they do not hear of: a tidy inside frees it. */
export function unheard<T>(fn: () => T): T {
  const all = listeners.splice(0)
  const holders = hold(0)
  hold(-holders)
  try {
    return fn()
  } finally {
    hold(holders)
    listeners.push(...all)
  }
}

/** Carries out one application of an op. */
export type Performer = (op: OpRecord<never>, inputs: readonly Tensor[], p: unknown) => Application
let performer: Performer = compute as Performer

/** Has `next` carry out applications from now on, also unheard ones. Returns who did before, for it to call. */
export function setPerformer(next: Performer): Performer {
  const before = performer
  performer = next
  return before
}

/** Applies one op. */
export type OpFunction<P> = (inputs: readonly TensorLike[], p: P) => Tensor

/** Registers an op whose further results are wanted too; `apply` applies it. */
export function defineRecord<P>(record: OpRecord<P>): OpRecord<P> {
  if (ops.has(record.name)) throw new Error(`defineOp: there is an op '${record.name}' already`)
  ops.set(record.name, record)
  return record
}

/** Registers an op; the result applies it. */
export function defineOp<P>(record: OpRecord<P>): OpFunction<P> {
  defineRecord(record)
  return (inputs, p) => apply(record, inputs, p).y
}

/** `f` with a name that minifying leaves as it is: methods are installed by it. */
export const named = <F extends object>(name: string, f: F): F => Object.defineProperty(f, 'name', { value: name })

/** Applies an op: checks, allocates, launches, tells the listeners. */
export function apply<P>(op: OpRecord<P>, given: readonly TensorLike[], p: P): Application {
  const inputs = given.length === 0 ? NOTHING : op.cast ? promoted(op, given, p) : taken(op, given)
  if (!op.view) {
    const { native = COMPUTING } = op
    for (let i = 0; i < inputs.length; i++) {
      const { dtype } = inputs[i]
      if (dtype !== 'float32' && !native.includes(dtype)) return computedElsewhere(op, inputs, native, p)
    }
  }
  return perform(op, inputs, p)
}

function perform<P>(op: OpRecord<P>, inputs: readonly Tensor[], p: P): Application {
  const application = performer(op as OpRecord<never>, inputs, p)
  if (listeners.length > 0) announce(application)
  return application
}

function compute<P>(op: OpRecord<P>, inputs: readonly Tensor[], p: P): Application {
  tick()
  const shape = op.shape(inputs, p)
  const dtype = op.dtype ? op.dtype(inputs, p) : inputs[0].dtype
  const view = op.view ? op.view(inputs, p) : null
  let y: Tensor
  let extra = NOTHING
  if (view) y = new Tensor(inputs[0].storage, dtype, view.shape, view.strides, view.offset)
  else {
    y = empty(shape, dtype)
    const mark = temporaries.length
    try {
      if (op.extra) {
        const made: Tensor[] = []
        extra = made
        for (const e of op.extra(inputs, p)) made.push(empty(e.shape, e.dtype))
      }
      op.launch?.(inputs, y, p, extra)
    } catch (error) {
      y.dispose()
      for (const e of extra) e.dispose()
      throw error
    } finally {
      while (temporaries.length > mark) freeStorage(temporaries.pop() as Storage)
    }
  }
  return { op, inputs, y, p, extra }
}

/** Applies an op to inputs whose dtypes its kernels lack: in the dtypes that stand for them, and the result cast back. */
function computedElsewhere<P>(op: OpRecord<P>, inputs: readonly Tensor[], native: readonly DType[], p: P): Application {
  const wanted = op.dtype ? op.dtype(inputs, p) : inputs[0].dtype
  const given = inputs.map((x) => (native.includes(x.dtype) ? x : x.cast(COMPUTED_IN[x.dtype])))
  const application = perform(op, given, p)
  const y = application.y.cast(wanted)
  if (listeners.length === 0) {
    for (const x of [...given, application.y]) if (x !== y && !inputs.includes(x)) x.dispose()
  }
  return { ...application, y }
}

/** Tells every listener of an application; for those who make one by other means than `apply`. */
export function announce(application: Application): void {
  for (let i = 0; i < listeners.length; i++) listeners[i](application)
}

/** A tensor with undefined contents. */
export function empty(shape: Shape, dtype: DType, lasting = false): Tensor {
  return new Tensor(newStorage(sizeOf(shape) * ITEM_SIZE[dtype], lasting), dtype, shape)
}

const temporaries: Storage[] = []

/** A tensor with undefined contents that lives until the op being launched is done. */
export function temporary(shape: Shape, dtype: DType): Tensor {
  const t = empty(shape, dtype)
  temporaries.push(t.storage)
  return t
}

/** The inputs as tensors that are there; numbers become scalars. */
function taken<P>(op: OpRecord<P>, given: readonly TensorLike[]): readonly Tensor[] {
  let numbers = false
  for (let i = 0; i < given.length; i++) {
    const x = given[i]
    if (typeof x === 'number') numbers = true
    else if (!(x instanceof Tensor))
      throw wrongKind(op.name, op.inputs[i], x, 'tensor or number; make a tensor with tensor(…)')
    else if (x.isDisposed)
      throw new DisposedError(
        `${op.name}: ${op.inputs[i]} ${show(x.shape)} was disposed (by dispose, using, or the end of its tidy); ` +
          'keep() it, or return it from the tidy',
      )
  }
  if (!numbers) return given as readonly Tensor[]
  const partner = given.find((v) => v instanceof Tensor)
  return given.map((v) => (typeof v === 'number' ? scalar(v, dtypeFor(v, partner)) : v))
}

/** Inputs cast to the op's common dtype; a number becomes a scalar of the dtype its partners have. */
function promoted<P>(op: OpRecord<P>, given: readonly TensorLike[], p: P): readonly Tensor[] {
  const inputs = taken(op, given)
  const dtype = (op.cast as NonNullable<OpRecord<P>['cast']>)(inputs, p)
  for (let i = 0; i < inputs.length; i++) {
    if (inputs[i].dtype !== dtype) return inputs.map((x) => x.cast(dtype))
  }
  return inputs
}

/** The dtype that a bare number takes: that of its partner, made floating if the number has a fraction. */
export function dtypeFor(value: number, partner: Tensor | undefined): DType {
  if (!partner) return 'float32'
  return isFloating(partner.dtype) ? partner.dtype : (prevail(partner.dtype, dtypeOfNumber(value)) as DType)
}

/** Constants worth keeping; beyond that many, a number is made anew in the current tidy. */
const MOST_SCALARS = 512
const scalars: Partial<Record<DType, Map<number | string, Tensor>>> = {}

/** A 0-dimensional constant; the first few hundred numbers are made once and kept. */
export function scalar(value: number, dtype: DType): Tensor {
  scalars[dtype] ??= new Map()
  const known = scalars[dtype]
  // Maps take −0 for 0.
  const key = Object.is(value, -0) ? '-0' : value
  const cached = known.get(key)
  if (cached) return cached
  const make = (): Tensor => empty([], dtype, true)
  const isKept = known.size < MOST_SCALARS
  const made = isKept ? lasting(make) : make()
  write(made, 0, value)
  if (isKept) {
    keepStorage(made.storage)
    known.set(key, made)
  }
  return made
}

/** Runs `make` outside of every tidy. */
export const lasting = <T>(make: () => T): T => ownedBy(null, make)

/** @throws TypeError unless `x` is a tensor */
export function requireTensor(op: string, name: string, x: unknown): void {
  if (!(x instanceof Tensor)) throw wrongKind(op, name, x, 'tensor; make a tensor with tensor(…)')
}
