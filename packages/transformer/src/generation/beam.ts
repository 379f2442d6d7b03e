// Beam search: the best few texts side by side. Finished ones stay among them and compete until none can be bettered.
import { logSoftmax } from './processors.ts'

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

/**
 * The best texts of each example, best first. `source` has numBeams rows for each example.
 * Source: A. Graves 2012, arXiv:1211.3711; the length penalty is that of transformers, over the tokens that were added.
 */
export async function beamSearch(source: NextTokens, examples: number, options: BeamOptions): Promise<Hypothesis[][]> {
  const { numBeams, maxNewTokens, eos, lengthPenalty = 1, process, isEnd, onStep } = options
  const V = source.vocabSize
  const start: Hypothesis = { tokens: [], logProbability: 0, score: 0, isFinished: false, row: 0 }
  let beams: Hypothesis[][] = Array.from({ length: examples }, () => [start])
  for (let step = 0; step < maxNewTokens && beams.some((list) => list.some((h) => !h.isFinished)); step++) {
    await onStep?.()
    // Rows without a text of their own, and those of finished texts, repeat some token: nobody looks.
    const last = step === 0 ? null : rowsOf(beams, numBeams, (h) => h?.tokens[h.tokens.length - 1] ?? 0)
    const scores = source.next(last)
    beams = beams.map((list, example) => {
      const candidates: Hypothesis[] = []
      list.forEach((h, i) => {
        const row = example * numBeams + i
        if (h.isFinished) {
          candidates.push({ ...h, row })
          return
        }
        const own = logSoftmax(Float64Array.from(scores.subarray(row * V, (row + 1) * V)))
        process?.(own, h.tokens, example)
        for (const t of likeliest(own, numBeams)) {
          const tokens = [...h.tokens, t]
          const logProbability = h.logProbability + own[t]
          const score = logProbability / tokens.length ** lengthPenalty
          candidates.push({
            tokens,
            logProbability,
            score,
            isFinished: eos.includes(t) || isEnd?.(tokens) === true,
            row,
          })
        }
      })
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
