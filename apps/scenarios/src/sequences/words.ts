// Words as vectors: king − man + woman, on a small corpus.
import { valueAndGrad } from '@x/autograd'
import { Adam } from '@x/nn'
import { Word2Vec } from '@x/nn/models'
import { compile, Generator, type Tensor, tensor, tidy } from '@x/tensor'
import { kingdom } from '../../data/kingdom.ts'
import { defineScenario, type Shown } from '../scenario.ts'

const BATCH = 256
const NEGATIVES = 5
/** a is to b as c is to … */
const ANALOGIES = [
  ['man', 'king', 'woman', 'queen'],
  ['king', 'prince', 'queen', 'princess'],
  ['man', 'boy', 'woman', 'girl'],
  ['boy', 'prince', 'girl', 'princess'],
  ['woman', 'man', 'princess', 'prince'],
  ['queen', 'princess', 'woman', 'girl'],
]

export const words = defineScenario({
  name: 'word2vec',
  topic: 'Sequences and language',
  title: 'Word vectors: king − man + woman',
  about:
    'From nothing but which words stand near each other in 672 short sentences, vectors arise in which being royal, being ' +
    'a woman and being young are directions: king − man + woman points at queen.',
  options: {
    size: { kind: 'number', about: 'numbers in a vector', default: 16, least: 2, most: 256 },
    window: { kind: 'number', about: 'words on each side that count as near', default: 6, least: 1, most: 12 },
    steps: { kind: 'number', about: 'training steps of 256 pairs', default: 3000, least: 10, most: 100_000 },
  },
  async *run({ options: { size, window, steps: wanted }, seed, quick, breathe }): AsyncGenerator<Shown> {
    const steps = quick ? Math.min(wanted, 2000) : wanted
    const sentences = kingdom().map((sentence) => sentence.split(' '))
    const { vocabulary, counts } = countWords(sentences)
    const number = new Map(vocabulary.map((word, i) => [word, i]))
    const pairs = pairsOf(sentences, number, counts, window)
    yield {
      kind: 'text',
      text: `${sentences.length} sentences, ${vocabulary.length} words, ${pairs.length / 2} pairs; one sentence: ${sentences[0].join(' ')}`,
    }
    const generator = new Generator(seed)
    const model = new Word2Vec(vocabulary.length, { size, generator })
    const parameters = model.parameters()
    const optimizer = new Adam(parameters, { lr: 0.01 })
    const step = compile((centre: Tensor, beside: Tensor, negatives: Tensor) => {
      const { value, grads } = valueAndGrad(() => model.forward(centre, beside, negatives), parameters)
      optimizer.step(grads)
      return value
    })
    const noise = noiseTable(counts)
    const [x, y]: [number[], number[]] = [[], []]
    for (let i = 1; i <= steps; i++) {
      optimizer.lr = 0.01 * (1 - (i - 1) / steps)
      const loss = tidy(() => {
        const drawn = generator.words(BATCH * (1 + NEGATIVES))
        const at = (k: number): number => drawn[k] >>> 0
        const chosen = Int32Array.from({ length: BATCH }, (_, k) => at(k) % (pairs.length / 2))
        const negatives = Int32Array.from({ length: BATCH * NEGATIVES }, (_, k) => noise[at(BATCH + k) % noise.length])
        const centre = tensor(chosen.map((k) => pairs[2 * k]))
        const beside = tensor(chosen.map((k) => pairs[2 * k + 1]))
        return step(centre, beside, tensor(negatives, { shape: [BATCH, NEGATIVES] })).item()
      })
      if (i % 50 === 0) {
        x.push(i)
        y.push(loss)
        yield { kind: 'progress', done: i, of: steps, note: `loss ${loss.toFixed(3)}` }
      }
      await breathe()
    }
    yield { kind: 'plot', id: 'loss', title: 'loss', x: 'step', y: 'nats', curves: [{ name: 'loss', x, y }] }
    const of = (word: string): number => number.get(word) as number
    const answers = ANALOGIES.map(([a, b, c, expected]) => {
      const [first, second] = model.analogy([of(b), of(c)], [of(a)], 2)
      return { text: `${b} − ${a} + ${c}`, expected, first, second }
    })
    yield {
      kind: 'table',
      title: 'analogies',
      columns: ['', 'nearest', 'cosine', 'second'],
      rows: answers.map(({ text, first, second }) => [
        text,
        vocabulary[first.word],
        first.similarity.toFixed(3),
        vocabulary[second.word],
      ]),
    }
    yield plane(model, ['king', 'queen', 'prince', 'princess', 'man', 'woman', 'boy', 'girl'], of)
    const right = answers.filter(({ expected, first }) => vocabulary[first.word] === expected).length
    yield {
      kind: 'claim',
      text: `${right} of ${answers.length} analogies come out`,
      holds: right >= answers.length - 1,
    }
    const isQueen = vocabulary[answers[0].first.word] === 'queen'
    yield { kind: 'claim', text: 'king − man + woman is queen', holds: isQueen }
    step.dispose()
    for (const owner of [model, optimizer, generator]) owner.dispose()
  },
})

/** Words by frequency. */
function countWords(sentences: readonly string[][]): { vocabulary: string[]; counts: number[] } {
  const seen = new Map<string, number>()
  for (const word of sentences.flat()) seen.set(word, (seen.get(word) ?? 0) + 1)
  const sorted = [...seen].sort(([a, n], [b, m]) => m - n || (a < b ? -1 : 1))
  return { vocabulary: sorted.map(([word]) => word), counts: sorted.map(([, n]) => n) }
}

/** Every word with each near it. Very frequent words are passed over, which brings others nearer (section 2.3). */
function pairsOf(
  sentences: readonly string[][],
  number: Map<string, number>,
  counts: number[],
  window: number,
): Int32Array {
  const total = counts.reduce((a, b) => a + b, 0)
  const isCommon = (word: number): boolean => counts[word] / total > 0.05
  const pairs: number[] = []
  for (const sentence of sentences) {
    const kept = sentence.map((word) => number.get(word) as number).filter((word) => !isCommon(word))
    kept.forEach((word, i) => {
      kept.forEach((other, j) => {
        if (i !== j && Math.abs(i - j) <= window) pairs.push(word, other)
      })
    })
  }
  return Int32Array.from(pairs)
}

/** Words as often as their count to the power ¾ says (section 2.2). */
function noiseTable(counts: readonly number[]): Int32Array {
  return Int32Array.from(counts.flatMap((n, word) => new Array(Math.ceil(n ** 0.75)).fill(word)))
}

/** The words in the plane of two directions: from man to king, and from man to woman. */
function plane(model: Word2Vec, shown: readonly string[], of: (word: string) => number): Shown {
  const vectors = tidy(() => model.centre.toArray() as number[][])
  const vector = (word: string): number[] => vectors[of(word)]
  const minus = (a: readonly number[], b: readonly number[]): number[] => a.map((v, i) => v - b[i])
  const dot = (a: readonly number[], b: readonly number[]): number => a.reduce((sum, v, i) => sum + v * b[i], 0)
  const [royal, woman] = [minus(vector('king'), vector('man')), minus(vector('woman'), vector('man'))]
  const groups = shown.map((word) => ({ name: word, x: [dot(vector(word), royal)], y: [dot(vector(word), woman)] }))
  return { kind: 'points', id: 'plane', title: 'along man → king (across) and man → woman (upwards)', groups }
}
