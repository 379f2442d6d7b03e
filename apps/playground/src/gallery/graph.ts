// A computation drawn from left to right: each op one column behind the last of its inputs. Right behind every box, where
// no other label can be, stand the value that leaves it and the gradients that come back to it.
import type { Graph, GraphNode } from '@x/autograd'
import type { Kind } from './plots.ts'

const [HEIGHT, LEAST_WIDTH, LEAST_ROW] = [34, 56, 74]
/** About what a character takes, and the distance of two lines. */
const [CHARACTER, LINE] = [6.2, 14]
/** Between a label and the next column: room for an edge to bend. */
const BEND = 26
/** Elements of a tensor that are written out, and how many of them in a line; of larger ones the shape is told. */
const [ELEMENTS, IN_LINE] = [4, 2]
const SVG = 'http://www.w3.org/2000/svg'

/** What stands behind a box: lines above and below its edge. */
interface Labels {
  readonly above: readonly string[]
  readonly below: readonly string[]
}

interface Place {
  readonly x: number
  readonly y: number
  /** Width of the boxes of this column. */
  readonly width: number
  /** Width of the labels behind the boxes of this column. */
  readonly room: number
}

export function drawGraph(element: HTMLElement, { graph }: Kind<'graph'>): void {
  const labels = new Map(graph.nodes.map((node) => [node.id, labelsOf(graph, node)]))
  const place = layout(graph, labels)
  const right = Math.max(...[...place.values()].map(({ x, width }) => x + width))
  const bottom = Math.max(...[...place.values()].map(({ y }) => y)) + HEIGHT
  const svg = make('svg', { viewBox: `-8 -20 ${right + 16} ${bottom + 40}`, class: 'graph', role: 'img' })
  svg.style.maxWidth = `${right + 16}px`
  // Smaller, the labels could not be read: the page scrolls instead.
  svg.style.minWidth = `${Math.round(0.66 * right)}px`
  for (const { from, to } of graph.edges) {
    const [source, target] = [place.get(from) as Place, place.get(to) as Place]
    const [a, b, c, d] = [source.x + source.width, source.y + HEIGHT / 2, target.x, target.y + HEIGHT / 2]
    const bend = a + source.room
    const middle = (bend + c) / 2
    svg.append(make('path', { d: `M${a} ${b}H${bend}C${middle} ${b} ${middle} ${d} ${c} ${d}`, class: 'edge' }))
  }
  for (const { id, kind, label: caption, name } of graph.nodes) {
    const { x, y, width, room } = place.get(id) as Place
    const radius = kind === 'op' ? HEIGHT / 2 : 5
    svg.append(make('rect', { x, y, width, height: HEIGHT, rx: radius, class: `node ${kind}` }))
    svg.append(text(x + width / 2, y + HEIGHT / 2 + 4, name ?? caption, 'caption'))
    const { above, below } = labels.get(id) as Labels
    const [middle, line] = [x + width + room / 2, y + HEIGHT / 2]
    above.forEach((words, i) => {
      svg.append(text(middle, line - 5 - (above.length - 1 - i) * LINE, words, 'value'))
    })
    below.forEach((words, i) => {
      svg.append(text(middle, line + 14 + i * LINE, words, 'gradient'))
    })
  }
  element.replaceChildren(svg)
}

function labelsOf({ nodes, edges }: Graph, { id, value, shape }: GraphNode): Labels {
  const out = edges.filter(({ from }) => from === id)
  if (out.length === 0) return { above: [], below: [] }
  const below = out.flatMap(({ to, gradient }) => {
    if (gradient === null) return []
    const [first, ...rest] = written(gradient, shape)
    // Of a value that is used more than once, each use has its share.
    const use = out.length > 1 ? ` ${nodes.find((node) => node.id === to)?.label}` : ''
    return [`∇${use} ${first}`, ...rest]
  })
  return { above: written(value, shape), below }
}

/** A value in lines: its elements if they are few, else its shape. */
function written(value: GraphNode['value'], shape: readonly number[]): string[] {
  if (typeof value === 'number') return [String(Number(value.toPrecision(3)))]
  if (value === null || value.length > ELEMENTS) return [`[${shape.join(', ')}]`]
  // As many decimals for all as give the largest two digits.
  const largest = Math.max(...value.map(Math.abs))
  const decimals = largest > 0 ? Math.min(20, Math.max(0, 1 - Math.floor(Math.log10(largest)))) : 0
  const of = (v: number): string => String(Number(v.toFixed(decimals)))
  const lines = Array.from({ length: Math.ceil(value.length / IN_LINE) }, (_, i) =>
    value
      .slice(i * IN_LINE, (i + 1) * IN_LINE)
      .map(of)
      .join(', '),
  )
  return `[${lines.join(',\n')}]`.split('\n')
}

/** Upper left corners by id. */
function layout(graph: Graph, labels: ReadonlyMap<string, Labels>): Map<string, Place> {
  const column = columns(graph)
  const [widths, rooms]: [number[], number[]] = [[], []]
  for (const { id, label, name } of graph.nodes) {
    const c = column.get(id) as number
    widths[c] = Math.max(widths[c] ?? LEAST_WIDTH, (name ?? label).length * CHARACTER + 20)
  }
  let row = LEAST_ROW
  for (const [id, { above, below }] of labels) {
    const c = column.get(id) as number
    const longest = Math.max(0, ...[...above, ...below].map((words) => words.length))
    rooms[c] = Math.max(rooms[c] ?? 0, longest * CHARACTER + 12)
    row = Math.max(row, (above.length + below.length) * LINE + 20)
  }
  const lefts = rooms.map((_, c) => rooms.slice(0, c).reduce((x, room, i) => x + widths[i] + room + BEND, 0))
  const heights = new Map<number, number>()
  return new Map(
    graph.nodes.map(({ id }): [string, Place] => {
      const c = column.get(id) as number
      const y = heights.get(c) ?? 0
      heights.set(c, y + row)
      return [id, { x: lefts[c], y, width: widths[c], room: rooms[c] }]
    }),
  )
}

function columns({ nodes, edges }: Graph): Map<string, number> {
  const column = new Map<string, number>()
  for (const { id } of nodes) {
    const before = edges.filter(({ to }) => to === id).map(({ from }) => column.get(from) ?? 0)
    column.set(id, before.length > 0 ? Math.max(...before) + 1 : 0)
  }
  // What an op takes stands right before it.
  for (const { id } of nodes) {
    const after = edges.filter(({ from }) => from === id).map(({ to }) => column.get(to) as number)
    if (!edges.some(({ to }) => to === id) && after.length > 0) column.set(id, Math.min(...after) - 1)
  }
  return column
}

function make<K extends 'svg' | 'path' | 'rect' | 'text'>(
  tag: K,
  attributes: Record<string, string | number>,
): SVGElementTagNameMap[K] {
  const made = document.createElementNS(SVG, tag)
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, String(value))
  return made
}

function text(x: number, y: number, content: string, kind: string): SVGTextElement {
  const made = make('text', { x, y, class: kind, 'text-anchor': 'middle' })
  made.textContent = content
  return made
}
