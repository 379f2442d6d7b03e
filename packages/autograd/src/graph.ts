// The computation as a drawing: what was computed from what, with values and gradients.
import { ones, type Shape, type Tensor, tidy } from '@x/tensor'
import { type Application, checkOptions, isFloating, listen, requireFunction, show } from '@x/tensor/op'
import { short } from './draw.ts'
import { floatingValue } from './grad.ts'
import { type BackwardOptions, Tape } from './tape.ts'
import { mapTree } from './tree.ts'

/** A number, or the elements in row-major order; null where there are more than asked for, or there is none. */
export type Drawn = number | readonly number[] | null

/** An input, an op or the output of a `Graph`. */
export interface GraphNode {
  /** Unique, fit for Mermaid and DOT: n0, n1, … in the order of computation. */
  readonly id: string
  /** `input` for what `fn` was given, `constant` for what it brought along, `op`, and at last the `output`. */
  readonly kind: 'input' | 'constant' | 'op' | 'output'
  /** The input's name, the constant's value or shape, the op's name. */
  readonly label: string
  /** The name that `fn` gave the value, if it did. */
  readonly name: string | null
  /** Of the value. */
  readonly shape: Shape
  /** Of the value. */
  readonly dtype: string
  /** The value, where it has few enough elements. */
  readonly value: Drawn
  /** The gradient of the output with respect to this value; null where none flows. */
  readonly gradient: Drawn
}

/** A value on its way from one node of a `Graph` to another. */
export interface GraphEdge {
  /** Id of the node that made the value. */
  readonly from: string
  /** Id of the node that uses it. */
  readonly to: string
  /** The op's name for this input. */
  readonly input: string
  /** What flows forward. */
  readonly value: Drawn
  /** What flows back along this edge: where a value is used twice, its share. */
  readonly gradient: Drawn
}

/** A computation to draw. */
export interface Graph {
  /** In the order of computation. */
  readonly nodes: readonly GraphNode[]
  /** In the order of the nodes that they lead to. */
  readonly edges: readonly GraphEdge[]
}

/** Options of `graph`. */
export interface GraphOptions {
  /** Up to how many elements values and gradients are given. Default 16. */
  elements?: number
}

/** Gives a value the name under which it is drawn, and returns it. */
export type Name = (name: string, x: Tensor) => Tensor

/**
 * The computation of `fn(inputs)`: what was computed from what, the values, and the gradients of the output, as plain
 * objects to draw (`toMermaid`, `toDot`). Of an output with several elements, the gradients are those of its sum.
 * What does not lead to the output is left out. Not inside a compiled function.
 *
 * @param fn gets the inputs, and a function that names values on the way
 * @throws DTypeError when the output is not floating; TypeError when an input is not a tensor; RangeError for options
 * @example
 * import { tensor } from '@x/tensor'
 * import { graph, toMermaid } from '@x/autograd'
 * const inputs = { x: tensor(-2), y: tensor(5), z: tensor(-4) }
 * const drawing = graph(({ x, y, z }, name) => name('q', x.add(y)).mul(z), inputs)
 * drawing.nodes.find((n) => n.name === 'q').gradient // −4
 * toMermaid(drawing) // flowchart LR …
 */
export function graph<I extends Readonly<Record<string, Tensor>>>(
  fn: (inputs: I, name: Name) => Tensor,
  inputs: I,
  options: GraphOptions = {},
): Graph {
  requireFunction('graph', 'fn', fn)
  checkOptions('graph', options, ['elements'])
  const { elements = 16 } = options
  if (!(elements >= 0)) throw new RangeError(`graph: elements ${elements} is not ≥ 0`)
  return tidy(() => {
    const drawing = new Drawing(elements)
    const sources: Tensor[] = []
    mapTree('graph', inputs, (x, path) => {
      drawing.place(x, 'input', path.join('.'))
      if (isFloating(x.dtype)) sources.push(x)
      return x
    })
    const applications: Application[] = []
    const names = new Map<Tensor, string>()
    const name: Name = (text, x) => {
      names.set(x, text)
      return x
    }
    const tape = new Tape(sources)
    const run = (): Tensor => tape.record(() => fn(inputs, name))
    const y = floatingValue('graph', () => listen((application) => applications.push(application), run))
    for (const application of leadingTo(y, applications)) drawing.apply(application)
    const dy = ones(y.shape, { dtype: y.dtype })
    drawing.end(y, dy)
    const visit: BackwardOptions['visit'] = (application, total, shares) => {
      drawing.total(application.y, total)
      drawing.shares(application, shares)
    }
    for (const [x, total] of tape.backward([[y, dy]], { visit })) drawing.total(x, total)
    for (const [x, text] of names) drawing.name(x, text)
    return drawing.finished()
  })
}

