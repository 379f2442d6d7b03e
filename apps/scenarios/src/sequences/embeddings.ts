// Pieces of text as vectors: what belongs together comes to lie together.
import { AdamW, crossEntropy } from '@x/nn'
import { arange, Generator, type Tensor, tidy } from '@x/tensor'
import { svd } from '@x/tensor/linalg'
import { Bert } from '@x/transformer'
import { defineScenario, type Shown } from '../scenario.ts'
import { learn } from './learning.ts'
import { LENGTH, ownPieces, type Piece, type Pieces, tokensOf } from './pieces.ts'
import { KINDS } from './sources.ts'

const [BATCH, TEMPERATURE] = [48, 0.1]

export const embeddings = defineScenario({
  name: 'embeddings',
  topic: 'Sequences and language',
  title: 'Texts as vectors, and their nearest neighbours',
  about:
    'A BERT turns pieces of this project into vectors, the mean of what it makes of their words. It learns from pairs: two ' +
    'pieces of one file shall be near each other, pieces of other files far away. Pieces that it has never seen find theirs.',
  options: {
    steps: { kind: 'number', about: 'training steps of 48 pairs', default: 400, least: 10, most: 100_000 },
    width: { kind: 'number', about: 'numbers in a vector', default: 64, least: 16, most: 512, multipleOf: 4 },
  },
  async *run({ options, seed, quick, breathe }): AsyncGenerator<Shown> {
    const generator = new Generator(seed)
    const pieces = await ownPieces(1000)
    const { tokenizer, files, train, test } = pieces
    const { width: hiddenSize } = options
    const model = new Bert(
      {
        ...{ vocabSize: tokenizer.vocabSize, hiddenSize, intermediateSize: 2 * hiddenSize, numHiddenLayers: 2 },
        ...{ numAttentionHeads: 4, maxPositionEmbeddings: LENGTH, dropout: 0.1 },
      },
      { generator, pooler: false, std: 0.1 },
    )
    const optimizer = new AdamW(model.parameters(), { lr: 1e-3 })
    // Each piece is to find its partner among those of the whole batch, and the other way round.
    // Source: van den Oord et al. 2018, arXiv:1807.03748; Gao et al. 2021, arXiv:2104.08821.
    const lossOf = (a: Tensor, b: Tensor): Tensor => {
      const scores = model.embed(a).matmul(model.embed(b).mT).div(TEMPERATURE)
      const own = arange(BATCH, undefined, { dtype: 'int32' })
      return crossEntropy(scores, own).add(crossEntropy(scores.mT, own)).div(2)
    }
    const byFile = files
      .map((_, file) => train.filter((piece) => piece.file === file))
      .filter((group) => group.length > 1)
    const unseen = ofFiles(test, generator, quick ? 200 : 600)
    const before = nearest(model, unseen)
    const steps = quick ? Math.min(options.steps, 60) : options.steps
    const next = (): [Tensor, Tensor] => {
      const [a, b] = pairs(byFile, generator)
      return [tokensOf(a), tokensOf(b)]
    }
    yield* learn({ title: 'loss per pair', steps, optimizer, next, lossOf, breathe })
    model.eval()
    const after = nearest(model, unseen)
    yield neighbours(pieces, unseen, after)
    yield plane(model, unseen)
    const chance = unseen.map((x) => (unseen.filter(({ file }) => file === x.file).length - 1) / (unseen.length - 1))
    const percent = (share: number): string => `${(100 * share).toFixed(1)} %`
    const mean = (list: readonly number[]): number => list.reduce((a, b) => a + b, 0) / list.length
    const right = (found: readonly number[], key: 'file' | 'kind'): number =>
      mean(found.map((j, i) => Number(unseen[j][key] === unseen[i][key])))
    yield {
      kind: 'table',
      title: `${unseen.length} unseen pieces: whose nearest neighbour is of the same`,
      columns: ['', 'file', 'kind'],
      rows: [
        ['by chance', percent(mean(chance)), ''],
        ['before the training', percent(right(before, 'file')), percent(right(before, 'kind'))],
        ['after it', percent(right(after, 'file')), percent(right(after, 'kind'))],
      ],
    }
    const share = right(after, 'file')
    const times = share / mean(chance)
    const text = `${percent(share)} of unseen pieces lie next to one of their own file, ${times.toFixed(0)} times as many as by chance`
    yield { kind: 'claim', text, holds: times > (quick ? 3 : 10) && share > right(before, 'file') }
    for (const owner of [model, optimizer, generator]) owner.dispose()
  },
})

/** Pieces of files of which there are at least four, `most` of them. */
function ofFiles(pieces: readonly Piece[], generator: Generator, most: number): Piece[] {
  const counts = new Map<number, number>()
  for (const { file } of pieces) counts.set(file, (counts.get(file) ?? 0) + 1)
  const files = [...counts].filter(([, n]) => n >= 4).map(([file]) => file)
  const order = Array.from(generator.permutation(files.length), (i) => files[i])
  return order.flatMap((file) => pieces.filter((piece) => piece.file === file).slice(0, 12)).slice(0, most)
}

/** Two pieces of each of BATCH files. */
function pairs(byFile: readonly Piece[][], generator: Generator): [Piece[], Piece[]] {
  const files = Array.from(generator.permutation(byFile.length).slice(0, BATCH), (i) => byFile[i])
  const words = generator.words(2 * BATCH)
  const one = files.map((group, i) => (words[i] >>> 0) % group.length)
  const other = files.map((group, i) => (one[i] + 1 + ((words[BATCH + i] >>> 0) % (group.length - 1))) % group.length)
  return [files.map((group, i) => group[one[i]]), files.map((group, i) => group[other[i]])]
}

/** The nearest other piece of each, by the cosine. */
function nearest(model: Bert, pieces: readonly Piece[]): number[] {
  const cosines = tidy(() => {
    const x = model.embed(tokensOf(pieces))
    return x.matmul(x.mT).toArray() as number[][]
  })
  return cosines.map((row, i) => row.reduce((best, c, j) => (j !== i && (best < 0 || c > row[best]) ? j : best), -1))
}

function neighbours({ tokenizer, files }: Pieces, pieces: readonly Piece[], found: readonly number[]): Shown {
  const shown = Array.from({ length: 8 }, (_, i) => Math.floor(((i + 0.5) / 8) * pieces.length))
  const text = ({ tokens }: Piece): string => tokenizer.decode(tokens.slice(1, 14), { skipSpecialTokens: true })
  return {
    kind: 'table',
    title: 'what lies nearest',
    columns: ['a piece', 'of', 'its neighbour', 'of'],
    rows: shown.map((i) => {
      const [one, other] = [pieces[i], pieces[found[i]]]
      return [text(one), files[one.file].name, text(other), files[other.file].name]
    }),
  }
}

/** All of them in the plane in which they differ most. */
function plane(model: Bert, pieces: readonly Piece[]): Shown {
  const places = tidy(() => {
    const x = model.embed(tokensOf(pieces))
    const centred = x.sub(x.mean(0))
    const { Vh } = svd(centred, { fullMatrices: false })
    return centred.matmul(Vh.mT).toArray() as number[][]
  })
  const groups = KINDS.map((name, kind) => {
    const own = places.filter((_, i) => pieces[i].kind === kind)
    return { name, x: own.map(([x]) => x), y: own.map(([, y]) => y) }
  })
  return { kind: 'points', id: 'plane', title: 'unseen pieces, where they differ most', groups }
}
