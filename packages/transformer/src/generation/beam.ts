// Beam search: the best few texts side by side. Finished ones stay among them and compete until none can be bettered.
import { checkOptions } from '@x/tensor/op'
import { named } from '../named.ts'
import { logSoftmax, noChoice, softmax } from './processors.ts'

/** Something that says how likely each token is to come next, for several texts at once. */
export interface NextTokens {
  readonly vocabSize: number
  /** Scores of what follows each row: after a token for each, or at the start without any. [rows · vocabSize] */
  next(tokens: readonly number[] | null): Float32Array | Float64Array
  /** Row i goes on from what row index[i] was. */
  reorder(index: readonly number[]): void
}

export interface BeamOptions {
  /** Texts side by side, for each example. */
  readonly numBeams: number
  /** The most tokens to add. */
  readonly maxNewTokens: number
  /** Tokens that end a text. */
  readonly eos: readonly number[]
  /** Texts are ranked by their log-probability divided by length ** lengthPenalty; above 0 favours long ones. Default 1. */
  readonly lengthPenalty?: number
  /** Changes the log-probabilities of what follows a text. */
  readonly process?: (scores: Float64Array, tokens: readonly number[], example: number) => void
  /** Whether a text has ended for another reason. */
  readonly isEnd?: (tokens: readonly number[]) => boolean
  /** So many numbers of [0, 1), asked for at each step: what goes on is drawn with them, not the likeliest. */
  readonly draw?: (count: number) => readonly number[]
  /** Called before each further step. */
  readonly onStep?: () => Promise<void>
}

export interface Hypothesis {
  /** The tokens that were added. */
  readonly tokens: readonly number[]
  /** Sum of their log-probabilities. */
  readonly logProbability: number
  /** logProbability / length ** lengthPenalty */
  readonly score: number
  readonly isFinished: boolean
  /** Where it was among the beams before. */
  readonly row: number
}

const OPTIONS = ['numBeams', 'maxNewTokens', 'eos', 'lengthPenalty', 'process', 'isEnd', 'draw', 'onStep']

/**
 * The best texts of each example, best first: the search behind `generate(model, prompt, { numBeams })`, over anything that
 * says how likely tokens are. `source` has numBeams rows for each example.
 * Source: A. Graves 2012, arXiv:1211.3711; the length penalty is that of transformers, over the tokens that were added.
 * @throws TypeError for what is no source (a model is none), RangeError for options, and when no token can come
 * @example
 * import { beamSearch } from '@x/transformer'
 * // Two rows of three scores, the same whatever stands before.
 * const source = { vocabSize: 3, next: () => Float32Array.of(0, 1, 2, 0, 1, 2), reorder() {} }
 * const [[best]] = await beamSearch(source, 1, { numBeams: 2, maxNewTokens: 3, eos: [] })
 * best.tokens // [2, 2, 2]
 */
