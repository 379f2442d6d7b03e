// Trains every agent on its task, seed by seed, and writes the table:
// npm run rl:benchmark -- [--only ID] [--seeds N] [--out FILE]

import { writeFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { parseArgs } from 'node:util'
import { type Run, type Task, tasks } from './rlBenchmark/tasks.ts'
import { type Measured, throughput } from './rlBenchmark/throughput.ts'

const options = { only: { type: 'string' }, seeds: { type: 'string', default: '5' }, out: { type: 'string' } } as const

const digits = (value: number): string => (Math.abs(value) < 10 ? value.toFixed(3) : value.toFixed(1))

/** How many seeds reached the bar; learning is what counts, times are shown. */
const reached = ({ bar }: Task, runs: readonly Run[]): number =>
  runs.filter(({ value }) => bar === null || value >= bar).length

function row(task: Task, runs: readonly Run[]): string {
  const { what, bar, limit } = task
  const seconds = runs.map((run) => run.seconds)
  const cells = [
    what,
    bar === null ? '' : `≥ ${digits(bar)}`,
    bar === null ? '' : `${reached(task, runs)} of ${runs.length}`,
    runs.map(({ value }) => digits(value)).join(', '),
    limit === null ? '' : `≤ ${limit}`,
    `${(seconds.reduce((a, b) => a + b, 0) / runs.length).toFixed(2)} (${Math.max(...seconds).toFixed(2)})`,
  ]
  return `| ${cells.join(' | ')} |`
}

const speedRow = ({ what, value, unit, bar, better }: Measured): string =>
  `| ${what} | ${better === 'high' ? '≥' : '≤'} ${bar} | ${digits(value)} | ${unit} |`

function main(): void {
  const { values } = parseArgs({ options })
  const seeds = Number(values.seeds)
  if (!(Number.isInteger(seeds) && seeds >= 1)) throw new Error(`--seeds ${values.seeds} is not a number of seeds ≥ 1`)
  const chosen = tasks.filter(({ id }) => values.only === undefined || id === values.only)
  if (chosen.length === 0) throw new Error(`there is no task '${values.only}': ${tasks.map(({ id }) => id).join(', ')}`)
  const lines = [
    `Node ${process.version}, ${cpus()[0].model.trim()}; seeds 1 to ${seeds}, every one shown; CPU seconds of a training, the longest in brackets.`,
    '',
    '| agent and task | bar | reached | every seed | CPU s asked | CPU s |',
    '|---|---|---|---|---|---|',
  ]
  for (const line of lines) console.log(line)
  let failures = 0
  const show = (line: string): void => {
    lines.push(line)
    console.log(line)
  }
  for (const task of chosen) {
    const runs = Array.from({ length: seeds }, (_, i) => task.run(i + 1))
    failures += runs.length - reached(task, runs)
    show(row(task, runs))
  }
  if (values.only === undefined) {
    for (const line of ['', '| speed | bar | measured | |', '|---|---|---|---|']) show(line)
    for (const measured of throughput()) show(speedRow(measured))
  }
  if (values.out !== undefined)
    writeFileSync(
      values.out,
      `# What agents learn, and how fast\n\nWritten by \`npm run rl:benchmark -- --out FILE\`. ${lines.join('\n')}\n`,
    )
  console.log(`${failures === 0 ? 'every bar of learning is reached' : `${failures} runs miss their bar`}`)
  if (failures > 0) process.exitCode = 1
}

main()
