// Trains every agent on its task, seed by seed, and writes the table:
// npm run rl:benchmark -- [--only ID] [--seeds N] [--out FILE]

import { readFileSync, writeFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { parseArgs } from 'node:util'
import { type Run, type Task, tasks } from './rlBenchmark/tasks.ts'
import { type Measured, throughput } from './rlBenchmark/throughput.ts'

const options = { only: { type: 'string' }, seeds: { type: 'string', default: '5' }, out: { type: 'string' } } as const

/** Between these lines of a document stands what was measured. */
const MARKS = ['<!-- npm run rl:benchmark -->', '<!-- end of npm run rl:benchmark -->'] as const

const digits = (value: number): string => (Math.abs(value) < 10 ? value.toFixed(3) : value.toFixed(1))
const mean = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length

/** How many seeds reached the bar. */
const reached = ({ bar }: Task, runs: readonly Run[]): number =>
  runs.filter(({ value }) => bar === null || value >= bar).length

function row(task: Task, runs: readonly Run[]): string {
  const { what, bar, best, limit, decimals, peer } = task
  const written = (value: number): string => (decimals === undefined ? digits(value) : value.toFixed(decimals))
  const seconds = runs.map((run) => run.seconds)
  const cells = [
    what,
    bar === null ? '' : `≥ ${written(bar)}`,
    bar === null ? '' : `${reached(task, runs)} of ${runs.length}`,
    runs.map(({ value }) => (bar === null || value >= bar ? written(value) : `**${written(value)}**`)).join(', '),
    written(best),
    written(best - mean(runs.map(({ value }) => value))),
    `${limit === null ? '' : `≤ ${limit}: `}${mean(seconds).toFixed(2)} (${Math.max(...seconds).toFixed(2)})`,
    peer ?? '',
  ]
  return `| ${cells.join(' | ')} |`
}

const isFastEnough = ({ value, bar, better }: Measured): boolean => (better === 'high' ? value >= bar : value <= bar)

function speedRow(measured: Measured): string {
  const { what, value, unit, bar, better, peer } = measured
  const written = isFastEnough(measured) ? digits(value) : `**${digits(value)}**`
  return `| ${what} | ${better === 'high' ? '≥' : '≤'} ${bar} | ${written} | ${unit} | ${peer} |`
}

/** Puts the lines between the marks of a document. */
function writeInto(file: string, lines: readonly string[]): void {
  const text = readFileSync(file, 'utf8')
  const [begin, end] = MARKS.map((mark) => text.indexOf(mark))
  if (begin < 0 || end < begin) throw new Error(`${file}: no lines ${MARKS.join(' and ')} to write between`)
  writeFileSync(file, `${text.slice(0, begin + MARKS[0].length)}\n${lines.join('\n')}\n${text.slice(end)}`)
}

async function main(): Promise<void> {
  const { values } = parseArgs({ options })
  const seeds = Number(values.seeds)
  if (!(Number.isInteger(seeds) && seeds >= 1)) throw new Error(`--seeds ${values.seeds} is not a number of seeds ≥ 1`)
  const chosen = tasks.filter(({ id }) => values.only === undefined || id === values.only)
  if (chosen.length === 0) throw new Error(`there is no task '${values.only}': ${tasks.map(({ id }) => id).join(', ')}`)
  const lines: string[] = []
  const show = (...more: readonly string[]): void => {
    lines.push(...more)
    for (const line of more) console.log(line)
  }
  const date = new Date().toISOString().slice(0, 10)
  show(
    `Measured on ${date} with Node ${process.version} on ${cpus().length} cores of ${cpus()[0].model.trim()}; seeds 1 to ${seeds}.`,
    '',
    '| agent and task | bar | reached | every seed | best there is | mean regret | CPU s, mean (longest) | SB3, CPU s |',
    '|---|---|---|---|---|---|---|---|',
  )
  let failures = 0
  let late = 0
  for (const task of chosen) {
    const runs: Run[] = []
    for (let seed = 1; seed <= seeds; seed++) runs.push(await task.run(seed))
    failures += runs.length - reached(task, runs)
    late += runs.filter(({ seconds }) => task.limit !== null && seconds > task.limit).length
    show(row(task, runs))
  }
  if (values.only === undefined) {
    const speeds = throughput()
    late += speeds.filter((measured) => !isFastEnough(measured)).length
    show('', '| speed | bar | measured | | others |', '|---|---|---|---|---|', ...speeds.map(speedRow))
  }
  const outcome = failures === 0 ? 'Every seed reaches its bar.' : `${failures} runs miss their bar, in bold above.`
  show('', late === 0 ? outcome : `${outcome} ${late} runs or speeds take longer than asked.`)
  if (values.out !== undefined) writeInto(values.out, lines)
  if (failures > 0) process.exitCode = 1
}

await main()
