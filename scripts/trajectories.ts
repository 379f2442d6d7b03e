// The runner of recorded reinforcement learning: npm run trajectories -- DIR [--family NAME] [--backend js|wasm] [--failures] [--json FILE]
import { existsSync, writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { js as nnJs } from '@x/nn/js'
import { js as rlJs } from '@x/rl/js'
import { setBackend } from '@x/tensor'
import { js } from '@x/tensor/js'
import type { Outcome } from './trajectories/outcome.ts'
import { jsonFiles, runFile } from './trajectories/run.ts'

const USAGE = 'usage: npm run trajectories -- DIR [--family NAME] [--backend js|wasm] [--failures] [--json FILE]'

const options = {
  family: { type: 'string' },
  backend: { type: 'string', default: 'wasm' },
  failures: { type: 'boolean', default: false },
  json: { type: 'string' },
} as const

function main(): void {
  const { values, positionals } = parseArgs({ options, allowPositionals: true })
  const [path] = positionals
  if (positionals.length !== 1 || !existsSync(path)) throw new Error(path ? `there is no ${path}` : USAGE)
  if (values.backend === 'js') setBackend(js, nnJs, rlJs)
  else if (values.backend !== 'wasm') throw new Error(`there is no backend '${values.backend}': js or wasm`)

  const outcomes = new Map<string, Outcome[]>()
  for (const file of jsonFiles(path)) {
    const { family, outcomes: list } = runFile(file)
    if (values.family === undefined || family === values.family) {
      outcomes.set(family, [...(outcomes.get(family) ?? []), ...list])
    }
  }
  if (outcomes.size === 0)
    throw new Error(`no recordings${values.family ? ` of family '${values.family}'` : ''} in ${path}`)

  for (const [family, list] of outcomes) console.log(line(family, list))
  const all = [...outcomes.values()].flat()
  console.log(line('all', all))
  if (values.failures) {
    for (const [family, list] of outcomes) {
      for (const { id, failure } of list) if (failure !== null) console.log(`FAILED ${family} ${id}: ${failure}`)
    }
  }
  if (values.json !== undefined) {
    writeFileSync(
      values.json,
      JSON.stringify({ backend: values.backend, families: Object.fromEntries(outcomes) }, null, 2),
    )
  }
  if (all.some(hasFailed)) process.exitCode = 1
}

const hasFailed = ({ failure }: Outcome): boolean => failure !== null

function line(family: string, list: readonly Outcome[]): string {
  const failures = list.filter(hasFailed).length
  return `${family.padEnd(22)} ${String(list.length - failures).padStart(5)} passed ${String(failures).padStart(5)} failed`
}

try {
  main()
} catch (error) {
  console.error((error as Error).message)
  process.exitCode = 1
}
