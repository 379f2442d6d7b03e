// Graphs as text for drawing programs.
import type { Graph, GraphEdge, GraphNode } from './graph.ts'

/**
 * The graph as a Mermaid flowchart: values beside the arrows, gradients (∇) below them.
 * @example
 * import { tensor } from '@x/tensor'
 * import { graph, toMermaid } from '@x/autograd'
 * toMermaid(graph(({ x }) => x.square(), { x: tensor(3) })).split('\n')
 * // flowchart LR
 * //   n0["x"]
 * //   n1(["square"])
 * //   n2["output"]
 * //   n0 -->|"3<br>∇ 6"| n1
 * //   n1 -->|"9<br>∇ 1"| n2
 */
export function toMermaid({ nodes, edges }: Graph): string {
  const text = (s: string): string => `"${s.replace(/[#&"<>]/g, (c) => `#${c.charCodeAt(0)};`)}"`
  return [
    'flowchart LR',
    ...nodes.map((n) => `  ${n.id}${n.kind === 'op' ? `([${text(caption(n))}])` : `[${text(caption(n))}]`}`),
    ...edges.map((e) => `  ${e.from} -->${notes(e).length > 0 ? `|"${notes(e).join('<br>')}"|` : ''} ${e.to}`),
    '',
  ].join('\n')
}

/**
 * The graph in DOT, the language of Graphviz: values beside the arrows, gradients (∇) below them.
 * @example
 * import { tensor } from '@x/tensor'
 * import { graph, toDot } from '@x/autograd'
 * toDot(graph(({ x }) => x.square(), { x: tensor(3) })) // digraph { rankdir=LR …
 */
export function toDot({ nodes, edges }: Graph): string {
  const text = (s: string): string => `"${s.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')}"`
  return [
    'digraph {',
    '  rankdir=LR',
    ...nodes.map((n) => `  ${n.id} [label=${text(caption(n))} shape=${n.kind === 'op' ? 'ellipse' : 'box'}]`),
    ...edges.map((e) => `  ${e.from} -> ${e.to} [label=${text(notes(e).join('\n'))}]`),
    '}',
    '',
  ].join('\n')
}

const caption = ({ label, name }: GraphNode): string => (name === null ? label : `${name}: ${label}`)

/** What stands at an arrow: the value, and below it the gradient. */
const notes = ({ value, gradient }: GraphEdge): string[] => [
  ...(value === null ? [] : [drawn(value)]),
  ...(gradient === null ? [] : [`∇ ${drawn(gradient)}`]),
]

const drawn = (value: number | readonly number[]): string =>
  typeof value === 'number' ? short(value) : `[${value.map(short).join(', ')}]`

/** Four digits. */
export const short = (x: number): string => String(Number(x.toPrecision(4)))
