// Texts in pieces of one length, for the scenarios that write letter by letter.
import { type Generator, type Tensor, tensor } from '@x/tensor'

/** `count` random windows of the tokens, int32 [count, length], and the same one token later. */
export function windows(
  tokens: Int32Array,
  { count, length, generator }: { count: number; length: number; generator: Generator },
): [x: Tensor, y: Tensor] {
  const starts = generator.words(count).map((word) => (word >>> 0) % (tokens.length - length))
  const from = (shift: number): Tensor => {
    const values = new Int32Array(count * length)
    starts.forEach((start, b) => {
      values.set(tokens.subarray(start + shift, start + shift + length), b * length)
    })
    return tensor(values, { shape: [count, length] })
  }
  return [from(0), from(1)]
}
