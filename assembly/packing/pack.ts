// Bytes as printable text that is as small gzipped as it is: gzip finds nothing left to shrink but that a character holds six
// bits. As in LZMA, a text is a sequence of bytes and copies of what came before, coded by arithmetic with probabilities
// that adapt, here to the kind of a byte: whether it is an instruction, the index of a local, an offset. A distance counts
// bytes of that kind only. A module continues where another ended, so that it costs little to resemble it.
// unpack.ts reads it.
import { type Model, number, type Past, type Stop, Writer, walk } from './coder.ts'
import type { KindsOf } from './kindsOf.ts'
import { COUNT, READ, SIZE, USED } from './layout.ts'
import { cheapest, copiesOf } from './search.ts'

export { ALPHABET } from './coder.ts'

/** What was written so far, and what it taught. */
export interface Packed {
  readonly text: string
  readonly past: Past
  readonly model: Model
}

/** Steps are chosen for this many bytes at a time: by what they would cost at the first of them, then three times more by what they did. */
const BLOCK = 8192

const copyOf = ({ chance, seen }: Model): Model => ({ chance: chance.slice(), seen: seen.slice() })

function pastOf(module: Uint8Array, kindsOf: KindsOf, before?: Past): Past {
  const join = (old: ArrayLike<number> = [], more: Uint8Array): Uint8Array =>
    Uint8Array.from([...Array.from(old), ...more])
  const kinds = join(before?.kinds, kindsOf(module))
  const counts = new Int32Array(32)
  const ranks = Int32Array.from(kinds, (kind) => counts[kind]++)
  if (READ + kinds.length > USED)
    throw new RangeError('these modules do not fit into the memory of their reader (layout.ts)')
  return { bytes: join(before?.bytes, module), kinds, ranks }
}

/** The text of a module; `before` is what its reader has read already. */
export function pack(module: Uint8Array, kindsOf: KindsOf, before?: Packed): Packed {
  const model: Model = before
    ? copyOf(before.model)
    : { chance: new Uint16Array(COUNT).fill(32768), seen: new Uint8Array(COUNT) }
  const past = pastOf(module, kindsOf, before?.past)
  const end = past.bytes.length

  const writer = new Writer(model)
  number(writer, SIZE, module.length)
  let stop: Stop = { cost: 0, step: null, previous: null, history: 0, distances: [1, 1] }
  for (let from = end - module.length; from < end; from += BLOCK) {
    const to = Math.min(end, from + BLOCK)
    const copies = copiesOf(past, from, to)
    let last = cheapest(past, from, to, stop, model, copies)
    for (let i = 0; i < 3; i++) {
      const trial = new Writer(copyOf(model))
      walk(trial, past, last)
      const chance = model.chance.map((p, i) => (p + 8 * trial.model.chance[i]) / 9)
      last = cheapest(past, from, to, stop, { chance, seen: model.seen }, copies)
    }
    walk(writer, past, last)
    stop = last
  }
  return { text: writer.text(), past, model }
}
