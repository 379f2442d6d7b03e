// Training Unigram: begin with many pieces, learn how probable they are, leave out those that matter least, and again.
// Source: Kudo 2018, "Subword regularization", section 3.2; google/sentencepiece, src/unigram_model_trainer.cc;
// huggingface/tokenizers, src/models/unigram/trainer.rs.
import { checkOptions } from '@x/tensor/bytes'
import { metaspace, whitespaceSplit } from '../cuts.ts'
import { unicodeForm } from '../normalizers/normalizers.ts'
import { checkCount, checkTexts } from '../options.ts'
import { readTokenizerJson } from '../readers/tokenizerJson.ts'
import type { Tokenizer } from '../tokenizer.ts'
import { Lattice, type Scored } from './lattice.ts'
import { seedPieces } from './seeds.ts'
import { countWords } from './words.ts'

export interface TrainUnigramOptions {
  /** Tokens in all at most, special ones counted. Of a small corpus there may be fewer worth keeping. */
  readonly vocabSize: number
  /** They come first in the vocabulary. Default `<unk>`, `<s>`, `</s>`. */
  readonly specialTokens?: readonly string[]
  /** Default '<unk>'; must be among the special tokens. */
  readonly unknown?: string
  /** Characters of the longest piece. Default 16. */
  readonly maxPieceLength?: number
  /** The share of pieces that each round keeps, between 0 and 1. Default 0.75. */
  readonly shrinkingFactor?: number
  /** How often probabilities are learnt anew before pieces are left out. Default 2. */
  readonly subIterations?: number
  /** Pieces to begin with, beside the characters. Default 1000000. */
  readonly seedSize?: number
}

/**
 * SentencePiece's kind of tokenizer learnt from texts: pieces with probabilities, spaces as `▁`. Training is
 * deterministic. Texts are normalised by NFKC.
 * @throws RangeError for options that there are not, or that make no sense
 * @example
 * import { trainUnigram } from '@x/transformer/tokenizers'
 * const tokenizer = trainUnigram(['the cat sat on the mat'.repeat(3)], { vocabSize: 20 })
 * tokenizer.decode(tokenizer.encode('the mat sat')) // 'the mat sat'
 */
export function trainUnigram(texts: Iterable<string>, options: TrainUnigramOptions): Tokenizer {
  checkOptions('trainUnigram', options, [
    ...['vocabSize', 'specialTokens', 'unknown', 'maxPieceLength', 'shrinkingFactor', 'subIterations', 'seedSize'],
  ])
  const { vocabSize, unknown = '<unk>', maxPieceLength = 16, shrinkingFactor = 0.75 } = options
  const { specialTokens = ['<unk>', '<s>', '</s>'], subIterations = 2, seedSize = 1_000_000 } = options
  checkTexts('trainUnigram', 'specialTokens', specialTokens)
  checkCount('trainUnigram', 'vocabSize', vocabSize, 1)
  checkCount('trainUnigram', 'maxPieceLength', maxPieceLength, 1)
  checkCount('trainUnigram', 'subIterations', subIterations, 1)
  checkCount('trainUnigram', 'seedSize', seedSize)
  if (!(shrinkingFactor > 0 && shrinkingFactor < 1)) {
    throw new RangeError(`trainUnigram: shrinkingFactor must lie between 0 and 1, not ${shrinkingFactor}`)
  }
  if (!specialTokens.includes(unknown)) {
    throw new RangeError(`trainUnigram: the unknown token '${unknown}' is not among the special tokens`)
  }
  const words = countWords('trainUnigram', texts, {
    normalizer: [unicodeForm('NFKC')],
    steps: [whitespaceSplit(), ...metaspace()],
    specialTokens,
  })
  const special = [...new Set(specialTokens)]
  const wanted = vocabSize - special.length
  const corpus = [...words]
  const seeds = seedPieces(words, { maxPieceLength, size: seedSize })
  const required = new Set(corpus.flatMap(([word]) => Array.from(word)))
  if (wanted < required.size) {
    throw new RangeError(
      `trainUnigram: vocabSize ${vocabSize} is below the ${required.size + special.length} of all characters and special tokens`,
    )
  }
  let pieces = withLogarithms(seeds)
  const enough = Math.max(wanted, Math.floor(wanted * 1.1))
  for (;;) {
    for (let i = 0; i < subIterations; i++) pieces = expectationStep(pieces, corpus)
    if (pieces.length <= enough) break
    pieces = pruned(pieces, corpus, Math.max(enough, Math.floor(pieces.length * shrinkingFactor)))
  }
  const kept = completed(pieces, required, wanted).filter(({ text }) => !special.includes(text))
  const metaspaceJson = { type: 'Metaspace', replacement: '\u2581', prepend_scheme: 'always', split: true }
  return readTokenizerJson(
    {
      added_tokens: special.map((content, id) => ({ content, id, special: true })),
      normalizer: { type: 'NFKC' },
      pre_tokenizer: { type: 'Sequence', pretokenizers: [{ type: 'WhitespaceSplit' }, metaspaceJson] },
      decoder: metaspaceJson,
      model: {
        type: 'Unigram',
        unk_id: special.indexOf(unknown),
        vocab: [...special.map((text) => [text, 0]), ...kept.map(({ text, score }) => [text, score])],
      },
    },
    {
      config: {
        unk_token: unknown,
        ...(special.includes('<s>') && { bos_token: '<s>' }),
        ...(special.includes('</s>') && { eos_token: '</s>' }),
      },
    },
  )
}

