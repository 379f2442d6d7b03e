// Bytes as printable ASCII that gzip shrinks as well as the bytes themselves, which base64 (not aligned to bytes) does not.
// `order` lists the 88 most frequent byte values as hex digits: one character each. The others, in rising order, are a
// page mark (one of two characters) and a character. packages/tensor/src/backend/text.ts reads it.

/** Printable characters without quotes and backslash; the last two are the page marks. */
const ALPHABET = Array.from({ length: 95 }, (_, i) => String.fromCharCode(32 + i)).filter((c) => !'"\'`\\$'.includes(c))
const SINGLES = ALPHABET.length - 2

/** The texts of several binaries, in one order. */
export function toTexts(binaries: readonly Uint8Array[]): { order: string; texts: string[] } {
  const frequency = new Uint32Array(256)
  for (const bytes of binaries) for (const b of bytes) frequency[b]++
  const byFrequency = [...frequency.keys()].sort((a, b) => frequency[b] - frequency[a])
  const singles = byFrequency.slice(0, SINGLES)
  const order = [...singles, ...byFrequency.slice(SINGLES).sort((a, b) => a - b)]
  const codes: string[] = []
  order.forEach((byte, rank) => {
    const page = Math.floor(rank / SINGLES)
    codes[byte] = (page > 0 ? ALPHABET[SINGLES + page - 1] : '') + ALPHABET[rank % SINGLES]
  })
  return {
    order: singles.map((b) => b.toString(16).padStart(2, '0')).join(''),
    texts: binaries.map((bytes) => Array.from(bytes, (b) => codes[b]).join('')),
  }
}