/** The applications that `y` was computed by, in their order. */
function leadingTo(y: Tensor, applications: readonly Application[]): Application[] {
  const needed = new Set([y])
  const found: Application[] = []
  for (let i = applications.length - 1; i >= 0; i--) {
    const { inputs, y: result, extra } = applications[i]
    if (![result, ...extra].some((x) => needed.has(x))) continue
    for (const x of inputs) needed.add(x)
    found.unshift(applications[i])
  }
  return found
}

type Changing<T> = { -readonly [K in keyof T]: T[K] }

class Drawing {
  private readonly nodes: Changing<GraphNode>[] = []
  private readonly edges: Changing<GraphEdge>[] = []
  private readonly placed = new Map<Tensor, Changing<GraphNode>>()
  private readonly arriving = new Map<Application, Changing<GraphEdge>[]>()
  private readonly elements: number

  constructor(elements: number) {
    this.elements = elements
  }

  place(x: Tensor, kind: GraphNode['kind'], label: string): Changing<GraphNode> {
    const { shape, dtype } = x
    const node = {
      id: `n${this.nodes.length}`,
      kind,
      label,
      name: null,
      shape,
      dtype,
      value: this.drawn(x),
      gradient: null,
    }
    this.nodes.push(node)
    if (kind !== 'output') this.placed.set(x, node)
    return node
  }

  apply(application: Application): void {
    const { op, inputs, y, extra } = application
    const from = inputs.map((x) => this.placed.get(x) ?? this.constant(x))
    const node = this.place(y, 'op', op.name)
    for (const x of extra) this.placed.set(x, node)
    this.arriving.set(
      application,
      from.map((source, k) => this.connect(source, node, op.inputs[k])),
    )
  }

  /** A number is drawn anew wherever it is used, as one writes it; other constants once. */
  private constant(x: Tensor): Changing<GraphNode> {
    const node = this.place(x, 'constant', x.size === 1 ? short(x.item()) : show(x.shape))
    if (x.ndim === 0) this.placed.delete(x)
    return node
  }

  end(y: Tensor, dy: Tensor): void {
    const source = this.placed.get(y) ?? this.constant(y)
    const node = this.place(y, 'output', 'output')
    const edge = this.connect(source, node, 'output')
    edge.gradient = node.gradient = this.drawn(dy)
  }

  total(x: Tensor, gradient: Tensor): void {
    const node = this.placed.get(x)
    if (node) node.gradient = this.drawn(gradient)
  }

  shares(application: Application, gradients: readonly (Tensor | undefined)[]): void {
    this.arriving.get(application)?.forEach((edge, k) => {
      const g = gradients[k]
      if (g) edge.gradient = this.drawn(g)
    })
  }

  name(x: Tensor, text: string): void {
    const node = this.placed.get(x)
    if (node) node.name = text
  }

  finished(): Graph {
    return { nodes: this.nodes, edges: this.edges }
  }

  private connect(from: GraphNode, to: GraphNode, input: string): Changing<GraphEdge> {
    const edge = { from: from.id, to: to.id, input, value: from.value, gradient: null }
    this.edges.push(edge)
    return edge
  }

  private drawn(x: Tensor): Drawn {
    return x.size > this.elements ? null : x.ndim === 0 ? x.item() : Array.from(x.data())
  }
}
