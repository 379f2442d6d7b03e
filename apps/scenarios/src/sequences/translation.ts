// English into Hindi with attention, Bahdanau's and Luong's: what each word looks at is drawn.
import { valueAndGrad } from '@x/autograd'
import { Adam, clipGradNorm, crossEntropy } from '@x/nn'
import { Seq2Seq } from '@x/nn/models'
import { compile, Generator, type Tensor, tensor, tidy } from '@x/tensor'
import { hindiPairs, type Pair } from '../../data/hindi.ts'
import { type Curve, defineScenario, type Shown } from '../scenario.ts'

const BATCH = 64
const [PADDING, BEGIN, END] = [0, 1, 2]
const MARKS = ['', '<', '>']

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
    pairs: { kind: 'file', about: 'sentence pairs instead of the bundled ones, one per line, a tab between' },
  },
  async *run({ options, seed, quick, breathe }): AsyncGenerator<Shown> {
    const pairs = options.pairs === undefined ? hindiPairs() : readPairs(options.pairs)
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
      const parameters = model.parameters()
      const optimizer = new Adam(parameters, { lr: 4e-3 })
      const step = compile((source: Tensor, input: Tensor, output: Tensor) => {
        const { value, grads } = valueAndGrad(() => {
          const { logits } = model.forward(source, input)
          return crossEntropy(logits.reshape([-1, hindi.size]), output.flatten(), { ignoreIndex: PADDING })
        }, parameters)
        optimizer.step(clipGradNorm(grads, 1).grads)
        return value
      })
      const curve: Curve = { name: attention, x: [], y: [] }
      curves.push(curve)
      const batches = new Batches(train, english, hindi, generator)
      for (let i = 1; i <= steps; i++) {
        const value = tidy(() => step(...batches.next()).item())
        if (i % 10 === 0) {
          ;(curve.x as number[]).push(i)
          ;(curve.y as number[]).push(value)
          yield { kind: 'progress', done: i, of: steps, note: `${attention}  loss ${value.toFixed(3)}` }
          yield { kind: 'plot', id: 'loss', title: 'loss per word', x: 'step', y: 'nats', curves }
        }
        await breathe()
      }
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
      step.dispose()
      for (const owner of [model, optimizer, generator]) owner.dispose()
    }
  },
})

/** The words of one language by number; 0 to 2 are padding, begin and end. */
class Words {
  readonly words: string[]
  private readonly number: Map<string, number>

  constructor(sentences: readonly string[]) {
    this.words = [...MARKS, ...new Set(sentences.flatMap((sentence) => sentence.split(' ')))]
    this.number = new Map(this.words.map((word, i) => [word, i]))
  }

  get size(): number {
    return this.words.length
  }

  /** With the end mark. */
  numbers(sentence: string): number[] {
    return [...sentence.split(' ').map((word) => this.number.get(word) ?? PADDING), END]
  }

  text(tokens: readonly number[]): string {
    return tokens.map((token) => this.words[token]).join(' ')
  }
}

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

function padded(rows: readonly number[][], width: number): Int32Array {
  const values = new Int32Array(rows.length * width).fill(PADDING)
  rows.forEach((row, i) => {
    values.set(row, i * width)
  })
  return values
}

function shuffled(pairs: readonly Pair[], seed: number): Pair[] {
  const generator = new Generator(seed)
  const order = Array.from(generator.permutation(pairs.length), (i) => pairs[i])
  generator.dispose()
  return order
}

/** @throws RangeError for a line without a tab, or fewer than 100 */
function readPairs(text: string): Pair[] {
  const lines = text.split(/\r?\n/).filter((line) => line.trim() !== '')
  const pairs = lines.map((line, i): Pair => {
    const [a, b] = line.split('\t')
    if (b === undefined) throw new RangeError(`translation: line ${i + 1} of the pairs has no tab`)
    return [words(a), words(b)]
  })
  if (pairs.length < 100) throw new RangeError(`translation: ${pairs.length} pairs are too few; it takes 100`)
  return pairs
}

const words = (sentence: string): string =>
  sentence
    .toLowerCase()
    .replace(/([^\p{L}\p{M}\p{N}\s])/gu, ' $1 ')
    .trim()
    .replace(/\s+/g, ' ')
