// Logs of training as text: tables for other programs, and curves for the terminal.

import { knownOptions, needList } from '../env/errors.ts'
import { whole } from '../env/numbers.ts'
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
  needList('toCsv: rows', log)
  const names = columns(log)
  // RFC 4180: what has commas, quotes or line breaks stands in quotes.
  const cell = (x: string | number): string => (/[",\r\n]/.test(`${x}`) ? `"${`${x}`.replaceAll('"', '""')}"` : `${x}`)
  const line = (cells: readonly (string | number)[]): string => `${cells.map(cell).join(',')}\n`
  return line(names) + log.map((row) => line(names.map((name) => row[name] ?? ''))).join('')
}

/** A log as JSON, an object a line; numbers that JSON does not have become null. */
export const toJsonLines = (log: readonly LogRow[]): string => log.map((row) => `${JSON.stringify(row)}\n`).join('')

/**
 * One column of a log over the steps, drawn with characters: the mean of the rows that fall into each column of characters.
 * @param options.width characters. Default 60
 * @param options.height lines. Default 10
 * @throws RangeError for a name that no row has
 * @example
 * import { textCurve } from '@x/rl'
 * textCurve([{ steps: 5, loss: 1 }, { steps: 10, loss: 0.5 }], 'loss', { width: 20, height: 4 })
 */
export function textCurve(
  log: readonly LogRow[],
  name: string,
  options: { width?: number; height?: number } = {},
): string {
  knownOptions('textCurve', options, ['width', 'height'])
  const { width = 60, height = 10 } = options
  whole('textCurve: width', width, 2)
  whole('textCurve: height', height, 2)
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

/**
 * A row of the log as a line for the terminal: how far the training is, how fast, and the mean return of late. `steps` are
 * those that the training was given.
 * @example
 * import { progressLine } from '@x/rl'
 * progressLine({ steps: 500, 'time/fps': 2000, 'rollout/ep_rew_mean': 21.5 }, 1000)
 * // '██████████░░░░░░░░░░  50 %  500 of 1000 steps  2000 steps/s  return 21.5'
 */
export function progressLine(row: LogRow, steps: number): string {
  const share = Math.min(1, row.steps / steps)
  const done = Math.floor(share * 20)
  const cells = [
    `${'█'.repeat(done)}${'░'.repeat(20 - done)}`,
    `${Math.floor(share * 100)} %`,
    `${row.steps} of ${steps} steps`,
  ]
  if (row['time/fps'] !== undefined) cells.push(`${row['time/fps']} steps/s`)
  for (const [name, label] of Object.entries({ 'rollout/ep_rew_mean': 'return', 'eval/mean_reward': 'evaluated' })) {
    if (row[name] !== undefined) cells.push(`${label} ${Number(row[name].toPrecision(4))}`)
  }
  return cells.join('  ')
}
