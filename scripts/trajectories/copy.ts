// Copies a thinned recording into golden/rl: node --conditions=@x/source scripts/trajectories/copy.ts FROM
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { basename, dirname, join, relative } from 'node:path'
import type { Json } from './outcome.ts'
import { jsonFiles } from './run.ts'

const to = join(import.meta.dirname, '../../golden/rl')

/** Every n-th of a list. */
const every = (n: number, list: Json[]): Json[] => list.filter((_, i) => i % n === 0)

/** The first steps of an episode. */
function shortened(episode: Json, steps: number): Json {
  const lists = ['actions', 'states', 'obs', 'rewards', 'terminated', 'truncated']
  return { ...episode, ...Object.fromEntries(lists.map((name) => [name, episode[name].slice(0, steps)])) }
}

/** The first case of every name. */
const distinct = (cases: Json[]): Json[] => cases.filter((c, i) => cases.findIndex(({ name }) => name === c.name) === i)

/** What is kept of a file, by its schema; null for what the tests do without. */
const THIN: Readonly<Record<string, (file: Json) => Json>> = {
  'rl-ref/control-trajectories/1': (file) => ({
    ...file,
    // Those up to a time limit are kept whole.
    episodes: every(2, file.episodes).map((e) => (e.timeLimit ? e : shortened(e, 40))),
  }),
  'rl-ref/tabular/1': (file) => (file.nS > 64 && file.env !== 'SuttonBarto/WindyGridworld' ? null : file),
  'rl-ref/gambler/1': (file) => file,
  'rl-ref/blackjack/1': (file) => ({ ...file, cases: every(8, file.cases) }),
  'rl-ref/sampled/1': (file) => ({ ...file, rows: every(4, file.rows) }),
  'rl-ref/seeded/1': (file) => file,
  'rl-ref/api/1': (file) => file,
  'rl-ref/updates/1': (file) => ({ ...file, cases: distinct(file.cases) }),
  'rl-ref/losses/1': (file) => ({ ...file, cases: distinct(file.cases) }),
}

const [from] = process.argv.slice(2)
for (const path of jsonFiles(from)) {
  const file = JSON.parse(readFileSync(path, 'utf8'))
  const thinned = THIN[file.schema]?.(file) ?? null
  if (thinned === null) continue
  const target = join(to, relative(from, path))
  mkdirSync(dirname(target), { recursive: true })
  writeFileSync(target, `${JSON.stringify(thinned)}\n`)
  console.log(basename(path))
}
