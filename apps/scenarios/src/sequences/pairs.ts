// Sentences and their translations, as words and as numbers: what the scenarios that translate have in common.
import { FormatError, Generator } from '@x/tensor'
import type { Pair } from '../../data/hindi.ts'

export const [PADDING, BEGIN, END] = [0, 1, 2]
const MARKS = ['', '<', '>']

/** The words of one language by number; 0 to 2 are padding, begin and end. */
export class Words {
  readonly words: string[]
  private readonly number: Map<string, number>

  constructor(sentences: readonly string[]) {
    this.words = [...MARKS, ...new Set(sentences.flatMap((sentence) => sentence.split(' ')))]
    this.number = new Map(this.words.map((word, i) => [word, i]))
  }

  get size(): number {
    return this.words.length
  }

  /** With the end mark. */
  numbers(sentence: string): number[] {
    return [...sentence.split(' ').map((word) => this.number.get(word) ?? PADDING), END]
  }

  text(tokens: readonly number[]): string {
    return tokens.map((token) => this.words[token]).join(' ')
  }
}

/** Rows of one width, as one list. */
export function padded(rows: readonly number[][], width: number): Int32Array {
  const values = new Int32Array(rows.length * width).fill(PADDING)
  rows.forEach((row, i) => {
    values.set(row, i * width)
  })
  return values
}

/** The same pairs for the same seed, in another order. */
export function shuffled(pairs: readonly Pair[], seed: number): Pair[] {
  const generator = new Generator(seed)
  const order = Array.from(generator.permutation(pairs.length), (i) => pairs[i])
  generator.dispose()
  return order
}

/** Sentence pairs of a text, one a line, a tab between. @throws FormatError for a line without a tab, or fewer than 100 */
export function readPairs(scenario: string, text: string): Pair[] {
  const lines = text.split(/\r?\n/).filter((line) => line.trim() !== '')
  const pairs = lines.map((line, i): Pair => {
    const [a, b] = line.split('\t')
    if (b === undefined) throw new FormatError(`${scenario}: line ${i + 1} of the pairs has no tab`)
    return [words(a), words(b)]
  })
  if (pairs.length < 100) throw new FormatError(`${scenario}: ${pairs.length} pairs are too few; it takes 100`)
  return pairs
}

const words = (sentence: string): string =>
  sentence
    .toLowerCase()
    .replace(/([^\p{L}\p{M}\p{N}\s])/gu, ' $1 ')
    .trim()
    .replace(/\s+/g, ' ')
