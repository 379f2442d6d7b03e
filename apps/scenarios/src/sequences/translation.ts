// English into Hindi with attention, Bahdanau's and Luong's: what each word looks at is drawn.
import { Adam, crossEntropy } from '@x/nn'
import { Seq2Seq } from '@x/nn/models'
import { Generator, type Tensor, tensor } from '@x/tensor'
import { hindiPairs, type Pair } from '../../data/hindi.ts'
import { type Curve, defineScenario, type Shown } from '../scenario.ts'
import { learn } from './learning.ts'
import { BEGIN, END, PADDING, padded, readPairs, shuffled, Words } from './pairs.ts'

const BATCH = 64

export const translation = defineScenario({
  name: 'translation',
  topic: 'Sequences and language',
  title: 'Translation with attention',
  about:
    'A recurrent network reads an English sentence, another writes it in Hindi and looks back at each word. English has ' +
    'the verb in the middle, Hindi at the end: the drawn attention crosses over where the order changes.',
  options: {
    attention: { kind: 'choice', about: 'whose attention', default: 'both', among: ['both', 'bahdanau', 'luong'] },
    steps: { kind: 'number', about: 'training steps of 64 sentences', default: 500, least: 10, most: 100_000 },
    data: { kind: 'file', about: 'sentence pairs instead of the bundled ones, one per line, a tab between' },
  },
  async *run({ options, seed, quick, breathe }): AsyncGenerator<Shown> {
    const pairs = options.data === undefined ? hindiPairs() : readPairs('translation', options.data)
    const order = shuffled(pairs, seed)
    const [train, test] = [order.slice(Math.floor(pairs.length / 10)), order.slice(0, Math.floor(pairs.length / 10))]
    const [english, hindi] = [new Words(pairs.map(([a]) => a)), new Words(pairs.map(([, b]) => b))]
    yield {
      kind: 'text',
      text: `${train.length} pairs to learn from, ${test.length} for testing; ${english.size} English and ${hindi.size} Hindi words`,
    }
    const steps = quick ? Math.min(options.steps, 250) : options.steps
    const curves: Curve[] = []
    const names = options.attention === 'both' ? (['bahdanau', 'luong'] as const) : [options.attention as 'luong']
    for (const attention of names) {
      const generator = new Generator(seed)
      const model = new Seq2Seq(english.size, hindi.size, { attention, generator })
      const optimizer = new Adam(model.parameters(), { lr: 4e-3 })
      const batches = new Batches(train, english, hindi, generator)
      yield* learn({
        ...{ title: 'loss per word', name: attention, curves, steps, optimizer, breathe },
        next: () => batches.next(),
        lossOf: (source, input, output) => {
          const { logits } = model.forward(source, input)
          return crossEntropy(logits.reshape([-1, hindi.size]), output.flatten(), { ignoreIndex: PADDING })
        },
      })
      const translate = (sentence: string) => model.translate(english.numbers(sentence), { begin: BEGIN, end: END })
      const results = test.map(([from, to]) => ({ from, to, said: hindi.text(translate(from).tokens) }))
      yield {
        kind: 'table',
        title: `${attention}: sentences it has never seen`,
        columns: ['English', 'translation', 'right'],
        rows: results.slice(0, 8).map(({ from, to, said }) => [from, said, to === said ? 'yes' : to]),
      }
      const [shown] = test
      const { tokens, alignment } = translate(shown[0])
      yield {
        kind: 'heatmap',
        id: `alignment ${attention}`,
        title: `what each Hindi word of "${hindi.text(tokens)}" looks at`,
        rows: tokens.map((token) => hindi.words[token]),
        columns: [...shown[0].split(' '), '∎'],
        values: alignment,
      }
      const right = results.filter(({ to, said }) => to === said).length
      const text = `${attention}: ${right} of ${test.length} unseen sentences are translated word for word`
      yield { kind: 'claim', text, holds: right >= test.length * 0.9 }
      for (const owner of [model, optimizer, generator]) owner.dispose()
    }
  },
})

/** Random batches, each padded to the longest sentences there are: one shape, so that the step is recorded once. */
class Batches {
  private readonly sources: Int32Array
  private readonly targets: Int32Array
  private readonly width: readonly [source: number, target: number]
  private readonly count: number
  private readonly generator: Generator

  constructor(pairs: readonly Pair[], english: Words, hindi: Words, generator: Generator) {
    const from = pairs.map(([a]) => english.numbers(a))
    const to = pairs.map(([, b]) => [BEGIN, ...hindi.numbers(b)])
    const longest = (rows: readonly number[][]): number => Math.max(...rows.map((row) => row.length))
    this.width = [longest(from), longest(to)]
    this.sources = padded(from, this.width[0])
    this.targets = padded(to, this.width[1])
    this.count = pairs.length
    this.generator = generator
  }

  /** Sources [B, S], targets without their last token [B, T], and without their first. */
  next(): [source: Tensor, input: Tensor, output: Tensor] {
    const chosen = this.generator.words(BATCH).map((word) => (word >>> 0) % this.count)
    const [S, T] = this.width
    const rows = (table: Int32Array, width: number, skip: number, length: number): Tensor => {
      const values = new Int32Array(BATCH * length)
      chosen.forEach((at, b) => {
        values.set(table.subarray(at * width + skip, at * width + skip + length), b * length)
      })
      return tensor(values, { shape: [BATCH, length] })
    }
    return [rows(this.sources, S, 0, S), rows(this.targets, T, 0, T - 1), rows(this.targets, T, 1, T - 1)]
  }
}
