// The examples in the docstrings of @x/autograd, @x/nn, @x/rl and @x/transformer run, and give what stands behind them.
import { globSync, readFileSync } from 'node:fs'
import { stripTypeScriptTypes } from 'node:module'
import { join } from 'node:path'
import { expect, test, vi } from 'vitest'
import { root } from './workspace.ts'

/** What examples import from. */
const modules: Readonly<Record<string, () => Promise<object>>> = {
  '@x/tensor': () => import('@x/tensor'),
  '@x/tensor/files': () => import('@x/tensor/files'),
  '@x/tensor/linalg': () => import('@x/tensor/linalg'),
  '@x/autograd': () => import('@x/autograd'),
  '@x/autograd/testing': () => import('@x/autograd/testing'),
  '@x/nn': () => import('@x/nn'),
  '@x/nn/data': () => import('@x/nn/data'),
  '@x/nn/metrics': () => import('@x/nn/metrics'),
  '@x/nn/models': () => import('@x/nn/models'),
  '@x/nn/schedules': () => import('@x/nn/schedules'),
  '@x/nn/testing': () => import('@x/nn/testing'),
  '@x/nn/training': () => import('@x/nn/training'),
  '@x/rl': () => import('@x/rl'),
  '@x/rl/agents': () => import('@x/rl/agents'),
  '@x/rl/planning': () => import('@x/rl/planning'),
  '@x/rl/preferences': () => import('@x/rl/preferences'),
  '@x/rl/testing': () => import('@x/rl/testing'),
  '@x/rl/vector': () => import('@x/rl/vector'),
  '@x/transformer': () => import('@x/transformer'),
  '@x/transformer/serve': () => import('@x/transformer/serve'),
  '@x/transformer/tokenizers': () => import('@x/transformer/tokenizers'),
  '@x/transformer/worker': () => import('@x/transformer/worker'),
  'node:fs': async () => ({ writeFileSync: () => {}, readFileSync: () => new Uint8Array() }),
}

interface Example {
  readonly place: string
  readonly code: string
}

function examplesOf(file: string): Example[] {
  const text = readFileSync(join(root, file), 'utf8')
  return [...text.matchAll(/\/\*\*((?:(?!\*\/)[\s\S])*?@example\n((?:(?!\*\/)[\s\S])*))\*\//g)].map((match) => {
    const lines = match[2].split('\n').map((line) => line.replace(/^\s*\* ?/, ''))
    const end = lines.findIndex((line) => line.startsWith('@'))
    const line = text.slice(0, match.index).split('\n').length
    return { place: `${file}:${line}`, code: lines.slice(0, end < 0 ? undefined : end).join('\n') }
  })
}

/** A statement of one line with what it gives behind it: a literal, perhaps in words too (`// '1.0986', ln 3`). */
const ASSERTION =
  /^(?!const |let |for |import |\/\/|\s)(.+?);? \/\/ (-?\d[\d.e-]*|'[^']*'|\[[^a-zA-Z\n]*\]|true|false)(?:, [^,\n]+)?$/gm

/** The example as the body of an asynchronous function of `imported` and `check`. */
const body = (code: string): string =>
  code
    .replace(
      /^import \{([^}]*)\} from '([^']+)'$/gm,
      (_, names: string, from: string) =>
        `const {${names.replace(/\btype \w+,?/g, '').replaceAll(' as ', ': ')}} = await imported('${from}')`,
    )
    .replace(ASSERTION, 'check($1, $2)')

const AsyncFunction = (async () => {}).constructor as new (...args: string[]) => (...args: unknown[]) => Promise<void>

async function imported(name: string): Promise<object> {
  if (modules[name]) return modules[name]()
  throw new Error(`examples import from ${Object.keys(modules).join(', ')}, not '${name}'`)
}

/** As it prints: 0 is −0, and typed arrays are lists. */
const shown = (value: unknown): unknown =>
  JSON.parse(JSON.stringify(value, (_, x) => (ArrayBuffer.isView(x) ? Array.from(x as Float64Array) : x)))
const check = (value: unknown, wanted: unknown): void => expect(shown(value)).toEqual(shown(wanted))

const examples = globSync('packages/{autograd,nn,rl,transformer}/src/**/*.ts', { cwd: root })
  .filter((file) => !file.endsWith('.test.ts'))
  .sort()
  .flatMap(examplesOf)

test.each(examples.map(({ place, code }) => [place, code] as const))('%s', async (_, code) => {
  vi.spyOn(console, 'log').mockImplementation(() => {})
  await new AsyncFunction('imported', 'check', stripTypeScriptTypes(body(code)))(imported, check)
})

test('what stands behind a line is checked', async () => {
  const lines = "const x = 1 // 2\nx + 1 // 2\n[x].concat(2); // [1, 2]\nx.toFixed(1) // '1.0', one\nx // about 7"
  expect(body(lines)).toBe(
    "const x = 1 // 2\ncheck(x + 1, 2)\ncheck([x].concat(2), [1, 2])\ncheck(x.toFixed(1), '1.0')\nx // about 7",
  )
})
