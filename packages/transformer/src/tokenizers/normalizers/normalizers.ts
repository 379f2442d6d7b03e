// Normalisers: rewrites of the text before it is cut. Source: huggingface/tokenizers, src/normalizers.
import { type Edit, type Rewrite, substituting } from '../steps.ts'

export type UnicodeForm = 'NFC' | 'NFD' | 'NFKC' | 'NFKD'

/** Vowels and final consonants of Hangul, which compose with what stands before them though they are no marks. */
const JAMO = /[\u1160-\u11ff\ud7b0-\ud7fb]/

/** A normal form of Unicode. */
export function unicodeForm(form: UnicodeForm): Rewrite {
  return {
    apply: (text) => text.normalize(form),
    edits: (text) => (text.normalize(form) === text ? [] : editsByCluster(text, form)),
  }
}

/** Edits that are as small as they can be: a character with what changes together with it. */
function editsByCluster(text: string, form: UnicodeForm): Edit[] {
  const edits: Edit[] = []
  const characters = Array.from(text)
  let start = 0
  const push = (part: string): void => {
    const changed = part.normalize(form)
    if (changed !== part) edits.push({ start, end: start + part.length, text: changed })
    start += part.length
  }
  for (let i = 0; i < characters.length; ) {
    const cluster = [characters[i++]]
    while (i < characters.length && belongs(cluster.join(''), characters[i], form)) cluster.push(characters[i++])
    const whole = cluster.join('')
    if (cluster.map((c) => c.normalize(form)).join('') === whole.normalize(form)) cluster.forEach(push)
    else push(whole)
  }
  return edits
}

function belongs(cluster: string, next: string, form: UnicodeForm): boolean {
  if (/\p{M}/u.test(next) || JAMO.test(next)) return true
  return (cluster + next).normalize(form) !== cluster.normalize(form) + next.normalize(form)
}

/**
 * Small letters. By default each character for itself; with `finalSigma` as Python's `lower()` does it, which knows
 * where a word ends.
 */
export function lowercase({ finalSigma = false }: { readonly finalSigma?: boolean } = {}): Rewrite {
  const apply = (text: string): string =>
    (finalSigma || !text.includes('Σ') ? text : text.replaceAll('Σ', 'σ')).toLowerCase()
  return {
    apply,
    edits(text) {
      const whole = apply(text)
      const edits: Edit[] = []
      let start = 0
      let to = 0
      for (const c of text) {
        // Only the length is taken from the character alone: which sigma it is, its neighbours say.
        const changed = whole.slice(to, to + c.toLowerCase().length)
        if (changed !== c) edits.push({ start, end: start + c.length, text: changed })
        start += c.length
        to += changed.length
      }
      return edits
    },
  }
}

/** Removes marks that were composed with letters: to be used after NFD or NFKD. */
export const stripAccents = (): Rewrite => substituting(/\p{M}+/gu)

/** Removes white space at the ends. */
export function strip({ left, right }: { readonly left: boolean; readonly right: boolean }): Rewrite {
  if (!left && !right) return substituting(/(?!)/gu)
  if (!right) return substituting(/(?<![\s\S])\p{White_Space}+/gu)
  return substituting(
    left ? /(?<![\s\S])\p{White_Space}+|\p{White_Space}+(?![\s\S])/gu : /\p{White_Space}+(?![\s\S])/gu,
  )
}

/** Puts a text before the text, unless that is empty. */
export const prepend = (prefix: string): Rewrite => ({
  apply: (text) => (text === '' ? '' : prefix + text),
  edits: (text) => (text === '' ? [] : [{ start: 0, end: 0, text: prefix }]),
})

/** Written as a text: some of these characters are invisible. */
const NMT_REMOVED = '[\\x01-\\x08\\v\\x0e-\\x1f\\x7f\\x8f\\x9f]'
const NMT_SPACES = '[\\t\\n\\f\\r\\u1680\\u200b-\\u200f\\u2028\\u2029\\u2581\\ufeff\\ufffd]'

/** Removes control characters, and makes spaces of what else is one. */
export function nmt(): Rewrite {
  const removed = new RegExp(NMT_REMOVED)
  return substituting(new RegExp(`${NMT_REMOVED}|${NMT_SPACES}`, 'g'), (c) => (removed.test(c) ? '' : ' '))
}
