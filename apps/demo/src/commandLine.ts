// The options of the demo.
import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { type BackendName, type Scenario, type ScenarioOption, scenarios, TOPICS } from '@x/scenarios'

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

const shared = `  --seed N          of weights, order and dropout: the same seed gives the same run (default 0)
  --backend NAME    wasm, or js for the same kernels in JavaScript (default wasm)
  --threads N       threads for the Wasm kernels, 1 to 64 (default 1)`

const help = `npm run demo -- [scenario] [options]

${line('digits', 'a multi-layer perceptron and a convolutional network learn to read handwritten digits (default)')}

${TOPICS.flatMap((topic) => {
  const of = scenarios.filter((scenario) => scenario.topic === topic)
  return of.length > 0 ? [[topic, ...of.map(({ name, title }) => line(name, title))].join('\n')] : []
}).join('\n\n')}

Options of all scenarios; npm run demo -- SCENARIO --help lists those of one
${shared}

Options of digits
  --epochs N        passes over the training images (default: until about 20,000 images were seen)
  --data DIR        a folder of MNIST-format files instead of the bundled digits: train-images-idx3-ubyte,
                    train-labels-idx1-ubyte, t10k-images-idx3-ubyte, t10k-labels-idx1-ubyte, plain or .gz;
                    one of the two pairs is enough, a fifth of it is held out for testing then
  --save FILE       where the trained model goes (default: digits-cnn.safetensors in the system's temporary folder)`

function line(name: string, about: string): string {
  return `  ${name.padEnd(18)}${about}`
}

function helpOf({ name, title, about, options }: Scenario): string {
  const own = Object.entries(options).map(([option, o]) => line(`--${option} ${argument(o)}`, described(o)))
  return [`npm run demo -- ${name} [options]`, `${title}\n${about}`, ['Options', ...own, shared].join('\n')].join(
    '\n\n',
  )
}

const argument = (option: ScenarioOption): string => ({ number: 'N', choice: 'NAME', file: 'FILE' })[option.kind]

function described(option: ScenarioOption): string {
  if (option.kind === 'file') return option.about
  const range = option.kind === 'number' ? `${option.least} to ${option.most}` : option.among.join(', ')
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
  const { values, positionals } = parsed(args, { ...common, ...(scenario ? own : ofDigits) })
  const [first = 'digits', ...rest] = positionals
  if (!names.includes(first)) throw new UsageError(`There is no scenario "${first}"; there are: ${names.join(', ')}.`)
  if (rest.length > 0) throw new UsageError(`"${rest[0]}" is one argument too many; --help lists the options.`)
  if (values.help) return { kind: 'help', text: scenario ? helpOf(scenario) : help }
  const { backend = 'wasm' } = values
  if (backend !== 'wasm' && backend !== 'js') throw new UsageError(`--backend is wasm or js, not "${backend}".`)
  const options = {
    backend: backend as BackendName,
    threads: wholeNumber('threads', values, 1, 64),
    seed: wholeNumber('seed', values, 0, Number.MAX_SAFE_INTEGER) ?? 0,
  }
  if (!scenario) {
    const epochs = wholeNumber('epochs', values, 1, 100_000)
    return { kind: 'digits', options: { ...options, epochs, data: path(values, 'data'), save: path(values, 'save') } }
  }
  const given = Object.keys(own).flatMap((key): [string, string][] => {
    const value = scenario.options[key].kind === 'file' ? path(values, key) : (values[key] as string | undefined)
    return value === undefined ? [] : [[key, value]]
  })
  return { kind: 'gallery', scenario, options: { ...options, own: Object.fromEntries(given) } }
}

const names = ['digits', ...scenarios.map(({ name }) => name)]

function parsed(
  args: string[],
  options: Readonly<Record<string, { readonly type: 'string' | 'boolean'; readonly short?: string }>>,
): { values: Values; positionals: string[] } {
  try {
    return parseArgs({ args, options, allowPositionals: true }) as { values: Values; positionals: string[] }
  } catch (error) {
    throw new UsageError(`${(error as Error).message.split(/[.\n]/)[0]}; --help lists the options.`)
  }
}

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
