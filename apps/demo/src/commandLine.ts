// The options of the demo.
import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { type BackendName, rangeOf, type Scenario, type ScenarioOption, scenarios, TOPICS } from '@x/scenarios'

/** Something wrong that the user can put right; its message is one sentence. */
export class UsageError extends Error {
  override name = 'UsageError'
}

export interface DemoOptions {
  backend: BackendName
  threads?: number
  epochs?: number
  seed: number
  /** Folder of MNIST-format files. */
  data?: string
  /** Where the trained model goes. */
  save?: string
}

/** What the arguments ask for. */
export type Request =
  | { readonly kind: 'help'; readonly text: string }
  | { readonly kind: 'digits'; readonly options: DemoOptions }
  | { readonly kind: 'gallery'; readonly scenario: Scenario; readonly options: GalleryOptions }

export interface GalleryOptions {
  backend: BackendName
  threads?: number
  seed: number
  /** The scenario's own options as texts. */
  own: Readonly<Record<string, string>>
}

type Entry = readonly [name: string, about: string]

const shared: readonly Entry[] = [
  ['--seed N', 'of weights, order and dropout: the same seed gives the same run (default 0)'],
  ['--backend NAME', 'wasm, or js for the same kernels in JavaScript (default wasm)'],
  ['--threads N', 'threads for the Wasm kernels, 1 to 64 (default 1)'],
]

const digitsEntry: Entry = [
  'digits',
  'a multi-layer perceptron and a convolutional network learn to read handwritten digits (default)',
]

const names = ['digits', ...scenarios.map(({ name }) => name)]
const longestName = Math.max(...names.map((name) => name.length))

const help = `npm run demo -- [scenario] [options]

${listed([digitsEntry], longestName)}

${TOPICS.flatMap((topic) => {
  const of = scenarios.filter((scenario) => scenario.topic === topic)
  const entries = of.map(({ name, title }): Entry => [name, title])
  return of.length > 0 ? [`${topic}\n${listed(entries, longestName)}`] : []
}).join('\n\n')}

Options of all scenarios; npm run demo -- SCENARIO --help lists those of one
${listed(shared)}

Options of digits
  --epochs N        passes over the training images (default: until about 20,000 images were seen)
  --data DIR        a folder of MNIST-format files instead of the bundled digits: train-images-idx3-ubyte,
                    train-labels-idx1-ubyte, t10k-images-idx3-ubyte, t10k-labels-idx1-ubyte, plain or .gz;
                    one of the two pairs is enough, a fifth of it is held out for testing then
  --save FILE       where the trained model goes (default: digits-cnn.safetensors in the system's temporary folder)`

/** A line for each, the texts below each other. */
function listed(entries: readonly Entry[], least = 16): string {
  const width = Math.max(least, ...entries.map(([name]) => name.length))
  return entries.map(([name, about]) => `  ${name.padEnd(width)}  ${about}`).join('\n')
}

function helpOf({ name, title, about, options }: Scenario): string {
  const own = Object.entries(options).map(([option, o]): Entry => [`--${option} ${argument(o)}`, described(o)])
  return [`npm run demo -- ${name} [options]`, `${title}\n${about}`, `Options\n${listed([...own, ...shared])}`].join(
    '\n\n',
  )
}

const argument = (option: ScenarioOption): string => ({ number: 'N', choice: 'NAME', file: 'FILE' })[option.kind]

function described(option: ScenarioOption): string {
  if (option.kind === 'file') return option.about
  const range = option.kind === 'number' ? rangeOf(option) : option.among.join(', ')
  return `${option.about}: ${range} (default ${option.default})`
}

const common = {
  seed: { type: 'string' },
  backend: { type: 'string' },
  threads: { type: 'string' },
  help: { type: 'boolean', short: 'h' },
} as const
const ofDigits = { epochs: { type: 'string' }, data: { type: 'string' }, save: { type: 'string' } } as const

type Values = Readonly<Record<string, string | boolean | undefined>>

