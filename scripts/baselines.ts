// Trains the models of baselines.json and compares their scores with the recorded ones:
// npm run baselines -- DIR [--only ID] [--data DIR] [--models DIR]
import { existsSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import type { Baseline } from './baselines/baseline.ts'
import { cartpole } from './baselines/cartpole.ts'
import { mnist } from './baselines/mnist.ts'
import { names } from './baselines/names.ts'
import { continued, loadCheckpoint, shakespeare } from './baselines/shakespeare.ts'

const USAGE = 'usage: npm run baselines -- DIR [--only ID] [--data DIR] [--models DIR]'
const SEEDS = [1, 2]

/** A recorded baseline. */
interface Recorded {
  readonly id: string
  readonly op: string
  readonly metric: string
  readonly better: 'high' | 'low'
  readonly accept: number
  readonly runs: readonly Readonly<Record<string, number>>[]
  readonly seconds_per_run: number
  readonly prompt: string
  readonly greedy_text: string
  readonly file: string
}

const options = { only: { type: 'string' }, data: { type: 'string' }, models: { type: 'string' } } as const
const baselines: readonly Baseline[] = [...mnist, ...shakespeare, names, cartpole]

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({ options, allowPositionals: true })
  const [folder] = positionals
  if (positionals.length !== 1) throw new Error(USAGE)
  const path = join(folder, 'baselines.json')
  if (!existsSync(path)) throw new Error(`there is no ${path}`)
  const data = values.data ?? resolve(folder, '../data')
  const models = values.models ?? resolve(folder, '../models')
  const all = (JSON.parse(readFileSync(path, 'utf8')) as { cases: Recorded[] }).cases
  const cases = all.filter(({ id }) => values.only === undefined || id === values.only)
  if (cases.length === 0)
    throw new Error(`there is no baseline '${values.only}': ${all.map(({ id }) => id).join(', ')}`)
  let failures = 0
  for (const recorded of cases) {
    const isMet = recorded.op === 'baseline' ? await train(recorded, data) : check(recorded, models)
    if (!isMet) failures++
  }
  console.log(`${cases.length - failures} passed, ${failures} failed`)
  if (failures > 0) process.exitCode = 1
}

async function train({ id, metric, better, accept, runs, seconds_per_run }: Recorded, data: string): Promise<boolean> {
  const baseline = baselines.find((b) => b.id === id)
  if (!baseline) {
    console.log(`${id.padEnd(20)} FAILED: unknown`)
    return false
  }
  let isMet = true
  for (const seed of SEEDS) {
    const began = performance.now()
    const score = await baseline.run(data, seed)
    const seconds = (performance.now() - began) / 1000
    const holds = better === 'high' ? score >= accept : score <= accept
    isMet &&= holds
    const theirs = runs.map((run) => run[metric].toFixed(4)).join(' ')
    console.log(
      `${id.padEnd(20)} seed ${seed}  ${metric} ${score.toFixed(4)} in ${seconds.toFixed(1)} s   ` +
        `PyTorch ${theirs} in ${seconds_per_run} s   ${holds ? 'ok' : 'FAILED'} (accept ${better === 'high' ? '≥' : '≤'} ${accept.toFixed(4)})`,
    )
  }
  return isMet
}

/** A trained checkpoint must continue its prompt as it did where it was trained. */
function check({ id, file, prompt, greedy_text }: Recorded, models: string): boolean {
  const text = continued(loadCheckpoint(join(models, file)), prompt, greedy_text.length - prompt.length)
  const isSame = text === greedy_text
  console.log(
    `${id.padEnd(20)} greedy text of ${greedy_text.length} letters ${isSame ? 'ok' : `FAILED: ${JSON.stringify(text)}`}`,
  )
  return isSame
}

main().catch((error: Error) => {
  console.error(error.message)
  process.exitCode = 1
})
