// A GPT over characters learns this project's own sources and writes TypeScript.
import { valueAndGrad } from '@x/autograd'
import { AdamW, clipGradNorm, crossEntropy } from '@x/nn'
import { LinearLR } from '@x/nn/schedules'
import { compile, Generator, type Tensor, tensor, tidy } from '@x/tensor'
import { GPT, generate } from '@x/transformer'
import { type Curve, defineScenario, type Shown } from '../scenario.ts'
import { ownSources } from './sources.ts'

const [BATCH, CONTEXT] = [16, 64]

export const gpt = defineScenario({
  name: 'gpt',
  topic: 'Sequences and language',
  title: 'A GPT learns to write TypeScript',
  about:
    'A small GPT reads the sources of this very project letter by letter. After seconds it has the spaces and brackets, ' +
    'after a minute the keywords and names, after two it writes what looks like TypeScript. A text of your own can be given.',
  options: {
    steps: { kind: 'number', about: 'training steps of 16 × 64 letters', default: 1500, least: 10, most: 1_000_000 },
    width: { kind: 'number', about: 'numbers in a hidden state', default: 96, least: 16, most: 1024 },
    layers: { kind: 'number', about: 'blocks', default: 3, least: 1, most: 24 },
    text: { kind: 'file', about: 'a text to learn from instead of the sources' },
  },
  async *run({ options, seed, quick, breathe }): AsyncGenerator<Shown> {
    const text = options.text ?? (await ownSources())
    const letters = [...new Set(text)].sort()
    const number = new Map(letters.map((letter, i) => [letter, i]))
    const tokens = Int32Array.from(text, (letter) => number.get(letter) as number)
    if (tokens.length < 100 * CONTEXT) throw new RangeError(`gpt: the text has only ${tokens.length} letters`)
    const cut = Math.floor(tokens.length * 0.95)
    const generator = new Generator(seed)
    const { width: nEmbd, layers: nLayer } = options
    const config = {
      vocabSize: letters.length,
      nPositions: CONTEXT,
      nEmbd,
      nLayer,
      nHead: Math.max(1, Math.floor(nEmbd / 24)),
    }
    const model = new GPT(config, { generator })
    const parameters = model.parameters()
    const size = parameters.reduce((n, p) => n + p.size, 0)
    yield { kind: 'text', text: `${tokens.length} letters, ${letters.length} different ones; ${size} numbers to learn` }
    const steps = quick ? Math.min(options.steps, 60) : options.steps
    const optimizer = new AdamW(parameters, { lr: 2e-3, weightDecay: 0.1, betas: [0.9, 0.99] })
    const warmUp = new LinearLR(optimizer, { startFactor: 0.02, totalIters: Math.min(50, steps) })
    const lossOf = (x: Tensor, y: Tensor): Tensor =>
      crossEntropy(model.forward(x).reshape([-1, letters.length]), y.flatten())
    const step = compile((x: Tensor, y: Tensor) => {
      const { value, grads } = valueAndGrad(() => lossOf(x, y), parameters)
      optimizer.step(clipGradNorm(grads, 1).grads)
      return value
    })
    const curve: Curve = { name: 'loss', x: [], y: [] }
    const write = async (count: number): Promise<string> => {
      const prompt = [...'export '].map((letter) => number.get(letter) ?? 0)
      let written = [...prompt]
      // Windows of the context, each begun with the second half of the one before.
      while (written.length < count) {
        const start = written.slice(-CONTEXT / 2)
        const options = { maxNewTokens: CONTEXT - start.length, temperature: 0.7, generator }
        const { sequences } = await generate(model, start, options)
        written = [...written, ...sequences[0].slice(start.length)]
      }
      return written.map((token) => letters[token]).join('')
    }
    for (let i = 1; i <= steps; i++) {
      const value = tidy(() => step(...windows(tokens.subarray(0, cut), generator)).item())
      warmUp.step()
      if (i % 10 === 0) {
        ;(curve.x as number[]).push(i)
        ;(curve.y as number[]).push(value)
        yield { kind: 'progress', done: i, of: steps, note: `loss ${value.toFixed(3)}` }
        yield { kind: 'plot', id: 'loss', title: 'loss per letter', x: 'step', y: 'nats', curves: [curve] }
      }
      if (i % 500 === 0 && i < steps) {
        yield { kind: 'heading', text: `after ${i} steps` }
        yield { kind: 'text', text: await write(200) }
      }
      await breathe()
    }
    const test = tidy(() => lossOf(...windows(tokens.subarray(cut), generator)).item())
    const written = await write(quick ? 200 : 800)
    yield { kind: 'heading', text: `after ${steps} steps` }
    yield { kind: 'text', text: written }
    const known = new Set(text.match(/[A-Za-z]{3,}/g))
    const words = written.match(/[A-Za-z]{3,}/g) ?? []
    const share = words.filter((word) => known.has(word)).length / Math.max(1, words.length)
    const guess = Math.log(letters.length)
    yield {
      kind: 'claim',
      text: `${test.toFixed(2)} nats per letter on files it has not seen, guessing takes ${guess.toFixed(2)}`,
      holds: test < guess * (quick ? 0.75 : 0.5),
    }
    const said = `${(100 * share).toFixed(0)} % of the words it writes occur in the sources`
    yield { kind: 'claim', text: said, holds: quick || share > 0.5 }
    step.dispose()
    for (const owner of [model, optimizer, generator]) owner.dispose()
  },
})

/** Random windows [B, T] of the tokens, and the same one token later. */
function windows(tokens: Int32Array, generator: Generator): [x: Tensor, y: Tensor] {
  const starts = generator.words(BATCH).map((word) => (word >>> 0) % (tokens.length - CONTEXT))
  const from = (shift: number): Tensor => {
    const values = new Int32Array(BATCH * CONTEXT)
    starts.forEach((start, b) => {
      values.set(tokens.subarray(start + shift, start + shift + CONTEXT), b * CONTEXT)
    })
    return tensor(values, { shape: [BATCH, CONTEXT] })
  }
  return [from(0), from(1)]
}
