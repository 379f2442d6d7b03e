// What happens to a text before a model sees it: steps that rewrite it or cut it. Each step has a fast way, on strings,
// and an exact one that says where everything came from; both give the same text.

/** Puts `text` where the code units from `start` to `end` were. */
export interface Edit {
  readonly start: number
  readonly end: number
  readonly text: string
}

/** A step that changes a text. `first`: the text begins where the whole input begins. */
export interface Rewrite {
  apply(text: string, first: boolean): string
  /** The same as edits, in ascending order. */
  edits(text: string, first: boolean): readonly Edit[]
  /** It maps every character by itself: it may as well run on the words that later steps cut. */
  readonly local?: true
}

/** A step that cuts a text into words; what lies between them is lost. */
export interface Cut {
  words(text: string): readonly string[]
  /** The same as start and end of the first, start and end of the second, … */
  ranges(text: string): readonly number[]
}

/** One step from a text to the words that are looked up. */
export type Step = Rewrite | Cut

export const isCut = (step: Step): step is Cut => 'words' in step

/** The words of a text that given ranges are. */
export function wordsOf(text: string, ranges: readonly number[]): string[] {
  const words: string[] = []
  for (let i = 0; i < ranges.length; i += 2) words.push(text.slice(ranges[i], ranges[i + 1]))
  return words
}

/** A text with edits made to it. */
export function edited(text: string, edits: readonly Edit[]): string {
  let result = ''
  let at = 0
  for (const edit of edits) {
    result += text.slice(at, edit.start) + edit.text
    at = edit.end
  }
  return result + text.slice(at)
}

/**
 * Replaces what a pattern finds; without a replacement, removes it.
 * @param pattern with the flag `g`
 */
export function substituting(pattern: RegExp, replacement: (found: string) => string = () => ''): Rewrite {
  return {
    apply: (text) => text.replace(pattern, replacement),
    edits: (text) =>
      Array.from(text.matchAll(pattern), ({ 0: found, index }) => ({
        start: index,
        end: index + found.length,
        text: replacement(found),
      })),
  }
}

/** Puts one text for another, wherever it stands. */
export function replacingText(from: string, to: string): Rewrite {
  const content = to.replaceAll('$', '$$$$')
  return {
    apply: (text) => text.replaceAll(from, content),
    edits(text) {
      const edits: Edit[] = []
      for (let at = text.indexOf(from); at >= 0; at = text.indexOf(from, at + from.length)) {
        edits.push({ start: at, end: at + from.length, text: to })
      }
      return edits
    },
  }
}

/** Several rewrites as one. Its edits are found by `Aligned`, which takes them one by one. */
export function rewritten(text: string, rewrites: readonly Rewrite[], first: boolean): string {
  for (const rewrite of rewrites) text = rewrite.apply(text, first)
  return text
}

/** Text that knows its origin: code unit i stands for [starts[i], ends[i]) of the input. */
export class Aligned {
  readonly text: string
  readonly starts: Int32Array
  readonly ends: Int32Array

  constructor(text: string, starts: Int32Array, ends: Int32Array) {
    this.text = text
    this.starts = starts
    this.ends = ends
  }

  static of(text: string): Aligned {
    const starts = new Int32Array(text.length)
    const ends = new Int32Array(text.length)
    let at = 0
    // Both halves of a surrogate pair stand for the pair.
    for (const c of text) {
      starts.fill(at, at, at + c.length)
      ends.fill(at + c.length, at, at + c.length)
      at += c.length
    }
    return new Aligned(text, starts, ends)
  }

  get first(): boolean {
    return this.starts.length > 0 && this.starts[0] === 0
  }

  /** The part from `begin` to `end`, in code units of this text. */
  slice(begin: number, end: number): Aligned {
    return new Aligned(this.text.slice(begin, end), this.starts.subarray(begin, end), this.ends.subarray(begin, end))
  }

  /** Where the code units from `begin` to `end` come from, which are at least one, or stand at the end. */
  origin(begin: number, end: number): [start: number, end: number] {
    if (begin >= this.starts.length) {
      const last = this.ends.at(-1) ?? 0
      return [last, last]
    }
    return [this.starts[begin], this.ends[end - 1]]
  }

  /** Every unit that an edit puts stands for all that it replaces; what is put in between, for what follows. */
  rewrite(rewrite: Rewrite): Aligned {
    const edits = rewrite.edits(this.text, this.first)
    if (edits.length === 0) return this
    const text = edited(this.text, edits)
    const starts = new Int32Array(text.length)
    const ends = new Int32Array(text.length)
    let from = 0
    let to = 0
    const copyUntil = (end: number): void => {
      starts.set(this.starts.subarray(from, end), to)
      ends.set(this.ends.subarray(from, end), to)
      to += end - from
    }
    for (const edit of edits) {
      copyUntil(edit.start)
      const [start, end] = this.origin(edit.start, Math.max(edit.end, edit.start + 1))
      starts.fill(start, to, to + edit.text.length)
      ends.fill(end, to, to + edit.text.length)
      to += edit.text.length
      from = edit.end
    }
    copyUntil(this.text.length)
    return new Aligned(text, starts, ends)
  }

  cut(cut: Cut): Aligned[] {
    const ranges = cut.ranges(this.text)
    const words: Aligned[] = []
    for (let i = 0; i < ranges.length; i += 2) words.push(this.slice(ranges[i], ranges[i + 1]))
    return words
  }
}
