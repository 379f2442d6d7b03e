// The options of the demo.
import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import type { BackendName } from '@x/scenarios'

/** Something wrong that the user can put right; its message is one sentence. */
export class UsageError extends Error {
  override name = 'UsageError'
}

export interface DemoOptions {
  scenario: 'digits'
  help: boolean
  backend: BackendName
  threads?: number
  epochs?: number
  seed: number
  /** Folder of MNIST-format files. */
  data?: string
  /** Where the trained model goes. */
  save?: string
}

export const help = `npm run demo -- [scenario] [options]

Scenarios
  digits            a multi-layer perceptron and a convolutional network learn to read handwritten digits (default)

Options
  --epochs N        passes over the training images (default: until about 20,000 images were seen)
  --seed N          of weights, order and dropout: the same seed gives the same run (default 0)
  --backend NAME    wasm, or js for the same kernels in JavaScript (default wasm)
  --threads N       threads for the Wasm kernels, 1 to 64 (default 1)
  --data DIR        a folder of MNIST-format files instead of the bundled digits: train-images-idx3-ubyte,
                    train-labels-idx1-ubyte, t10k-images-idx3-ubyte, t10k-labels-idx1-ubyte, plain or .gz;
                    one of the two pairs is enough, a fifth of it is held out for testing then
  --save FILE       where the trained model goes (default: digits-cnn.safetensors in the system's temporary folder)
  --help            this text`

const known = {
  epochs: { type: 'string' },
  seed: { type: 'string' },
  backend: { type: 'string' },
  threads: { type: 'string' },
  data: { type: 'string' },
  save: { type: 'string' },
  help: { type: 'boolean', short: 'h' },
} as const

/** The options in these arguments. @throws UsageError */
export function commandLine(args: string[]): DemoOptions {
  const { values, positionals } = parsed(args)
  const [scenario = 'digits', ...rest] = positionals
  if (scenario !== 'digits') throw new UsageError(`There is no scenario "${scenario}"; there is: digits.`)
  if (rest.length > 0) throw new UsageError(`"${rest[0]}" is one argument too many; --help lists the options.`)
  const { backend = 'wasm' } = values
  if (backend !== 'wasm' && backend !== 'js') throw new UsageError(`--backend is wasm or js, not "${backend}".`)
  return {
    scenario,
    backend,
    help: values.help ?? false,
    threads: wholeNumber('threads', values.threads, 1, 64),
    epochs: wholeNumber('epochs', values.epochs, 1, 100_000),
    seed: wholeNumber('seed', values.seed, 0, Number.MAX_SAFE_INTEGER) ?? 0,
    data: fromHere(values.data),
    save: fromHere(values.save),
  }
}

function parsed(args: string[]) {
  try {
    return parseArgs({ args, options: known, allowPositionals: true })
  } catch (error) {
    throw new UsageError(`${(error as Error).message.split(/[.\n]/)[0]}; --help lists the options.`)
  }
}

function wholeNumber(name: string, text: string | undefined, least: number, most: number): number | undefined {
  if (text === undefined) return undefined
  const value = text.trim() === '' ? Number.NaN : Number(text)
  if (Number.isInteger(value) && value >= least && value <= most) return value
  throw new UsageError(`--${name} is a whole number from ${least} to ${most}, not "${text}".`)
}

/** Relative paths start where the user is: npm runs scripts elsewhere, and says in INIT_CWD where it was called. */
const fromHere = (path: string | undefined): string | undefined =>
  path === undefined ? undefined : resolve(process.env.INIT_CWD ?? '.', path)
