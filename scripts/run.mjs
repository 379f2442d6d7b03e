// Runs a task of this repository on a machine that has only Node ≥ 18 and npm: node scripts/run.mjs TASK [ARGUMENTS]
// Fetches a newer Node, installs and builds the kernels when that is due, then hands over to the task.
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { isNewEnough, newerNode } from './newerNode.mjs'
import { environment, handOver } from './process.mjs'
import { buildKernelsWhenStale, installWhenStale } from './upToDate.mjs'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const source = (file) => ['--conditions=@x/source', '--disable-warning=ExperimentalWarning', file]
const tool = (path) => [join('node_modules', path)]

/** What node is called with, for each task. */
const tasks = {
  demo: { node: source('apps/demo/src/main.ts') },
  playground: { node: source('apps/playground/serve.ts') },
  bench: { node: source('bench/src/main.ts') },
  'bench:memory': { node: source('bench/src/memory.ts') },
  golden: { node: source('scripts/golden.ts') },
  baselines: { node: source('scripts/baselines.ts') },
  pytorch: { node: source('scripts/pytorch/roundTrip.ts') },
  trajectories: { node: source('scripts/trajectories.ts') },
  'rl:benchmark': { node: source('scripts/rlBenchmark.ts') },
  test: { node: [...tool('vitest/vitest.mjs'), 'run'], browser: true },
  watch: { node: [...tool('vitest/vitest.mjs'), 'watch'], browser: true },
  build: { node: [...tool('turbo/bin/turbo'), 'run', 'build', '--output-logs=errors-only'] },
  typecheck: { node: source('scripts/check/types.ts') },
  lint: { node: [...tool('@biomejs/biome/bin/biome'), 'check', '--error-on-warnings'], kernels: false },
  format: { node: [...tool('@biomejs/biome/bin/biome'), 'check', '--write'], kernels: false },
  changeset: { node: tool('@changesets/cli/bin.js'), kernels: false },
  docs: { node: source('scripts/docs.ts') },
  check: { node: source('scripts/check/main.ts') },
}

async function main([name, ...args]) {
  const task = tasks[name]
  if (!task) throw new Error(`${name ? `no task "${name}"` : 'no task given'}: one of ${Object.keys(tasks).join(', ')}`)
  if (!isNewEnough()) return handOver(await newerNode(), process.argv.slice(1), { env: process.env })
  installWhenStale(root)
  if (task.kernels !== false) buildKernelsWhenStale(root)
  const extra = {}
  // Whoever asks for the tests of one project in Node needs no browser.
  if (task.browser && !args.join(' ').match(/--project[= ]node/)) {
    const { findBrowser } = await import('./browser.mjs')
    extra.CHROME_PATH = await findBrowser()
  }
  handOver(process.execPath, [...task.node, ...args], { cwd: root, env: environment(extra) })
}

main(process.argv.slice(2)).catch((error) => {
  console.error(error.message)
  process.exit(1)
})
