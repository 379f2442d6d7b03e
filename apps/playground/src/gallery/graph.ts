// A computation drawn from left to right: each op one column behind the last of its inputs, values and gradients on the edges.
import type { Graph } from '@x/autograd'
import type { Kind } from './plots.ts'

const [COLUMN, ROW, WIDTH, HEIGHT] = [170, 74, 92, 34]
const SVG = 'http://www.w3.org/2000/svg'

export function drawGraph(element: HTMLElement, { graph }: Kind<'graph'>): void {
  const place = layout(graph)
  const right = Math.max(...[...place.values()].map(([x]) => x)) + WIDTH
  const bottom = Math.max(...[...place.values()].map(([, y]) => y)) + HEIGHT
  const svg = make('svg', { viewBox: `-8 -14 ${right + 16} ${bottom + 28}`, class: 'graph', role: 'img' })
  svg.style.maxWidth = `${right + 16}px`
  for (const { from, to, value, gradient } of graph.edges) {
    const [x1, y1] = place.get(from) as readonly [number, number]
    const [x2, y2] = place.get(to) as readonly [number, number]
    const [a, b, c, d] = [x1 + WIDTH, y1 + HEIGHT / 2, x2, y2 + HEIGHT / 2]
    const middle = (a + c) / 2
    svg.append(make('path', { d: `M${a} ${b}C${middle} ${b} ${middle} ${d} ${c} ${d}`, class: 'edge' }))
    svg.append(label(middle, (b + d) / 2 - 5, text(value), 'value'))
    svg.append(label(middle, (b + d) / 2 + 13, gradient === null ? '' : `∇ ${text(gradient)}`, 'gradient'))
  }
  for (const { id, kind, label: caption, name } of graph.nodes) {
    const [x, y] = place.get(id) as readonly [number, number]
    const radius = kind === 'op' ? HEIGHT / 2 : 5
    svg.append(make('rect', { x, y, width: WIDTH, height: HEIGHT, rx: radius, class: `node ${kind}` }))
    svg.append(label(x + WIDTH / 2, y + HEIGHT / 2 + 5, name ?? caption, 'caption'))
  }
  element.replaceChildren(svg)
}

/** Upper left corners by id. */
function layout({ nodes, edges }: Graph): Map<string, readonly [x: number, y: number]> {
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
  const rows = new Map<number, number>()
  const place = new Map<string, readonly [number, number]>()
  for (const { id } of nodes) {
    const x = column.get(id) as number
    const y = rows.get(x) ?? 0
    rows.set(x, y + 1)
    place.set(id, [x * COLUMN, y * ROW])
  }
  return place
}

function make<K extends 'svg' | 'path' | 'rect' | 'text'>(
  tag: K,
  attributes: Record<string, string | number>,
): SVGElementTagNameMap[K] {
  const made = document.createElementNS(SVG, tag)
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, String(value))
  return made
}

function label(x: number, y: number, content: string, kind: string): SVGTextElement {
  const made = make('text', { x, y, class: kind, 'text-anchor': 'middle' })
  made.textContent = content
  return made
}

const text = (value: number | readonly number[] | null): string => {
  if (value === null) return ''
  const of = (v: number): string => String(Number(v.toPrecision(3)))
  if (typeof value === 'number') return of(value)
  return value.length > 3 ? `[${value.slice(0, 2).map(of).join(', ')} …]` : `[${value.map(of).join(', ')}]`
}
