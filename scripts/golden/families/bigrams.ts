// Models that count pairs of characters.
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { nllLoss } from '@x/nn'
import { type Tensor, tensor } from '@x/tensor'
import { bincount } from '@x/tensor/statistics'
import { agreeValues } from '../compare.ts'
import type { Check } from './table.ts'

/** A text that cases name: beside the folder of the vectors, or packed inside of it. */
export function textOf(folder: string, dataset: string): string {
  const plain = join(folder, '..', dataset)
  if (existsSync(plain)) return readFileSync(plain, 'utf8')
  const packed = join(folder, `${dataset}.gz`)
  if (existsSync(packed)) return gunzipSync(readFileSync(packed)).toString('utf8')
  throw new Error(`the text ${dataset} is neither ${plain} nor ${packed}`)
}

/** Rows of words, each with the mark of its ends around it, as pairs of characters; or the pairs of one long text. */
function pairsOf(text: string, alphabet: readonly string[], isWords: boolean): [from: number[], to: number[]] {
  const place = new Map(alphabet.map((ch, i) => [ch, i]))
  const rows = isWords
    ? text
        .trim()
        .split('\n')
        .map((word) => `.${word}.`)
    : [text]
  const ids = rows.map((row) => Array.from(row, (ch) => place.get(ch) as number))
  return [ids.flatMap((row) => row.slice(0, -1)), ids.flatMap((row) => row.slice(1))]
}

/** How often each number from 0 to below n is there: float64 [n]. */
const counted = (ids: Tensor, n: number): Tensor => bincount(ids, { minlength: n }).cast('float64')

/** Mean −ln p of the pairs when p are the counts by row. */
function lossOf(counts: Tensor, from: Tensor, to: Tensor): number {
  const logs = counts
    .div(counts.sum(1, { keepdims: true }))
    .maximum(Number.MIN_VALUE)
    .log()
  return nllLoss(logs.take(from), to).item()
}

export const bigrams: Check = {
  check: ({ folder, rest }) => {
    const text = textOf(folder, rest.data.dataset)
    const isWords = rest.data.alphabet !== undefined
    const alphabet: string[] = isWords ? [...rest.data.alphabet] : [...new Set(text)].sort()
    const [from, to] = pairsOf(text, alphabet, isWords).map((ids) => tensor(ids, { dtype: 'int32' }))
    const n = alphabet.length
    const counts = counted(from.mul(n).add(to), n * n).reshape([n, n])
    const share = counted(
      tensor(
        Array.from(text, (ch) => alphabet.indexOf(ch)).filter((id) => id >= 0),
        { dtype: 'int32' },
      ),
      n,
    ).div(text.length)
    const found = {
      counts_total: counts.sum().item(),
      nll_mle: lossOf(counts, from, to),
      nll_add1: lossOf(counts.add(1), from, to),
      ...(isWords && { counts_qu: counts.at(alphabet.indexOf('q'), alphabet.indexOf('u')).item() }),
      vocab_size: n,
      length: text.length,
      ...(!isWords && { unigram_entropy: share.mul(share.log()).sum().neg().item() }),
    }
    for (const [name, value] of Object.entries(found)) {
      if (name in rest) agreeValues(name, [value], [rest[name]], { exact: true })
    }
    if (rest.row_sums) agreeValues('row_sums', counts.sum(1).data(), rest.row_sums, { exact: true })
  },
}
