// Draws what scenarios show as text: plots, boards, images, tables.
import { styleText } from 'node:util'
import { type Curve, cellTexts, type Shown } from '@x/scenarios'
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
    format: (value) => (Math.abs(value) < 1000 ? value.toPrecision(3) : value.toFixed(0)).padStart(9),
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
const LINE = '·'

/** Clouds of points on a grid of characters, with the lines among them below. */
export function points({ title, groups }: Kind<'points'>): string {
  const [width, height] = [60, 20]
  const shown = groups.filter(({ x }) => x.length > 0)
  const [left, right] = rangeOf(shown.map(({ x }) => x))
  const [bottom, top] = rangeOf(shown.map(({ y }) => y))
  const grid = Array.from({ length: height }, () => Array.from({ length: width }, () => ' '))
  const inks = shown.map(({ line }, g) => {
    const [colour, mark] = [COLOURS[g % COLOURS.length], line ? LINE : MARKS[g % MARKS.length]]
    return (text = mark): string => styleText(colour, text)
  })
  const placesOf = ({ x, y }: Curve): Place[] =>
    x.map((at, i) => [
      Math.round(((at - left) / (right - left || 1)) * (width - 1)),
      Math.round(((top - y[i]) / (top - bottom || 1)) * (height - 1)),
    ])
  shown.forEach((group, g) => {
    if (group.line) for (const [column, row] of joined(placesOf(group))) grid[row][column] = inks[g]()
  })
  shown.forEach((group, g) => {
    if (!group.line) for (const [column, row] of placesOf(group)) grid[row][column] = inks[g]()
  })
  // A point that stands for itself has its name beside it, where there is room.
  const isNamed = shown.map((group, g) => {
    const letters = [...group.name]
    if (group.line || group.x.length > 1) return false
    const [[column, row]] = placesOf(group)
    const starts = [row, row - 1, row + 1].flatMap((r) => [
      [r, column + 2],
      [r, column - 1 - letters.length],
    ])
    const free = starts.find(([r, start]) => letters.every((_, i) => grid[r]?.[start + i] === ' '))
    if (!free) return false
    const [r, start] = free
    for (const [i, letter] of letters.entries()) grid[r][start + i] = inks[g](letter)
    return true
  })
  const areAllNamed = shown.every(({ line }, g) => line || isNamed[g])
  const names = shown.flatMap(({ name, line }, g) => (areAllNamed && !line ? [] : [`${inks[g]()} ${inks[g](name)}`]))
  const axes = `${short(left)} to ${short(right)} across, ${short(bottom)} to ${short(top)} upwards`
  return [`${bold(title)}  ${names.join('  ')}`, ...grid.map((row) => `  ${row.join('')}`), dim(`  ${axes}`)].join('\n')
}

type Place = readonly [column: number, row: number]

/** All places from each to the next. */
function joined(places: readonly Place[]): Place[] {
  return places.slice(1).flatMap(([column, row], i) => {
    const [c, r] = places[i]
    const steps = Math.max(1, Math.abs(column - c), Math.abs(row - r))
    return Array.from(
      { length: steps + 1 },
      (_, k): Place => [Math.round(c + ((column - c) * k) / steps), Math.round(r + ((row - r) * k) / steps)],
    )
  })
}

export function table(item: Kind<'table'>): string {
  const { title, columns, rows } = item
  const cells = [columns, ...cellTexts(item)]
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
