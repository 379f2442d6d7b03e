// English into Hindi by the Transformer of "Attention is all you need": what each word looks at is drawn.
import { AdamW } from '@x/nn'
import { LambdaLR, noam } from '@x/nn/schedules'
import { Generator, type Tensor, tensor, tidy } from '@x/tensor'
import { bleu, generate, seq2seqLoss, TranslationTransformer } from '@x/transformer'
import { hindiPairs, type Pair } from '../../data/hindi.ts'
import { defineScenario, type Shown } from '../scenario.ts'
import { drawn, learn } from './learning.ts'
import { BEGIN, END, PADDING, readPairs, shuffled, Words } from './pairs.ts'

const [BATCH, WARM_UP, SMOOTHING, BEAMS] = [32, 100, 0.1, 4]
/** The label of places that do not count. */
const NOTHING = -100

export const transformer = defineScenario({
  name: 'transformer',
  topic: 'Sequences and language',
  title: 'The Transformer translates',
  about:
    'An encoder reads an English sentence all at once, a decoder writes it in Hindi, word by word: no recurrence, only ' +
    'attention. The learning rate warms up, labels are smoothed, a beam search writes. What the decoder looks at is drawn.',
  options: {
    steps: { kind: 'number', about: 'training steps of 32 sentences', default: 600, least: 10, most: 100_000 },
    width: { kind: 'number', about: 'numbers in a hidden state', default: 64, least: 8, most: 512, multipleOf: 4 },
    layers: { kind: 'number', about: 'blocks of encoder and decoder each', default: 2, least: 1, most: 6 },
    data: { kind: 'file', about: 'sentence pairs instead of the bundled ones, one per line, a tab between' },
  },
  async *run({ options, seed, quick, breathe }): AsyncGenerator<Shown> {
    const pairs = options.data === undefined ? hindiPairs() : readPairs('transformer', options.data)
    const order = shuffled(pairs, seed)
    const cut = Math.floor(pairs.length / 10)
    const [train, test] = [order.slice(cut), order.slice(0, Math.min(cut, quick ? 40 : 100))]
    const [english, hindi] = [new Words(pairs.map(([a]) => a)), new Words(pairs.map(([, b]) => b))]
    const longest = Math.max(...pairs.flatMap(([a, b]) => [english.numbers(a).length, hindi.numbers(b).length]))
    const generator = new Generator(seed)
    const { width: dModel, layers } = options
    const model = new TranslationTransformer(
      {
        ...{ vocabSize: hindi.size, sourceVocabSize: english.size, dModel, ffnDim: 2 * dModel, attentionHeads: 4 },
        ...{ encoderLayers: layers, decoderLayers: layers, dropout: 0.1, maxPositionEmbeddings: longest + 2 },
        ...{ padTokenId: PADDING, decoderStartTokenId: BEGIN, eosTokenId: END },
      },
      { generator },
    )
    const parameters = model.parameters()
    const size = parameters.reduce((n, p) => n + p.size, 0)
    const counts = `${train.length} pairs to learn from, ${test.length} for testing`
    yield {
      kind: 'text',
      text: `${counts}; ${english.size} English and ${hindi.size} Hindi words; ${size} numbers to learn`,
    }
    const steps = quick ? Math.min(options.steps, 250) : options.steps
    const optimizer = new AdamW(parameters, { lr: 0.25, betas: [0.9, 0.98], weightDecay: 0.01 })
    const warmup = Math.min(WARM_UP, steps / 2)
    const schedule = new LambdaLR(optimizer, (i) => noam(i + 1, { modelSize: dModel, warmup }))
    const rows = train.map(([a, b]) => ({ source: english.numbers(a), target: hindi.numbers(b) }))
    yield* learn({
      ...{ title: 'loss per word, smoothed', steps, optimizer, schedule, breathe },
      next: () => batch(rows, generator),
      lossOf: (source, attentionMask, target) =>
        seq2seqLoss(model, source, target, { attentionMask, labelSmoothing: SMOOTHING }),
    })
    model.eval()
    const sources = test.map(([a]) => english.numbers(a))
    const write = async (numBeams: number): Promise<string[]> => {
      const { sequences } = await generate(model, sources, { numBeams, maxNewTokens: longest + 1 })
      return sequences.map((ids) => hindi.text(ids.filter((id) => id > END)))
    }
    const [greedy, beams] = [await write(1), await write(BEAMS)]
    yield {
      kind: 'table',
      title: 'sentences it has never seen',
      columns: ['English', 'translation', 'right'],
      rows: test.slice(0, 8).map(([from, to], i) => [from, beams[i], to === beams[i] ? 'yes' : to]),
    }
    yield crossAttention(model, test[0], english, hindi, beams[0])
    const references = test.map(([, to]) => [to.split(' ')])
    const scores = [greedy, beams].map((said) => {
      const hypotheses = said.map((text) => text.split(' '))
      return { bleu: bleu(references, hypotheses), right: said.filter((text, i) => text === test[i][1]).length }
    })
    yield {
      kind: 'table',
      title: 'unseen sentences',
      columns: ['', 'BLEU', 'word for word'],
      rows: ['greedy', `${BEAMS} beams`].map((name, i) => [
        name,
        (100 * scores[i].bleu).toFixed(1),
        `${scores[i].right} of ${test.length}`,
      ]),
    }
    const [, best] = scores
    const text = `BLEU ${(100 * best.bleu).toFixed(1)} on sentences it has not seen, ${best.right} of ${test.length} word for word`
    // Of sentences that are not put together from a grammar, nobody knows beforehand.
    const wanted = options.data !== undefined ? 0 : quick ? 0.6 : 0.85
    yield { kind: 'claim', text, holds: best.bleu >= wanted }
    for (const owner of [model, optimizer, generator]) owner.dispose()
  },
})

interface Row {
  readonly source: readonly number[]
  readonly target: readonly number[]
}

/** Random pairs, filled to the longest there are: sources [B, S], which of them are words, targets [B, T]. */
function batch(rows: readonly Row[], generator: Generator): [source: Tensor, mask: Tensor, target: Tensor] {
  const chosen = drawn(rows, BATCH, generator)
  const filled = (of: (row: Row) => readonly number[], filling: number): Tensor => {
    const width = Math.max(...rows.map((row) => of(row).length))
    const values = chosen.flatMap((row) => Array.from({ length: width }, (_, i) => of(row)[i] ?? filling))
    return tensor(Int32Array.from(values), { shape: [BATCH, width] })
  }
  const source = filled((row) => row.source, PADDING)
  return [source, source.ne(PADDING).cast('int32'), filled((row) => row.target, NOTHING)]
}

/** The heads of the last block side by side: what each word of the translation looks at. */
function crossAttention(
  model: TranslationTransformer,
  [from]: Pair,
  english: Words,
  hindi: Words,
  said: string,
): Shown {
  const target = [BEGIN, ...hindi.numbers(said).slice(0, -1)]
  const row = (ids: readonly number[]): Tensor => tensor(Int32Array.from(ids), { shape: [1, ids.length] })
  const maps = tidy(() => {
    const { crossAttentions } = model.inspect(row(english.numbers(from)), row(target), { attentions: true })
    return crossAttentions.map((layer) => layer.mean(1).at(0).toArray() as number[][])
  })
  return {
    kind: 'heatmap',
    id: 'attention',
    title: `what each word of "${said}" looks at, in the last block`,
    rows: [...said.split(' '), '∎'],
    columns: [...from.split(' '), '∎'],
    values: maps[maps.length - 1],
  }
}