export async function beamSearch(source: NextTokens, examples: number, options: BeamOptions): Promise<Hypothesis[][]> {
  checkSearch(source, examples, options)
  const { numBeams, maxNewTokens, eos, lengthPenalty = 1, process, isEnd, draw, onStep } = options
  const V = source.vocabSize
  const start: Hypothesis = { tokens: [], logProbability: 0, score: 0, isFinished: false, row: 0 }
  let beams: Hypothesis[][] = Array.from({ length: examples }, () => [start])
  for (let step = 0; step < maxNewTokens && beams.some((list) => list.some((h) => !h.isFinished)); step++) {
    await onStep?.()
    // Rows without a text of their own, and those of finished texts, repeat some token: nobody looks.
    const last = step === 0 ? null : rowsOf(beams, numBeams, (h) => h?.tokens[h.tokens.length - 1] ?? 0)
    const scores = source.next(last)
    const numbers = draw?.(2 * numBeams)
    beams = beams.map((list, example) => {
      const candidates: Hypothesis[] = []
      const open: { h: Hypothesis; row: number; own: Float64Array }[] = []
      const add = (h: Hypothesis, row: number, score: number, t: number): void => {
        const tokens = [...h.tokens, t]
        const logProbability = h.logProbability + score
        candidates.push({
          tokens,
          logProbability,
          score: logProbability / tokens.length ** lengthPenalty,
          isFinished: eos.includes(t) || isEnd?.(tokens) === true,
          row,
        })
      }
      list.forEach((h, i) => {
        const row = example * numBeams + i
        if (h.isFinished) {
          candidates.push({ ...h, row })
          return
        }
        const own = logSoftmax(Float64Array.from(scores.subarray(row * V, (row + 1) * V)))
        if (Number.isNaN(own[0])) throw noChoice(own)
        process?.(own, h.tokens, example)
        if (numbers) open.push({ h, row, own })
        else for (const t of likeliest(own, numBeams)) add(h, row, own[t], t)
      })
      if (numbers) {
        const all = open.flatMap(({ h, own }) => Array.from(own, (s) => h.logProbability + s))
        for (const at of without(softmax(Float64Array.from(all)), numbers)) {
          const { h, row, own } = open[Math.floor(at / V)]
          add(h, row, own[at % V], at % V)
        }
      }
      if (candidates.length === 0) throw noChoice(new Float64Array())
      return candidates.sort((a, b) => b.score - a.score).slice(0, numBeams)
    })
    source.reorder(rowsOf(beams, numBeams, (h, example) => h?.row ?? example * numBeams))
  }
  return beams
}

/** A number for each row of the source. */
function rowsOf(
  beams: readonly (readonly Hypothesis[])[],
  numBeams: number,
  of: (h: Hypothesis | undefined, example: number) => number,
): number[] {
  return beams.flatMap((list, example) => Array.from({ length: numBeams }, (_, i) => of(list[i], example)))
}

/** The positions of the k largest that are possible, largest first: no others of a row can be among the best k of all. */
function likeliest(scores: Float64Array, k: number): number[] {
  const least = k < scores.length ? scores.slice().sort()[scores.length - k] : Number.NEGATIVE_INFINITY
  const found: number[] = []
  for (let i = 0; i < scores.length; i++) {
    if (scores[i] >= least && scores[i] > Number.NEGATIVE_INFINITY) found.push(i)
  }
  return found.sort((a, b) => scores[b] - scores[a] || a - b).slice(0, k)
}

/** Positions drawn by their probabilities, none of them twice: one for each number of [0, 1), as far as there are. */
function without(probabilities: Float64Array, numbers: readonly number[]): number[] {
  const found: number[] = []
  for (const u of numbers) {
    const left = probabilities.reduce((sum, p) => sum + p, 0)
    if (!(left > 0)) break
    let sum = 0
    let at = -1
    for (let i = 0; i < probabilities.length && sum <= u * left; i++) {
      if (probabilities[i] === 0) continue
      sum += probabilities[i]
      at = i
    }
    found.push(at)
    probabilities[at] = 0
  }
  return found
}

/** @throws TypeError, RangeError */
function checkSearch(source: NextTokens, examples: number, options: BeamOptions): void {
  if (typeof source?.next !== 'function' || typeof source.reorder !== 'function') {
    throw new TypeError(
      `beamSearch: ${named(source)} is no source { vocabSize, next, reorder }; of a model, generate(model, prompt, { numBeams }) searches`,
    )
  }
  checkOptions('beamSearch', options, OPTIONS)
  const { numBeams, maxNewTokens, eos } = options
  for (const [name, n] of Object.entries({ examples, numBeams, maxNewTokens })) {
    if (!(Number.isInteger(n) && n >= 1))
      throw new RangeError(`beamSearch: ${name} ${named(n)} is not a whole number from 1`)
  }
  if (!Array.isArray(eos)) throw new TypeError(`beamSearch: eos is ${named(eos)}, not a list of token ids`)
}
