// Logs of training as text: tables for other programs, and curves for the terminal.
import type { LogRow } from './train.ts'

/** Names of all columns, in the order in which they first appear. */
const columns = (log: readonly LogRow[]): string[] => [...new Set(log.flatMap((row) => Object.keys(row)))]

/**
 * A log as comma-separated values with a line of names; what a row does not have stays empty.
 * @example
 * import { toCsv } from '@x/rl'
 * toCsv([{ steps: 1, 'train/loss': 0.5 }, { steps: 2 }]) // 'steps,train/loss\n1,0.5\n2,\n'
 */
export function toCsv(log: readonly LogRow[]): string {
  const names = columns(log)
  const line = (cells: readonly (string | number)[]): string => `${cells.join(',')}\n`
  return line(names) + log.map((row) => line(names.map((name) => row[name] ?? ''))).join('')
}

/** A log as JSON, an object a line; numbers that JSON does not have become null. */
export const toJsonLines = (log: readonly LogRow[]): string => log.map((row) => `${JSON.stringify(row)}\n`).join('')

/**
 * One column of a log over the steps, drawn with characters: the mean of the rows that fall into each column of characters.
 * @param options.width characters. Default 60
 * @param options.height lines. Default 10
 * @throws RangeError for a name that no row has
 */
export function textCurve(
  log: readonly LogRow[],
  name: string,
  { width = 60, height = 10 }: { width?: number; height?: number } = {},
): string {
  const rows = log.filter((row) => Number.isFinite(row[name]))
  if (rows.length === 0) throw new RangeError(`textCurve: no row has '${name}': ${columns(log).join(', ')}`)
  const end = rows[rows.length - 1].steps
  const sums = new Float64Array(width)
  const counts = new Float64Array(width)
  for (const row of rows) {
    const at = Math.min(width - 1, Math.floor((row.steps / end) * width))
    sums[at] += row[name]
    counts[at]++
  }
  const means = sums.map((sum, i) => sum / counts[i])
  const seen = means.filter(Number.isFinite)
  const [low, high] = [Math.min(...seen), Math.max(...seen)]
  const level = (v: number): number => (high === low ? 0 : Math.round(((v - low) / (high - low)) * (height - 1)))
  const lines = Array.from({ length: height }, (_, i) => {
    const shown = Array.from(means, (v) => (Number.isFinite(v) && level(v) === height - 1 - i ? '•' : ' ')).join('')
    const label = i === 0 ? high : i === height - 1 ? low : null
    return `${label === null ? '' : Number(label.toPrecision(4))}`.padStart(9).concat(' │', shown.trimEnd())
  })
  return [`${name}, ${end} steps`, ...lines, ''].join('\n')
}
