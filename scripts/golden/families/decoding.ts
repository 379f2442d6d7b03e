// Sampling filters, search and BLEU, without a model: next tokens come from a table.
import { type BeamOptions, beamSearch, bleu, type NextTokens, tokenProbabilities } from '@x/transformer'
import { agreeValues, Mismatch } from '../compare.ts'
import type { Case } from '../read.ts'
import type { Check, Reading, Table } from './table.ts'

const filters: Check = {
  check: ({ args, rest }) => {
    const { temperature, top_k: topK, top_p: topP } = args
    const found = tokenProbabilities(rest.logits, { temperature, topK, topP })
    agreeValues('the probabilities', found, rest.probs, { exact: true })
  },
}

/** Log-probabilities that depend on the token before alone. */
class FromTable implements NextTokens {
  readonly vocabSize: number
  private readonly rows: readonly number[][]
  private readonly start: number
  private readonly beams: number

  constructor({ rest, args }: Case, beams: number) {
    this.rows = rest.logprobs
    this.vocabSize = this.rows.length
    this.start = args.start
    this.beams = beams
  }

  next(tokens: readonly number[] | null): Float64Array {
    const last = tokens ?? new Array<number>(this.beams).fill(this.start)
    return Float64Array.from(last.flatMap((t) => this.rows[t]))
  }

  /** The next token says all there is to know of a row. */
  reorder(): void {}
}

async function checkBeams(c: Case, numBeams: number, lengthPenalty: number, recorded: unknown[][]): Promise<void> {
  const { start, eos, max_new: maxNewTokens } = c.args
  const options: BeamOptions = { numBeams, lengthPenalty, maxNewTokens, eos: [eos] }
  const [found] = await beamSearch(new FromTable(c, numBeams), 1, options)
  recorded.forEach(([tokens, sum, score], i) => {
    const h = found[i]
    const what = `text ${i} of ${numBeams} beams`
    if (String([start, ...(h?.tokens ?? [])]) !== String(tokens)) throw new Mismatch(`${what} is ${start},${h?.tokens}`)
    agreeValues(what, [h.logProbability, h.score], [Number(sum), Number(score)], { exact: true })
  })
}

const beams: Reading = {
  read: async (c) => {
    const { greedy, exhaustive_best: best } = c.rest
    for (const [name, list] of Object.entries(c.rest)) {
      const [, width, alpha] = /^beam(\d+)(?:_len(\d+))?$/.exec(name) ?? []
      if (width !== undefined) await checkBeams(c, Number(width), Number(alpha ?? 0), list as unknown[][])
    }
    // One beam is greedy, and as many as there are texts miss none.
    const sums = await beamSearch(new FromTable(c, 1), 1, { ...plain(c), numBeams: 1 })
    if (String([c.args.start, ...sums[0][0].tokens]) !== String(greedy)) throw new Mismatch('one beam is not greedy')
    const all = c.rest.logprobs.length ** c.args.max_new
    await checkBeams(c, all, 0, [[best[0], best[1], best[1]]])
  },
}

const plain = ({ args }: Case): Omit<BeamOptions, 'numBeams'> => ({
  maxNewTokens: args.max_new,
  eos: [args.eos],
  lengthPenalty: 0,
})

const scores: Check = {
  check: ({ rest }) => {
    const { references, hypotheses, corpus_bleu: corpus, sentence_bleu_method1: sentences } = rest
    agreeValues('of the corpus', [bleu(references, hypotheses)], [corpus], { exact: true })
    const each = (hypotheses as string[][]).map((h, i) => bleu([references[i]], [h], { smoothing: 'epsilon' }))
    agreeValues('of each text', each, sentences, { exact: true })
  },
}

export const decoding: Table = {
  'temperature -> top-k -> top-p (keep smallest set with cum >= p, always >=1)': filters,
  'search on a first-order table': beams,
  'BLEU-4 (nltk 3.8)': scores,
}
