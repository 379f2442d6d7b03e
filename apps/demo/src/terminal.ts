// Draws what scenarios show as text: plots, boards, images, tables.
import { styleText } from 'node:util'
import type { Curve, Shown } from '@x/scenarios'
import asciichart from 'asciichart'

type Kind<K extends Shown['kind']> = Extract<Shown, { kind: K }>

const COLOURS = ['cyan', 'yellow', 'green', 'magenta', 'red', 'blue'] as const
const CHART_COLOURS = [
  asciichart.cyan,
  asciichart.yellow,
  asciichart.green,
  asciichart.magenta,
  asciichart.red,
  asciichart.blue,
]
const SHADES = ' ░▒▓█'

/** Lines over x, each averaged or stretched to the width of the terminal. */
export function plot({ title, x, y, curves }: Kind<'plot'>, width: number): string {
  const drawn = curves.filter((curve) => curve.y.length > 0)
  const columns = width - 14
  const [low, high] = rangeOf(drawn.map((curve) => curve.x))
  const lines = drawn.map((curve) => resampled(curve, low, high, columns))
  const chart = asciichart.plot(lines, {
    height: 8,
    // It writes its own colours, to a pipe as well.
    colors: drawn.length > 1 && process.stdout.isTTY ? CHART_COLOURS : undefined,
    format: (value) => value.toPrecision(3).padStart(9),
  })
  const names =
    drawn.length > 1 ? drawn.map(({ name }, i) => styleText(COLOURS[i % COLOURS.length], name)).join('  ') : ''
  return `${bold(title)}  ${names}\n${chart}\n${dim(`${y} over ${x}, ${short(low)} to ${short(high)}`)}`
}

/** Means of the points that fall into each of `count` columns; an empty column repeats the one before. */
function resampled({ x, y }: Curve, low: number, high: number, count: number): number[] {
  const sums = new Float64Array(count)
  const hits = new Float64Array(count)
  x.forEach((at, i) => {
    if (!Number.isFinite(y[i])) return
    const column = Math.min(count - 1, Math.floor(((at - low) / (high - low || 1)) * count))
    sums[column] += y[i]
    hits[column]++
  })
  const first = hits.findIndex((n) => n > 0)
  let value = first < 0 ? 0 : sums[first] / hits[first]
  return Array.from(sums, (sum, i) => {
    if (hits[i] > 0) value = sum / hits[i]
    return value
  })
}

function rangeOf(lists: readonly (readonly number[])[]): [number, number] {
  let low = Number.POSITIVE_INFINITY
  let high = Number.NEGATIVE_INFINITY
  for (const value of lists.flat()) {
    if (value < low) low = value
    if (value > high) high = value
  }
  return low <= high ? [low, high] : [0, 1]
}

const MARKS = 'o×+*#@'

/** Clouds of points on a grid of characters. */
export function points({ title, groups }: Kind<'points'>): string {
  const [width, height] = [60, 20]
  const [left, right] = rangeOf(groups.map(({ x }) => x))
  const [bottom, top] = rangeOf(groups.map(({ y }) => y))
  const grid = Array.from({ length: height }, () => Array.from({ length: width }, () => ' '))
  groups.forEach(({ x, y }, g) => {
    x.forEach((at, i) => {
      const column = Math.round(((at - left) / (right - left || 1)) * (width - 1))
      const row = Math.round(((top - y[i]) / (top - bottom || 1)) * (height - 1))
      grid[row][column] = styleText(COLOURS[g % COLOURS.length], MARKS[g % MARKS.length])
    })
  })
  const names = groups.map(({ name }, g) =>
    styleText(COLOURS[g % COLOURS.length], `${MARKS[g % MARKS.length]} ${name}`),
  )
  return [`${bold(title)}  ${names.join('  ')}`, ...grid.map((row) => `  ${row.join('')}`)].join('\n')
}

