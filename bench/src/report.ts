// The tables: aligned for the terminal as rows come in, or as Markdown.
import { type Column, isPeer } from './columns.ts'
import type { Cell, Row } from './measure.ts'
import type { Shipping } from './shipping.ts'
import { SECTIONS, type Section } from './workload.ts'

/** One table's columns: those that can fill a cell of the section. */
export interface Layout {
  readonly section: Section
  readonly columns: readonly Column[]
  readonly markdown: boolean
  /** Width of the first column. */
  readonly width: number
}

const CELL = 13

export function headOf({ section, columns, markdown, width }: Layout): string {
  const titles = [...columns.map(({ title }) => title), ...(columns.some(isPeer) ? ['vs best Wasm peer'] : [])]
  if (markdown) {
    return `\n**${SECTIONS[section]}**\n\n| | ${titles.join(' | ')} |\n|---|${titles.map(() => '---:|').join('')}`
  }
  return `\n${SECTIONS[section]}\n${''.padEnd(width)}${titles.map((title) => ` ${title.padStart(CELL)}`).join('')}`
}

export function lineOf(row: Row, { columns, markdown, width }: Layout): string {
  const cells = columns.map(({ key }) => textOf(row.cells[key], row))
  if (columns.some(isPeer)) cells.push(ratioOf(row))
  const share = sharesOf(row).join(', ')
  if (markdown) return `| ${row.id}${share && ` (${share})`} | ${cells.join(' | ')} |`
  return `${row.id.padEnd(width)}${cells.map((cell) => ` ${cell.padStart(CELL)}`).join('')}${share && `   ${share}`}`
}

/** What of the machine was used, and what there is to say about other rows. */
function sharesOf({ section, share, reading, others = {}, gain }: Row): string[] {
  const percent = (x: number): string => `${Math.round(x * 100)} %`
  const isSpeed = section === 'matmul' || section === 'conv' || section === 'language'
  return [
    ...(isSpeed && share !== undefined ? [`${percent(share)} of peak`] : []),
    ...(reading !== undefined ? [`${percent(reading)} of bandwidth`] : []),
    ...Object.entries(others).map(([key, ratio]) => `${ratio.toFixed(2)}x ${key}`),
    ...(gain ? [`${gain.times.toFixed(2)}x ${gain.than} (≥ ${gain.target})`] : []),
  ]
}

/** What failed, in full, below the tables. */
export function failuresOf(rows: readonly Row[], columns: readonly Column[]): string[] {
  return columns.flatMap(({ key, title }) => {
    const byMessage = new Map<string, string[]>()
    for (const row of rows) {
      const error = row.cells[key]?.error
      if (error !== undefined) byMessage.set(error, [...(byMessage.get(error) ?? []), row.id])
    }
    return [...byMessage].map(
      ([error, ids]) =>
        `${title} fails: ${error} (${ids.length > 4 ? `${ids.slice(0, 4).join(', ')} and ${ids.length - 4} more` : ids.join(', ')})`,
    )
  })
}

function textOf(cell: Cell | undefined, { flops, bytes, section }: Row): string {
  if (!cell) return '–'
  if (cell.median === undefined) return 'fails'
  if (section === 'matmul' && flops && flops >= 1e5) {
    // One row times a matrix is bound by memory: its speed is that of reading.
    return bytes && flops / bytes < 1
      ? `${(bytes / cell.median).toFixed(1)} GB/s`
      : `${(flops / cell.median).toFixed(1)} GF/s`
  }
  return timeText(cell.median)
}

function ratioOf({ ratio, target }: Row): string {
  if (ratio === undefined) return '–'
  return `${ratio.toFixed(ratio < 10 ? 2 : 0)}x${target === undefined ? '' : ` (≥ ${target})`}`
}

export function timeText(ns: number): string {
  const [value, unit] =
    ns < 1e3 ? [ns, 'ns'] : ns < 1e6 ? [ns / 1e3, 'µs'] : ns < 1e9 ? [ns / 1e6, 'ms'] : [ns / 1e9, 's']
  return `${value < 10 ? value.toFixed(2) : value < 100 ? value.toFixed(1) : value.toFixed(0)} ${unit}`
}

/** One line per library: a page with one product and one softmax. */
export function shippingTable(shipped: readonly Shipping[], markdown: boolean): string {
  const title = 'Shipping: a page with one product and one softmax'
  const cells = shipped.map(({ key, bytes, ms, error }) => [
    key === 'wasm' ? 'ours' : key,
    bytes === undefined ? '–' : `${(bytes / 1024).toFixed(1)} KB gzip`,
    ms === undefined ? '–' : `${ms.toFixed(1)} ms from import to result`,
    error ? `fails: ${error}` : '',
  ])
  if (markdown)
    return `\n**${title}**\n\n| | size | start | |\n|---|---:|---:|---|\n${cells.map((c) => `| ${c.join(' | ')} |`).join('\n')}`
  return `\n${title}\n${cells.map(([who, size, start, error]) => `${who.padEnd(12)} ${size.padStart(16)} ${start.padStart(32)}  ${error}`).join('\n')}`
}
