// Finding recorded files, and which family checks each.
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { basename, extname, join } from 'node:path'
import { control } from './control.ts'
import { checkLoss } from './losses.ts'
import { type Json, type Outcome, outcomeOf } from './outcome.ts'
import { api, blackjack, sampled, seeded } from './rules.ts'
import { gambler, index, tabular } from './tabular.ts'
import { checkUpdate } from './updates.ts'

/** A kind of file: the family that it is counted under, and its check. */
interface Kind {
  readonly family: string
  readonly check: (file: Json) => Outcome[]
}

const cases =
  (check: (c: Json) => void) =>
  ({ cases: list }: Json): Outcome[] =>
    list.map((c: Json, i: number) => outcomeOf(`${c?.name} ${i}`, () => check(c)))

/** Kinds by the schema that a file names. */
const KINDS: Readonly<Record<string, Kind>> = {
  'rl-ref/control-trajectories/1': { family: 'control', check: control },
  'rl-ref/tabular/1': { family: 'tabular', check: tabular },
  'rl-ref/gambler/1': { family: 'tabular', check: gambler },
  'rl-ref/blackjack/1': { family: 'rules', check: blackjack },
  'rl-ref/sampled/1': { family: 'rules', check: sampled },
  'rl-ref/seeded/1': { family: 'rules', check: seeded },
  'rl-ref/api/1': { family: 'rules', check: api },
  'rl-ref/updates/1': { family: 'agents', check: cases(checkUpdate) },
  'rl-ref/losses/1': { family: 'agents', check: cases(checkLoss) },
}

/** Every JSON file at a path, which is one of them or a folder that is searched with all below it. */
export function jsonFiles(path: string): string[] {
  if (!statSync(path).isDirectory()) return [path]
  return readdirSync(path, { recursive: true, encoding: 'utf8' })
    .filter((name) => extname(name) === '.json' && !name.includes('node_modules'))
    .sort()
    .map((name) => join(path, name))
}

/** The family of a file and the outcomes of its cases; a file that nobody understands is one failed case. */
export function runFile(path: string): { family: string; outcomes: Outcome[] } {
  const name = basename(path)
  const wrong = (why: string): { family: string; outcomes: Outcome[] } => ({
    family: 'unknown',
    outcomes: [{ id: name, failure: why }],
  })
  let file: Json
  try {
    file = JSON.parse(readFileSync(path, 'utf8'))
  } catch (error) {
    return wrong(`cannot be read: ${(error as Error).message}`)
  }
  // The list of the tabular files is the only one without a schema.
  const isIndex = Array.isArray(file) && name === 'index.json'
  if (!isIndex && !Object.hasOwn(KINDS, file?.schema ?? ''))
    return wrong(`unknown schema ${JSON.stringify(file?.schema)}`)
  const { family, check } = isIndex ? { family: 'tabular', check: index } : KINDS[file.schema]
  try {
    const outcomes = check(file)
    return outcomes.length > 0 ? { family, outcomes } : { family, outcomes: [{ id: name, failure: 'holds no case' }] }
  } catch (error) {
    return { family, outcomes: [{ id: name, failure: `cannot be run: ${(error as Error).message}` }] }
  }
}