export function table({ title, columns, rows }: Kind<'table'>): string {
  const cells = [columns, ...rows.map((row) => row.map((cell) => (typeof cell === 'number' ? short(cell) : cell)))]
  const widths = columns.map((_, c) => Math.max(...cells.map((row) => row[c].length)))
  const isNumber = columns.map((_, c) => rows.every((row) => typeof row[c] === 'number'))
  const lines = cells.map((row) =>
    row.map((cell, c) => (isNumber[c] ? cell.padStart(widths[c]) : cell.padEnd(widths[c]))).join('  '),
  )
  return [bold(title), dim(`  ${lines[0]}`), ...lines.slice(1).map((line) => `  ${line}`)].join('\n')
}

/** Numbers as shades, from the smallest to the largest. */
export function heatmap({ title, rows, columns, values }: Kind<'heatmap'>): string {
  const [low, high] = rangeOf(values)
  const label = Math.max(...rows.map((row) => row.length))
  const cell = Math.max(2, ...columns.map((column) => column.length)) + 1
  const head = `  ${' '.repeat(label)} ${columns.map((column) => column.padEnd(cell)).join('')}`
  const lines = rows.map(
    (row, r) =>
      `  ${row.padStart(label)} ${values[r].map((v) => shade((v - low) / (high - low || 1)).repeat(cell)).join('')}`,
  )
  return [bold(title), dim(head), ...lines].join('\n')
}

const shade = (share: number): string =>
  SHADES[Math.min(SHADES.length - 1, Math.max(0, Math.floor(share * SHADES.length)))]

/** Grey images side by side, in as many rows as they take. */
export function images({ title, height, width, pixels, captions }: Kind<'images'>, columns: number): string {
  // A character is twice as high as it is wide: small images get two per pixel, large ones one per two rows.
  const isSmall = width <= 16
  const cell = Math.max(isSmall ? 2 * width : width, ...(captions ?? []).map((caption) => caption.length))
  const perRow = Math.max(1, Math.floor((columns - 2) / (cell + 2)))
  const lineOf = (image: ArrayLike<number>, y: number): string =>
    Array.from({ length: width }, (_, x) => {
      const at = y * width + x
      return isSmall ? shade(image[at]).repeat(2) : shade((image[at] + (image[at + width] ?? 0)) / 2)
    }).join('')
  const lines = [bold(title)]
  for (let first = 0; first < pixels.length; first += perRow) {
    const shown = pixels.slice(first, first + perRow)
    for (let y = 0; y < height; y += isSmall ? 1 : 2)
      lines.push(`  ${shown.map((image) => lineOf(image, y).padEnd(cell)).join('  ')}`)
    if (captions)
      lines.push(
        dim(
          `  ${captions
            .slice(first, first + perRow)
            .map((c) => c.padEnd(cell))
            .join('  ')}`,
        ),
      )
  }
  return lines.join('\n')
}

export function board({ title, cells, values }: Kind<'board'>): string {
  const width = Math.max(3, ...cells.flat().map((cell) => cell.length + 2))
  const paint = (text: string, share: number | undefined): string =>
    share === undefined ? text : styleText(share > 0.66 ? 'green' : share > 0.33 ? 'yellow' : 'dim', text)
  const lines = cells.map((row, r) => `  ${row.map((cell, c) => paint(centred(cell, width), values?.[r][c])).join('')}`)
  return [bold(title), ...lines].join('\n')
}

const centred = (text: string, width: number): string =>
  text.padStart(Math.ceil((width + text.length) / 2)).padEnd(width)

export const claim = ({ text, holds }: Kind<'claim'>): string =>
  holds ? styleText('green', `✓ ${text}`) : styleText('red', `✗ ${text}`)

export const bold = (text: string): string => styleText('bold', text)
export const dim = (text: string): string => styleText('dim', text)

const short = (value: number): string =>
  Number.isInteger(value)
    ? String(value)
    : Number.isFinite(value)
      ? Number(value.toPrecision(4)).toString()
      : String(value)
