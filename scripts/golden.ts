// The golden-vector runner: npm run golden -- DIR [--family NAME] [--backend js|wasm] [--failures] [--json FILE]
import { existsSync, writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { js as nnJs } from '@x/nn/js'
import { setBackend } from '@x/tensor'
import { js } from '@x/tensor/js'
import { js as transformerJs } from '@x/transformer/js'
import { readVectorFiles } from './golden/read.ts'
import { type Outcome, runFile } from './golden/run.ts'

const USAGE = 'usage: npm run golden -- DIR [--family NAME] [--backend js|wasm] [--failures | --verbose] [--json FILE]'

const options = {
  family: { type: 'string' },
  backend: { type: 'string', default: 'wasm' },
  failures: { type: 'boolean', default: false },
  verbose: { type: 'boolean', default: false },
  json: { type: 'string' },
} as const

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({ options, allowPositionals: true })
  const [path] = positionals
  if (positionals.length !== 1 || !existsSync(path)) throw new Error(path ? `there is no ${path}` : USAGE)
  if (values.backend === 'js') setBackend(js, nnJs, transformerJs)
  else if (values.backend !== 'wasm') throw new Error(`there is no backend '${values.backend}': js or wasm`)

  const outcomes = new Map<string, Outcome[]>()
  for (const file of readVectorFiles(path)) {
    if (values.family === undefined || file.family === values.family) {
      outcomes.set(file.family, [...(outcomes.get(file.family) ?? []), ...(await runFile(file))])
    }
  }
  if (outcomes.size === 0)
    throw new Error(`no vectors${values.family ? ` of family '${values.family}'` : ''} in ${path}`)

  for (const [family, list] of outcomes) console.log(line(family, list))
  const all = [...outcomes.values()].flat()
  console.log(line('all', all))
  if (values.failures || values.verbose) {
    for (const [family, list] of outcomes) {
      for (const { id, op, failure } of list) {
        if (failure !== null) console.log(`FAILED ${family} ${id} (${op}): ${failure}`)
      }
    }
  }
  if (values.json !== undefined) writeFileSync(values.json, JSON.stringify(report(values.backend, outcomes), null, 2))
  if (all.some(failed)) process.exitCode = 1
}

const failed = ({ failure }: Outcome): boolean => failure !== null

function line(family: string, list: readonly Outcome[]): string {
  const failures = list.filter(failed).length
  return `${family.padEnd(22)} ${String(list.length - failures).padStart(5)} passed ${String(failures).padStart(5)} failed`
}

function report(backend: string, outcomes: ReadonlyMap<string, readonly Outcome[]>): object {
  const families = [...outcomes].map(([family, list]) => {
    const failures = list.filter(failed)
    return [family, { passed: list.length - failures.length, failed: failures.length, failures }]
  })
  return { backend, families: Object.fromEntries(families) }
}

try {
  await main()
} catch (error) {
  console.error((error as Error).message)
  process.exitCode = 1
}
