// What a tokenizer sets around a text: special tokens and the numbers of segments. Source: huggingface/tokenizers,
// src/processors.
import { concatenated, type Encoding } from './encoding.ts'

/** A part of a template: one of the texts, or special tokens. */
export type TemplatePart =
  | { readonly sequence: 'A' | 'B'; readonly typeId: number }
  | { readonly ids: readonly number[]; readonly tokens: readonly string[]; readonly typeId: number }

/** What stands around one text, and around two. */
export interface Template {
  readonly single: readonly TemplatePart[]
  readonly pair: readonly TemplatePart[]
  /** Offsets leave out the white space that tokens take in; what was set before the text did not come from it. */
  readonly trimOffsets?: { readonly addPrefixSpace: boolean } | null
}

/** Nothing but the texts. */
export const plainTemplate: Template = {
  single: [{ sequence: 'A', typeId: 0 }],
  pair: [
    { sequence: 'A', typeId: 0 },
    { sequence: 'B', typeId: 1 },
  ],
}

/** How many special tokens a template sets. */
export const specialCount = (parts: readonly TemplatePart[]): number =>
  parts.reduce((n, part) => n + ('ids' in part ? part.ids.length : 0), 0)

/** One or two texts in the template, without its special tokens if so wanted. */
export function filled(texts: readonly Encoding[], template: Template, addSpecialTokens: boolean): Encoding {
  const trim = template.trimOffsets
  const given = trim ? texts.map((e) => trimmed(e, trim.addPrefixSpace)) : texts
  if (!addSpecialTokens) {
    const typeOf = (i: number): number =>
      template.pair.find((part) => 'sequence' in part && part.sequence === 'AB'[i])?.typeId ?? i
    return concatenated(given.map((e, i) => placed(e, i, texts.length === 1 ? 0 : typeOf(i))))
  }
  const parts = texts.length === 2 ? template.pair : template.single
  return concatenated(
    parts.map((part) => {
      if ('ids' in part) return special(part)
      const i = part.sequence === 'A' ? 0 : 1
      return placed(given[i], i, part.typeId)
    }),
  )
}

function placed(e: Encoding, sequence: number, typeId: number): Encoding {
  return {
    ...e,
    typeIds: e.ids.map(() => typeId),
    sequenceIds: e.ids.map(() => sequence),
    overflowing: e.overflowing.map((more) => placed(more, sequence, typeId)),
  }
}

function special({ ids, tokens, typeId }: Extract<TemplatePart, { ids: unknown }>): Encoding {
  return {
    ids: [...ids],
    tokens: [...tokens],
    typeIds: ids.map(() => typeId),
    offsets: ids.map(() => [0, 0]),
    wordIds: ids.map(() => null),
    sequenceIds: ids.map(() => null),
    attentionMask: ids.map(() => 1),
    specialTokensMask: ids.map(() => 1),
    overflowing: [],
  }
}

/** White space, and `Ġ` for a space, at the ends of tokens of bytes. */
const SPACES_BEFORE = /^[\p{White_Space}\u0120]*/u
const SPACES_BEHIND = /[\p{White_Space}\u0120]*$/u

function trimmed(e: Encoding, addPrefixSpace: boolean): Encoding {
  const offsets = e.offsets.map(([start, end], i): [number, number] => {
    let before = (SPACES_BEFORE.exec(e.tokens[i]) as RegExpExecArray)[0].length
    const behind = (SPACES_BEHIND.exec(e.tokens[i]) as RegExpExecArray)[0].length
    // One space at the beginning was set there; if there are more, they were in the text.
    if (before === 1 && addPrefixSpace && (i === 0 || start === 0)) before = 0
    const from = Math.min(start + before, end)
    if (behind === e.tokens[i].length) return [from, from]
    return [from, Math.max(end - behind, from)]
  })
  return { ...e, offsets, overflowing: e.overflowing.map((more) => trimmed(more, addPrefixSpace)) }
}
