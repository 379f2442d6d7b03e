// Kernel modules as they ship: bytes as printable text that gzip shrinks well. Written by assembly/text.ts, which says how.

const ALPHABET = Array.from({ length: 95 }, (_, i) => 32 + i).filter((c) => !'"\'`\\$'.includes(String.fromCharCode(c)))
const SINGLES = ALPHABET.length - 2

/** The bytes that the text stands for; `order` is the list of frequent byte values that was written with it. */
export function fromText(text: string, order: string): Uint8Array<ArrayBuffer> {
  const rankOf = new Uint8Array(128)
  ALPHABET.forEach((code, rank) => {
    rankOf[code] = rank
  })
  const singles = Array.from({ length: SINGLES }, (_, i) => Number.parseInt(order.slice(2 * i, 2 * i + 2), 16))
  const byteOf = Uint8Array.from([...singles, ...[...new Uint8Array(256).keys()].filter((b) => !singles.includes(b))])
  // Decoded in place, on typed arrays alone: this runs once, before the engine has optimised anything.
  const bytes = new TextEncoder().encode(text)
  const { length } = bytes
  let n = 0
  let page = 0
  for (let i = 0; i < length; i++) {
    const rank = rankOf[bytes[i]]
    if (rank >= SINGLES) page = (rank - SINGLES + 1) * SINGLES
    else {
      bytes[n++] = byteOf[page + rank]
      page = 0
    }
  }
  return bytes.slice(0, n)
}
