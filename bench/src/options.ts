// What the command line asks for.
import { parseArgs } from 'node:util'
import { columns } from './columns.ts'

export interface Options {
  /** Also measure the other libraries. */
  readonly peers: boolean
  /** Only rows whose section or name it matches. */
  readonly only: RegExp | null
  /** Only these columns. */
  readonly columns: readonly string[] | null
  readonly rounds: number
  /** Milliseconds of each column in each round. */
  readonly ms: number
  readonly json: string | null
  readonly markdown: boolean
  /** Also rows that take seconds each. */
  readonly slow: boolean
  readonly help: boolean
}

export const HELP = `npm run bench [-- OPTIONS]
  --peers            also tfjs, onnxruntime-web, wllama (in Chromium), jax-js, numpy-ts, ml-matrix, @huggingface/tokenizers (installed on demand, 270 MB)
  --only PATTERN     only rows whose section or name matches the regular expression, e.g. matmul, "^exp", training
  --columns LIST     only these columns, with commas: ${columns.map(({ key }) => key).join(',')}
  --rounds N         how many times every column gets its turn (default 5)
  --time MS          how long a turn lasts (default 40)
  --quick            2 rounds of 10 ms
  --slow             also the rows that take seconds and hundreds of megabytes each (whole language models)
  --json FILE        where the figures go (default bench/results/latest.json)
  --markdown         print the tables as Markdown, for the README`

/** @throws Error of one sentence for what cannot be meant */
export function readOptions(args: readonly string[]): Options {
  const values = parsed(args)
  const { quick, peers, markdown, slow, help, json = null } = values
  return {
    peers,
    markdown,
    slow,
    help,
    json,
    only: values.only === undefined ? null : pattern(values.only),
    columns: values.columns === undefined ? null : keys(values.columns),
    rounds: values.rounds === undefined ? (quick ? 2 : 5) : atLeastOne('--rounds', values.rounds),
    ms: values.time === undefined ? (quick ? 10 : 40) : atLeastOne('--time', values.time),
  }
}

/** @throws Error that says only the first sentence of Node's advice */
function parsed(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        peers: { type: 'boolean', default: false },
        only: { type: 'string' },
        columns: { type: 'string' },
        rounds: { type: 'string' },
        time: { type: 'string' },
        quick: { type: 'boolean', default: false },
        json: { type: 'string' },
        markdown: { type: 'boolean', default: false },
        slow: { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h', default: false },
      },
    }).values
  } catch (error) {
    throw new Error(`${(error as Error).message.split(/[.\n]/)[0]}; npm run bench -- --help lists what there is.`)
  }
}

function atLeastOne(name: string, text: string): number {
  const n = Number(text)
  if (!Number.isInteger(n) || n < 1) throw new Error(`${name} ${text} is not a whole number from 1.`)
  return n
}

function pattern(text: string): RegExp {
  try {
    return new RegExp(text, 'i')
  } catch {
    throw new Error(`--only ${text} is not a regular expression.`)
  }
}

function keys(text: string): string[] {
  const list = text.split(',')
  const unknown = list.find((key) => !columns.some((column) => column.key === key))
  if (unknown !== undefined)
    throw new Error(`--columns: there is no column '${unknown}', only ${columns.map(({ key }) => key).join(', ')}.`)
  return list
}
