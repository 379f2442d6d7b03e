// What a tokenizer says about a text: one entry per token in each list; cutting and filling it up to a length.
// Source: huggingface/tokenizers, src/tokenizer/encoding.rs and src/utils.

/** Tokens of a text (or of a pair of texts). All lists are of the same length. */
export interface Encoding {
  readonly ids: number[]
  readonly tokens: string[]
  /** Which of the texts a token belongs to, as the model was trained to see it: BERT's segments. */
  readonly typeIds: number[]
  /** Where a token comes from: code units of its text, so that `text.slice(start, end)` is it. */
  readonly offsets: [start: number, end: number][]
  /** Which word of its text it belongs to; null for special tokens. */
  readonly wordIds: (number | null)[]
  /** 0 for the text, 1 for the second of a pair, null for special tokens. */
  readonly sequenceIds: (number | null)[]
  /** 0 for padding, else 1. */
  readonly attentionMask: number[]
  /** 1 for tokens that the tokenizer set, padding too. */
  readonly specialTokensMask: number[]
  /** What truncation cut off, in encodings of their own. */
  readonly overflowing: Encoding[]
}

/** How a text is cut that has too many tokens. */
export interface Truncation {
  /** Tokens that may be left, special ones counted. */
  readonly maxLength: number
  /** Tokens that what overflows repeats. Default 0. */
  readonly stride?: number
  /** Of a pair, cut the longer one token by token, or only one of them. Default 'longestFirst'. */
  readonly strategy?: 'longestFirst' | 'onlyFirst' | 'onlySecond'
  /** The side where tokens are cut off. Default 'right'. */
  readonly direction?: 'right' | 'left'
}

/** How texts are filled up. */
export interface Padding {
  /** Number of tokens that all shall have. Default: as many as the longest. */
  readonly length?: number
  /** The length is raised to a multiple of this. */
  readonly padToMultipleOf?: number
  /** The side where padding is set. Default 'right'. */
  readonly direction?: 'right' | 'left'
  /** Default: that of padToken, or of the tokenizer; needed where it has none. */
  readonly padId?: number
  /** Default 0. */
  readonly padTypeId?: number
  /** Default: that of padId. */
  readonly padToken?: string
}

export const emptyEncoding = (): Encoding => ({
  ids: [],
  tokens: [],
  typeIds: [],
  offsets: [],
  wordIds: [],
  sequenceIds: [],
  attentionMask: [],
  specialTokensMask: [],
  overflowing: [],
})

const LISTS = [
  'ids',
  'tokens',
  'typeIds',
  'offsets',
  'wordIds',
  'sequenceIds',
  'attentionMask',
  'specialTokensMask',
] as const

/** Does the same with every list. */
function mapLists(e: Encoding, change: <T>(list: T[], name: (typeof LISTS)[number]) => T[]): Encoding {
  const lists = LISTS.map((name) => [name, change<unknown>(e[name], name)])
  return { ...(Object.fromEntries(lists) as unknown as Encoding), overflowing: [] }
}

/** The encodings one behind the other; every combination of what overflows, too. */
export function concatenated(parts: readonly Encoding[]): Encoding {
  return parts.reduce((a, b) => {
    const joined = (x: Encoding, y: Encoding): Encoding =>
      mapLists(x, (list, name) => [...list, ...(y[name] as typeof list)])
    const overflowing = a.overflowing.flatMap((x) => [b, ...b.overflowing].map((y) => joined(x, y)))
    return { ...joined(a, b), overflowing: [...overflowing, ...b.overflowing.map((y) => joined(a, y))] }
  }, emptyEncoding())
}

/** At most so many tokens, and the rest in `overflowing`. */
function cut(e: Encoding, length: number, { stride = 0, direction = 'right' }: Truncation): Encoding {
  const n = e.ids.length
  if (length >= n) return e
  const part = (start: number, end: number): Encoding => mapLists(e, (list) => list.slice(start, end))
  if (length === 0) return { ...emptyEncoding(), overflowing: [e] }
  const parts: Encoding[] = []
  for (let at = 0; ; at += length - stride) {
    const end = Math.min(at + length, n)
    parts.push(direction === 'right' ? part(at, end) : part(n - end, n - at))
    if (end === n) break
  }
  return { ...parts[0], overflowing: parts.slice(1) }
}

/**
 * One or two texts, cut so that with `special` further tokens they fit.
 * @throws RangeError when they cannot, or for options that make no sense
 */
export function truncated(texts: readonly Encoding[], special: number, truncation: Truncation): Encoding[] {
  const { maxLength, stride = 0, strategy = 'longestFirst' } = truncation
  const room = maxLength - special
  if (room < 0) throw new RangeError(`encode: maxLength ${maxLength} has no room for ${special} special tokens`)
  const lengths = texts.map(({ ids }) => ids.length)
  const excess = lengths.reduce((a, b) => a + b, 0) - room
  if (excess <= 0) return [...texts]
  const wanted = strategy === 'longestFirst' ? shared(lengths, room) : oneCut(lengths, excess, strategy)
  wanted.forEach((length, i) => {
    if (length < lengths[i] && length > 0 && stride >= length) {
      throw new RangeError(`encode: stride ${stride} is not below the ${length} tokens that truncation leaves`)
    }
  })
  return texts.map((e, i) => cut(e, wanted[i], truncation))
}

/** Lengths that together fill the room, the shorter text as long as it may be. */
function shared(lengths: readonly number[], room: number): number[] {
  if (lengths.length === 1) return [room]
  const [a, b] = lengths
  const short = Math.min(a, b)
  // The longer keeps what the shorter leaves; if that would make it the shorter, they share.
  let [n, m] = short > room - short ? [Math.floor(room / 2), Math.ceil(room / 2)] : [short, room - short]
  if (a > b) [n, m] = [m, n]
  return [n, m]
}

function oneCut(lengths: readonly number[], excess: number, strategy: 'onlyFirst' | 'onlySecond'): number[] {
  const which = strategy === 'onlyFirst' ? 0 : 1
  if (lengths[which] === undefined) throw new RangeError(`encode: '${strategy}' cuts the second text, and there is one`)
  if (lengths[which] <= excess) {
    throw new RangeError(`encode: '${strategy}' has ${lengths[which]} tokens to cut ${excess} from: too few`)
  }
  return lengths.map((length, i) => (i === which ? length - excess : length))
}

/** All of the same length, with padding. */
export function padded(encodings: readonly Encoding[], padding: Padding): Encoding[] {
  const { padToMultipleOf = 1, direction = 'right', padId = 0, padTypeId = 0, padToken = '[PAD]' } = padding
  const longest = encodings.reduce((most, { ids }) => Math.max(most, ids.length), 0)
  const length = Math.ceil((padding.length ?? longest) / padToMultipleOf) * padToMultipleOf
  const fill: Record<string, unknown> = {
    ids: padId,
    tokens: padToken,
    typeIds: padTypeId,
    offsets: [0, 0],
    wordIds: null,
    sequenceIds: null,
    attentionMask: 0,
    specialTokensMask: 1,
  }
  const pad = (e: Encoding): Encoding => {
    const missing = Math.max(0, length - e.ids.length)
    const filled = mapLists(e, (list, name) => {
      const more = Array.from({ length: missing }, () => structuredClone(fill[name]) as (typeof list)[number])
      return direction === 'right' ? [...list, ...more] : [...more, ...list]
    })
    return { ...filled, overflowing: e.overflowing.map(pad) }
  }
  return encodings.map(pad)
}
