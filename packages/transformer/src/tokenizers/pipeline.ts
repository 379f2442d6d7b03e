// The way of a text to its tokens: added tokens are found, what lies between is normalised, cut into words, and each
// word given to the model. Twice: a fast way to ids alone, and one that keeps where everything came from.
import { type AddedToken, type Part, TokenFinder } from './addedTokens.ts'
import { type Encoding, emptyEncoding } from './encoding.ts'
import type { Model } from './models/model.ts'
import { Aligned, isCut, type Rewrite, rewritten, type Step } from './steps.ts'

/** Words that are remembered with their tokens; then memory begins anew. */
const REMEMBERED = 1 << 16
/** Longer words are not remembered. */
const LONGEST = 64
/** Of longer texts, V8's slices keep the whole text alive that they were cut from. */
const LONGEST_COPIED = 12

export class Pipeline {
  readonly #model: Model
  readonly #normalizer: readonly Rewrite[]
  /** Steps up to the last cut; after it, what can be done to each word by itself. */
  readonly #steps: readonly Step[]
  readonly #wordSteps: readonly Rewrite[]
  readonly #remembered = new Map<string, readonly number[]>()
  /** For tokens in the text as it is given, and in the normalised text. */
  #finder = new TokenFinder([])
  #normalizedFinder = new TokenFinder([])

  constructor(model: Model, normalizer: readonly Rewrite[], steps: readonly Step[]) {
    this.#model = model
    this.#normalizer = normalizer
    const isLocal = (step: Step): step is Rewrite => !isCut(step) && step.local === true
    let end = steps.length
    while (end > 0 && isLocal(steps[end - 1])) end--
    this.#steps = steps.slice(0, end)
    this.#wordSteps = steps.slice(end).filter(isLocal)
  }

  /** The tokens that are found in texts from now on. */
  set addedTokens(tokens: readonly AddedToken[]) {
    const sought = tokens.filter(({ inText }) => inText !== false)
    const isNormalized = ({ normalized, special }: AddedToken): boolean => normalized ?? !special
    this.#finder = new TokenFinder(sought.filter((token) => !isNormalized(token)))
    this.#normalizedFinder = new TokenFinder(sought.filter(isNormalized), (content) =>
      rewritten(content, this.#normalizer, true),
    )
  }

  /** Puts the ids of a text behind others; with `plain`, special tokens in it are text. */
  ids(text: string, plain: boolean, ids: number[]): void {
    const parts = this.#finder.find(text, plain)
    if (parts) for (const part of parts) this.#part(text, part, plain, ids)
    else this.#part(text, { start: 0, end: text.length, token: null }, plain, ids)
  }

  #part(text: string, { start, end, token }: Part, plain: boolean, ids: number[]): void {
    if (token) {
      ids.push(token.id)
      return
    }
    const normal = rewritten(text.slice(start, end), this.#normalizer, start === 0)
    const parts = this.#normalizedFinder.find(normal, plain)
    if (!parts) this.#segment(normal, start === 0, ids)
    for (const part of parts ?? []) {
      if (part.token) ids.push(part.token.id)
      else this.#segment(normal.slice(part.start, part.end), start === 0 && part.start === 0, ids)
    }
  }

  #segment(text: string, first: boolean, ids: number[]): void {
    let words: readonly string[] = [text]
    for (const step of this.#steps) {
      if (!isCut(step)) words = words.map((word, i) => step.apply(word, first && i === 0))
      else words = words.length === 1 ? step.words(words[0]) : words.flatMap((word) => step.words(word))
    }
    const { seams } = this.#model
    for (const word of words) {
      if (!seams) this.#word(word, ids)
      else for (const part of word.match(seams) ?? []) this.#word(part, ids)
    }
  }

  #word(word: string, ids: number[]): void {
    let found = this.#remembered.get(word)
    if (!found) {
      const given = rewritten(word, this.#wordSteps, false)
      found = given === '' ? [] : this.#model.tokenize(given).ids
      this.#remember(word, found)
    }
    for (const id of found) ids.push(id)
  }

  #remember(word: string, ids: readonly number[]): void {
    if (word.length > LONGEST) return
    if (this.#remembered.size >= REMEMBERED) this.#remembered.clear()
    const units = Array.from({ length: word.length }, (_, i) => word.charCodeAt(i))
    this.#remembered.set(word.length > LONGEST_COPIED ? String.fromCharCode(...units) : word, ids)
  }

  /** Every token of a text, with where it comes from. */
  spans(text: string, plain: boolean): Encoding {
    const e = emptyEncoding()
    let word = 0
    const push = (id: number, token: string, offsets: [number, number]): void => {
      e.ids.push(id)
      e.tokens.push(token)
      e.typeIds.push(0)
      e.offsets.push(offsets)
      e.wordIds.push(word)
      e.sequenceIds.push(0)
      e.attentionMask.push(1)
      e.specialTokensMask.push(0)
    }
    for (const { piece, token } of this.#pieces(text, plain)) {
      if (token) push(token.id, piece.text, piece.origin(0, piece.text.length))
      else this.#pushWord(piece, push)
      word++
    }
    return e
  }

  /** Added tokens and words, in order. */
  *#pieces(text: string, plain: boolean): Generator<{ piece: Aligned; token: AddedToken | null }> {
    for (const outer of parted(Aligned.of(text), this.#finder, plain)) {
      if (outer.token) {
        yield outer
        continue
      }
      const normal = this.#normalizer.reduce((piece, rewrite) => piece.rewrite(rewrite), outer.piece)
      for (const inner of parted(normal, this.#normalizedFinder, plain)) {
        if (inner.token) yield inner
        else for (const piece of this.#alignedWords(inner.piece)) yield { piece, token: null }
      }
    }
  }

  #alignedWords(segment: Aligned): Aligned[] {
    let words = [segment]
    for (const step of [...this.#steps, ...this.#wordSteps]) {
      words = isCut(step) ? words.flatMap((word) => word.cut(step)) : words.map((word) => word.rewrite(step))
    }
    return words.filter(({ text }) => text !== '')
  }

  #pushWord(word: Aligned, push: (id: number, token: string, offsets: [number, number]) => void): void {
    const { ids, starts, ends } = this.#model.tokenize(word.text)
    ids.forEach((id, i) => {
      const text = word.text.slice(starts[i], ends[i])
      const token = this.#model.surface ? this.#model.surface(id, text) : this.#model.tokenOf(id)
      push(id, token as string, word.origin(starts[i], ends[i]))
    })
  }
}

/** The parts of a text that added tokens make of it. */
function parted(whole: Aligned, finder: TokenFinder, plain: boolean): { piece: Aligned; token: AddedToken | null }[] {
  const parts = finder.find(whole.text, plain)
  if (!parts) return [{ piece: whole, token: null }]
  return parts.map(({ start, end, token }) => ({ piece: whole.slice(start, end), token }))
}