type Corpus = readonly (readonly [word: string, count: number])[]

function withLogarithms(pieces: readonly Scored[]): Scored[] {
  const total = Math.log(pieces.reduce((sum, { score }) => sum + score, 0))
  return pieces.map(({ text, score }) => ({ text, score: Math.log(score) - total }))
}

/** One round of expectation and maximisation; pieces that are hardly expected anywhere are left out. */
function expectationStep(pieces: readonly Scored[], corpus: Corpus): Scored[] {
  const expected = new Float64Array(pieces.length + 1)
  const lattice = new Lattice(pieces)
  for (const [word, count] of corpus) lattice.set(word).addExpected(expected, count)
  const kept = pieces.flatMap(({ text }, id) => (expected[id] < 0.5 ? [] : [{ text, score: expected[id] }]))
  // A sparse prior: the expectation of the logarithm under a Dirichlet distribution.
  const total = digamma(kept.reduce((sum, { score }) => sum + score, 0))
  return kept.map(({ text, score }) => ({ text, score: digamma(score) - total }))
}

/** The pieces that cost most when they are replaced by the next best way to write them. */
function pruned(pieces: readonly Scored[], corpus: Corpus, size: number): Scored[] {
  const lattice = new Lattice(pieces)
  const frequency = new Float64Array(pieces.length + 1)
  /** Occurrences of the words that a piece is used in. */
  const reach = new Float64Array(pieces.length + 1)
  let occurrences = 0
  for (const [word, count] of corpus) {
    occurrences += count
    const used = new Set<number>()
    for (const id of lattice.set(word).best()) {
      frequency[id] += count
      used.add(id)
    }
    for (const id of used) reach[id] += count
  }
  const total = frequency.reduce((a, b) => a + b, 0)
  const kept: number[] = []
  const candidates: { id: number; loss: number }[] = []
  pieces.forEach(({ text }, id) => {
    const others = lattice.set(text).bestInParts()
    if (others === null) kept.push(id)
    // The piece itself is not how its text is best written.
    else if (lattice.best().length > 1) return
    else if (frequency[id] > 0) {
      candidates.push({ id, loss: (reach[id] / occurrences) * lossOf(frequency[id], others, frequency, total) })
    }
  })
  candidates.sort((x, y) => y.loss - x.loss || x.id - y.id)
  for (const { id } of candidates) {
    if (kept.length >= size) break
    kept.push(id)
  }
  return kept.map((id) => pieces[id])
}

/** How much less probable a piece's occurrences become when others stand for it. */
function lossOf(count: number, others: readonly number[], frequency: Float64Array, total: number): number {
  const before = Math.log(count) - Math.log(total)
  const logTotal = Math.log(total + count * (others.length - 1))
  const after = others.reduce((sum, id) => sum + Math.log(frequency[id] + count) - logTotal, 0)
  return before - after
}

/** All characters and the most probable pieces, the most probable first. */
function completed(pieces: readonly Scored[], required: ReadonlySet<string>, size: number): Scored[] {
  const scores = new Map(pieces.map(({ text, score }) => [text, score]))
  const least = pieces.reduce((a, { score }) => Math.min(a, score), 0)
  // Characters that no round kept come last, told apart by a little.
  let penalty = 0
  const kept = new Map<string, number>()
  for (const text of required) kept.set(text, scores.get(text) ?? least - (penalty += 1e-4))
  const byScore = [...pieces].sort((x, y) => y.score - x.score || (x.text < y.text ? -1 : 1))
  for (const { text, score } of byScore) {
    if (kept.size >= size) break
    kept.set(text, score)
  }
  return [...kept]
    .map(([text, score]) => ({ text, score }))
    .sort((x, y) => y.score - x.score || (x.text < y.text ? -1 : 1))
}

/** The derivative of log Γ, for x > 0. Abramowitz and Stegun 6.3.5 and 6.3.18. */
function digamma(x: number): number {
  let sum = 0
  for (; x < 7; x++) sum -= 1 / x
  x -= 0.5
  const [x2, x4] = [1 / (x * x), 1 / x ** 4]
  return sum + Math.log(x) + x2 / 24 - (7 / 960) * x4 + (31 / 8064) * x2 * x4 - (127 / 30720) * x4 * x4
}
