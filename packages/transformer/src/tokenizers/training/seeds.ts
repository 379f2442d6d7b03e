// Pieces to begin with when Unigram is trained: the substrings that occur most often, weighed by their length.

/** A piece and how much speaks for it. */
export interface Seed {
  readonly text: string
  readonly score: number
}

export interface SeedOptions {
  /** Characters of the longest piece. */
  readonly maxPieceLength: number
  /** How many pieces at most, beside the characters. */
  readonly size: number
}

/**
 * Every character with its count, and the substrings that occur more than once and are not always followed by the same
 * character, each with its count times its length.
 * Source: Kudo 2018; google/sentencepiece, src/unigram_model_trainer.cc (MakeSeedSentencePieces), where the occurrences
 * of a word count only once.
 */
export function seedPieces(words: ReadonlyMap<string, number>, { maxPieceLength, size }: SeedOptions): Seed[] {
  const characters = new Map<string, number>()
  for (const [word, count] of words) for (const c of word) characters.set(c, (characters.get(c) ?? 0) + count)
  const byCount = [...characters].sort(([a, n], [b, m]) => m - n || (a < b ? 1 : -1))
  const substrings = repeated(words, maxPieceLength)
    .sort((a, b) => b.score - a.score || (a.text < b.text ? 1 : -1))
    .slice(0, size)
  return [...byCount.map(([text, score]) => ({ text, score })), ...substrings]
}

/** A place in the corpus: the characters of a word from one of them on, and how often the word occurs. */
interface Place {
  readonly word: readonly string[]
  readonly at: number
  readonly count: number
}

/** Substrings of at least two characters. */
function repeated(words: ReadonlyMap<string, number>, longest: number): Seed[] {
  const places = [...words].flatMap(([text, count]) => {
    const word = Array.from(text)
    // A word that occurs again is its own neighbour, so that its endings are found to be repeated.
    const copies = count > 1 ? [1, count - 1] : [1]
    return word.flatMap((_, at) => copies.map((share): Place => ({ word, at, count: share })))
  })
  const characterAt = ({ word, at }: Place, offset: number): string => word[at + offset] ?? ''
  // Places whose text begins alike lie side by side: a suffix array, of which only so many characters matter.
  places.sort((x, y) => {
    for (let i = 0; i < longest; i++) {
      const [a, b] = [characterAt(x, i), characterAt(y, i)]
      if (a !== b) return a < b ? -1 : 1
      if (a === '') return 0
    }
    return 0
  })
  const common = (x: Place, y: Place): number => {
    let n = 0
    while (n < longest && characterAt(x, n) !== '' && characterAt(x, n) === characterAt(y, n)) n++
    return n
  }
  const before = [0]
  for (const { count } of places) before.push((before.at(-1) as number) + count)
  const found: Seed[] = []
  const open: { length: number; begin: number }[] = []
  // Every length at which neighbours part is a substring that goes on in different ways.
  for (let i = 1; i <= places.length; i++) {
    const length = i < places.length ? common(places[i - 1], places[i]) : 0
    let begin = i - 1
    for (let last = open.at(-1); last && last.length > length; last = open.at(-1)) {
      open.pop()
      const { word, at } = places[last.begin]
      const text = word.slice(at, at + last.length).join('')
      if (last.length > 1) found.push({ text, score: (before[i] - before[last.begin]) * last.length })
      begin = last.begin
    }
    if (length > (open.at(-1)?.length ?? 0)) open.push({ length, begin })
  }
  return found
}
