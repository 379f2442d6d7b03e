// A computation drawn from left to right: each op one column behind the last of its inputs, and behind every box the
// value that leaves it and the gradient that comes back.
import type { Graph, GraphNode } from '@x/autograd'
import type { Kind } from './plots.ts'

/** Sizes in pixels. Between two columns there is room for the labels, between two rows for labels of two edges. */
const [ROW, WIDTH, HEIGHT, LEAST_GAP] = [78, 92, 34, 64]
/** Of the labels: about what a character takes, and from one line to the next. */
const [CHARACTER, LINE] = [6.6, 14]
/** Elements of a tensor that are written out; of more, the shape. */
const ELEMENTS = 4
const SVG = 'http://www.w3.org/2000/svg'

export function drawGraph(element: HTMLElement, { graph }: Kind<'graph'>): void {
  const labels = new Map(graph.nodes.map((node) => [node.id, labelsOf(graph, node)]))
  const { place, width, height } = layout(graph, labels)
  const at = (id: string): Place => place.get(id) as Place
  const svg = make('svg', { viewBox: `-8 -14 ${width + 16} ${height + 28}`, class: 'graph', role: 'img' })
  svg.style.maxWidth = `${width + 16}px`
  svg.style.minWidth = `${Math.round(0.7 * width)}px`
  for (const { from, to } of graph.edges) {
    const [source, target] = [at(from), at(to)]
    const [a, b, c, d] = [source.x + WIDTH, source.y + HEIGHT / 2, target.x, target.y + HEIGHT / 2]
    // Straight through the room of the labels, then to its target.
    const turn = a + source.gap
    const middle = (Math.min(turn, c) + c) / 2
    svg.append(make('path', { d: `M${a} ${b}H${middle}`, class: 'edge' }))
  }
  element.replaceChildren(svg)
}