/** What these arguments ask for. @throws UsageError */
export function commandLine(args: string[]): Request {
  const name = args.find((arg) => !arg.startsWith('-') && names.includes(arg)) ?? 'digits'
  const scenario = scenarios.find((s) => s.name === name)
  const own = Object.fromEntries(Object.keys(scenario?.options ?? {}).map((key) => [key, { type: 'string' } as const]))
  const options = { ...common, ...(scenario ? own : ofDigits) }
  refuseKeptByNpm(Object.keys(options), name)
  const { values, positionals } = parsed(args, options)
  const [first = 'digits', ...rest] = positionals
  if (!names.includes(first)) throw new UsageError(`There is no scenario "${first}"; there are: ${names.join(', ')}.`)
  if (rest.length > 0)
    throw new UsageError(
      `"${rest[0]}" is one argument too many; options go behind --: ${behindDashes(name, '--help')}.`,
    )
  if (values.help) return { kind: 'help', text: scenario ? helpOf(scenario) : help }
  const { backend = 'wasm' } = values
  if (backend !== 'wasm' && backend !== 'js') throw new UsageError(`--backend is wasm or js, not "${backend}".`)
  const chosen = {
    backend: backend as BackendName,
    threads: wholeNumber('threads', values, 1, 64),
    seed: wholeNumber('seed', values, 0, Number.MAX_SAFE_INTEGER) ?? 0,
  }
  if (!scenario) {
    const epochs = wholeNumber('epochs', values, 1, 100_000)
    return { kind: 'digits', options: { ...chosen, epochs, data: path(values, 'data'), save: path(values, 'save') } }
  }
  const given = Object.keys(own).flatMap((key): [string, string][] => {
    const value = scenario.options[key].kind === 'file' ? path(values, key) : (values[key] as string | undefined)
    return value === undefined ? [] : [[key, value]]
  })
  return { kind: 'gallery', scenario, options: { ...chosen, own: Object.fromEntries(given) } }
}

function parsed(
  args: string[],
  options: Readonly<Record<string, { readonly type: 'string' | 'boolean'; readonly short?: string }>>,
): { values: Values; positionals: string[] } {
  try {
    return parseArgs({ args: joined(args, options), options, allowPositionals: true }) as {
      values: Values
      positionals: string[]
    }
  } catch (error) {
    throw new UsageError(`${(error as Error).message.split(/[.\n]/)[0]}; --help lists the options.`)
  }
}

/** `--name -1` as `--name=-1`: parseArgs takes a number below zero for an option. */
function joined(args: readonly string[], options: Readonly<Record<string, unknown>>): string[] {
  const takesNumber = (i: number): boolean =>
    args[i].startsWith('--') && Object.hasOwn(options, args[i].slice(2)) && /^-[\d.]/.test(args[i + 1] ?? '')
  return args.flatMap((arg, i) => {
    if (i > 0 && takesNumber(i - 1)) return []
    return takesNumber(i) ? [`${arg}=${args[i + 1]}`] : [arg]
  })
}

/** npm keeps options that stand before `--` as settings of its own, and only the environment tells. @throws UsageError */
function refuseKeptByNpm(options: readonly string[], scenario: string): void {
  // These two are npm's own, and may be set in its configuration.
  const kept = options.filter((name) => name !== 'save' && name !== 'help' && `npm_config_${name}` in process.env)
  if (kept.length === 0) return
  const flags = kept.map((name) => `--${name}`)
  const example = behindDashes(scenario, `${flags[0]} …`)
  throw new UsageError(`npm kept ${flags.join(' and ')} for itself; options go behind --: ${example}`)
}

const behindDashes = (scenario: string, options: string): string => `npm run demo -- ${scenario} ${options}`

function wholeNumber(name: string, values: Values, least: number, most: number): number | undefined {
  const text = values[name] as string | undefined
  if (text === undefined) return undefined
  const value = text.trim() === '' ? Number.NaN : Number(text)
  if (Number.isInteger(value) && value >= least && value <= most) return value
  throw new UsageError(`--${name} is a whole number from ${least} to ${most}, not "${text}".`)
}

/** Relative paths start where the user is: npm runs scripts elsewhere, and says in INIT_CWD where it was called. */
function path(values: Values, name: string): string | undefined {
  const given = values[name] as string | undefined
  return given === undefined ? undefined : resolve(process.env.INIT_CWD ?? '.', given)
}
