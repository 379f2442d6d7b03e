// How good texts are: by the n-grams that they share with references.
import { checkOptions } from '@x/tensor/op'

export interface BleuOptions {
  /** The longest n-grams that count, all lengths equally. Default 4. */
  readonly maxOrder?: number
  /** What becomes of an order without any match: 'none' makes the score 0, 'epsilon' counts a tenth. Default 'none'. */
  readonly smoothing?: 'none' | 'epsilon'
}

type Words = readonly (string | number)[]

/** How often each n-gram is there. */
function counts(words: Words, n: number): Map<string, number> {
  const found = new Map<string, number>()
  for (let i = 0; i + n <= words.length; i++) {
    const key = JSON.stringify(words.slice(i, i + n))
    found.set(key, (found.get(key) ?? 0) + 1)
  }
  return found
}

/**
 * BLEU of a corpus, from 0 to 1: the geometric mean of the shares of n-grams that some reference has too, times a penalty
 * for being shorter than the references. Of a single text, give one hypothesis.
 * Source: Papineni et al. 2002; counts, nearest reference length and smoothing (Chen and Cherry 2014, method 1) as NLTK's.
 * @param references for each hypothesis one or more texts, as words or tokens
 * @throws TypeError for texts that are not cut into words; RangeError unless there are references for each hypothesis, and
 * for options
 * @example
 * import { bleu } from '@x/transformer'
 * const words = (text) => text.split(' ')
 * bleu([[words('the cat is on the mat')]], [words('the cat is on the mat')]) // 1
 */
export function bleu(
  references: readonly (readonly Words[])[],
  hypotheses: readonly Words[],
  options: BleuOptions = {},
): number {
  checkOptions('bleu', options, ['maxOrder', 'smoothing'])
  const { maxOrder = 4, smoothing = 'none' } = options
  const isList = (list: unknown): boolean => Array.isArray(list)
  const isWords = (text: unknown): boolean => isList(text) || ArrayBuffer.isView(text)
  if (!isList(references) || !references.every((list) => isList(list) && list.every(isWords)))
    throw new TypeError(
      'bleu: references are lists of texts for each hypothesis, each a list of words: [[words, …], …]',
    )
  if (!isList(hypotheses) || !hypotheses.every(isWords))
    throw new TypeError('bleu: hypotheses are lists of words: [words, …]')
  if (references.length !== hypotheses.length || references.some((list) => list.length === 0)) {
    throw new RangeError(
      `bleu: ${hypotheses.length} hypotheses need as many lists of references, not ${references.length}`,
    )
  }
  if (!(Number.isInteger(maxOrder) && maxOrder >= 1)) throw new RangeError(`bleu: maxOrder ${maxOrder} is not from 1`)
  if (smoothing !== 'none' && smoothing !== 'epsilon')
    throw new RangeError(`bleu: smoothing '${smoothing}' is not 'none' or 'epsilon'`)
  let length = 0
  let wanted = 0
  const matches = new Array<number>(maxOrder).fill(0)
  const totals = new Array<number>(maxOrder).fill(0)
  hypotheses.forEach((words, i) => {
    length += words.length
    const lengths = references[i].map((r) => r.length)
    wanted += lengths.sort((a, b) => Math.abs(a - words.length) - Math.abs(b - words.length) || a - b)[0]
    for (let n = 1; n <= maxOrder; n++) {
      const own = counts(words, n)
      const theirs = references[i].map((r) => counts(r, n))
      for (const [gram, count] of own) {
        matches[n - 1] += Math.min(count, Math.max(...theirs.map((t) => t.get(gram) ?? 0)))
      }
      totals[n - 1] += Math.max(1, words.length - n + 1)
    }
  })
  if (length === 0 || matches[0] === 0) return 0
  const penalty = length > wanted ? 1 : Math.exp(1 - wanted / length)
  let sum = 0
  for (let n = 0; n < maxOrder; n++) {
    const shared = matches[n] === 0 && smoothing === 'epsilon' ? 0.1 : matches[n]
    sum += Math.log(shared / totals[n]) / maxOrder
  }
  return penalty * Math.exp(sum)
}
