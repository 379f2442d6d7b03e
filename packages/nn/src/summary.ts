// What a model consists of, layer by layer, for an input of a given shape.
import { type DType, type Shape, Tensor, tidy, zeros } from '@x/tensor'
import { checkOptions, listen, type OpRecord, show } from '@x/tensor/op'
import { requireModule } from './fit/checks.ts'
import type { Module } from './module.ts'
import { refuse } from './refuse.ts'

/** One layer: a module that computes by itself, in the order in which they run. */
export interface LayerSummary {
  /** Path in the model; '' for the model itself. */
  readonly path: string
  /** Class of the module. */
  readonly kind: string
  /** Shape of its first input. */
  readonly input: Shape
  /** Shape of its output. */
  readonly output: Shape
  /** Numbers in its parameters, counted at its first use; in `shared` at later ones. */
  readonly parameters: number
  /** Multiplications (each with an addition) in products and convolutions. */
  readonly multiplies: number
}

/** What a model is made of and what it costs. */
export interface Summary {
  /** In the order in which they ran. */
  readonly layers: readonly LayerSummary[]
  /** Shape of the output. */
  readonly output: Shape
  /** Numbers in all parameters. */
  readonly parameters: number
  /** Those without the ones of frozen modules. */
  readonly trainable: number
  /** Numbers in the buffers. */
  readonly buffers: number
  /** Multiplications of all layers. */
  readonly multiplies: number
  /** A table. */
  toString(): string
}

/** Options of `summary`. */
export interface SummaryOptions {
  /** Dtype of the input: int32 for models that begin with an embedding. Default float32. */
  dtype?: DType
}

/**
 * Runs the model once in evaluation mode on zeros of `shape` and tells what every layer made of it. Layers are the
 * modules that have parameters of their own or no modules inside.
 * @param shape of the input, the batch included, or an input
 * @throws what the layers throw for a wrong shape, TypeError for what is no model, no shape
 * @example
 * import { Conv2d, Flatten, Linear, ReLU, Sequential } from '@x/nn'
 * import { summary } from '@x/nn/training'
 * const model = new Sequential(new Conv2d(3, 10, 3), new ReLU(), new Flatten(), new Linear(13690, 2))
 * summary(model, [1, 3, 39, 39]).layers[0].parameters // 280
 */
export function summary(model: Module<unknown>, shape: Shape | Tensor, options: SummaryOptions = {}): Summary {
  requireModule('summary', model)
  if (!Array.isArray(shape) && !(shape instanceof Tensor)) throw refuse('summary: shape', shape, 'a shape or an input')
  checkOptions('summary', options, ['dtype'])
  const layers: LayerSummary[] = []
  const wasTraining = Object.values(model.modules()).filter((m) => m.training)
  const unwatch = watch(model, layers)
  model.eval()
  try {
    const output = tidy(() => {
      const x = shape instanceof Tensor ? shape : zeros(shape, { dtype: options.dtype ?? 'float32' })
      return shapeOf(model.forward(x))
    })
    return new Table(model, layers, output)
  } finally {
    unwatch()
    for (const m of wasTraining) m.training = true
  }
}

/** The module that runs at the moment, innermost last. */
interface Open {
  multiplies: number
}

/** Has every layer's `forward` write down what it does; the result puts things back. */
function watch(model: Module<unknown>, layers: LayerSummary[]): () => void {
  const seen = new Set<Tensor>()
  const open: Open[] = []
  const watched: Module<unknown>[] = []
  for (const [path, m] of Object.entries(model.modules())) {
    if (!isLayer(m) || Object.hasOwn(m, 'forward')) continue
    watched.push(m)
    const forward = m.forward.bind(m) as (...inputs: unknown[]) => unknown
    m.forward = ((...inputs: unknown[]) => {
      const own: Open = { multiplies: 0 }
      open.push(own)
      const at = layers.length
      const counted = (): unknown => forward(...inputs)
      const y = open.length > 1 ? counted() : listen(({ op, inputs, y, p }) => count(open, op, inputs, y, p), counted)
      open.pop()
      layers.splice(at, 0, {
        path,
        kind: m.constructor.name,
        input: shapeOf(inputs[0]),
        output: shapeOf(y),
        parameters: newNumbers(m, seen),
        multiplies: own.multiplies,
      })
      return y
    }) as typeof m.forward
  }
  return () => {
    for (const m of watched) Reflect.deleteProperty(m, 'forward')
  }
}

function count(open: Open[], op: OpRecord<never>, inputs: readonly Tensor[], y: Tensor, p: unknown): void {
  const innermost = open.at(-1)
  if (innermost && op.multiplies) innermost.multiplies += op.multiplies(inputs, y, p as never)
}

/** Tensors in the fields of the module itself. */
const ownTensors = (m: Module<unknown>): Tensor[] =>
  Object.values(m).filter((v) => v instanceof Tensor && v.role === 'parameter') as Tensor[]

const isLayer = (m: Module<unknown>): boolean => ownTensors(m).length > 0 || Object.keys(m.children()).length === 0

/** Numbers in the module's own parameters that no layer before it has. */
function newNumbers(m: Module<unknown>, seen: Set<Tensor>): number {
  const fresh = ownTensors(m).filter((x) => !seen.has(x))
  for (const x of fresh) seen.add(x)
  return sizesOf(fresh)
}

const sizesOf = (tensors: readonly Tensor[]): number => tensors.reduce((sum, x) => sum + x.size, 0)

/** Of several results the first counts. */
function shapeOf(value: unknown): Shape {
  if (value instanceof Tensor) return value.shape
  return Array.isArray(value) ? shapeOf(value[0]) : []
}

class Table implements Summary {
  readonly layers: readonly LayerSummary[]
  readonly output: Shape
  readonly parameters: number
  readonly trainable: number
  readonly buffers: number
  readonly multiplies: number

  constructor(model: Module<unknown>, layers: readonly LayerSummary[], output: Shape) {
    const all = new Set(Object.values(model.stateDict()))
    const named = new Set(Object.values(model.namedBuffers()))
    this.layers = layers
    this.output = output
    this.parameters = sizesOf([...all].filter((x) => !named.has(x)))
    this.trainable = sizesOf(model.parameters())
    this.buffers = sizesOf([...named])
    this.multiplies = layers.reduce((sum, layer) => sum + layer.multiplies, 0)
  }

  toString(): string {
    const number = (n: number): string => n.toLocaleString('en-US')
    const rows = [
      ['layer', 'kind', 'output', 'parameters', 'multiplies'],
      ...this.layers.map((l) => [l.path, l.kind, show(l.output), number(l.parameters), number(l.multiplies)]),
      ['all', '', show(this.output), number(this.parameters), number(this.multiplies)],
    ]
    const widths = rows[0].map((_, c) => Math.max(...rows.map((row) => row[c].length)))
    const lines = rows.map((row) =>
      row.map((cell, c) => (c < 3 ? cell.padEnd(widths[c]) : cell.padStart(widths[c]))).join('  '),
    )
    return [...lines, `trainable ${number(this.trainable)}, buffers ${number(this.buffers)}`].join('\n')
  }
}
