// The words of a corpus, as the tokenizer that is to be trained will cut them.
import { TokenFinder } from '../addedTokens.ts'
import { checkText } from '../options.ts'
import { isCut, type Rewrite, rewritten, type Step } from '../steps.ts'

/** What is done to a text before a model sees it. */
export interface Pipeline {
  readonly normalizer: readonly Rewrite[]
  readonly steps: readonly Step[]
  /** Found in the corpus, they end the text before them and are not learnt. */
  readonly specialTokens: readonly string[]
}

/** Every word and how often it occurs, in the order in which they first do. @throws TypeError for what is no text */
export function countWords(
  op: string,
  texts: Iterable<string>,
  { normalizer, steps, specialTokens }: Pipeline,
): Map<string, number> {
  const counts = new Map<string, number>()
  const finder = new TokenFinder(specialTokens.map((content, id) => ({ content, id })))
  const isMany = typeof texts === 'object' && texts !== null && Symbol.iterator in texts
  for (const text of isMany ? texts : [texts as string]) {
    checkText(op, text)
    for (const { start, end, token } of finder.find(text) ?? [{ start: 0, end: text.length, token: null }]) {
      if (token) continue
      const normal = rewritten(text.slice(start, end), normalizer, start === 0)
      for (const word of cutBy(steps, normal)) if (word !== '') counts.set(word, (counts.get(word) ?? 0) + 1)
    }
  }
  return counts
}

function cutBy(steps: readonly Step[], text: string): readonly string[] {
  let words: readonly string[] = [text]
  for (const step of steps) {
    words = isCut(step) ? words.flatMap((word) => step.words(word)) : words.map((word, i) => step.apply(word, i === 0))
  }
  return words
}

/** The characters of words, in the order of their code points. */
export function charactersOf(words: Iterable<string>): string[] {
  const characters = new Set<string>()
  for (const word of words) for (const c of word) characters.add(c)
  return [...characters].sort((a, b) => (a.codePointAt(0) as number) - (b.codePointAt(0) as number))
}
