// Recurrent networks learn to write, letter by letter: plain, gated, with long short-term memory.
import { valueAndGrad } from '@x/autograd'
import { AdamW, clipGradNorm, crossEntropy } from '@x/nn'
import { RecurrentLanguageModel } from '@x/nn/models'
import { compile, Generator, type Tensor, tensor, tidy } from '@x/tensor'
import { kingdom } from '../../data/kingdom.ts'
import { type Curve, defineScenario, type Shown } from '../scenario.ts'

const BATCH = 32
const CONTEXT = 48

export const characters = defineScenario({
  name: 'characters',
  topic: 'Sequences and language',
  title: 'RNN, GRU and LSTM write letter by letter',
  about:
    'Three recurrent networks read a text and learn to say which letter comes next. Then they write: first words appear, ' +
    'then sentences. A text of your own can be given to learn from.',
  options: {
    steps: { kind: 'number', about: 'training steps of 32 × 48 letters', default: 400, least: 10, most: 100_000 },
    hidden: { kind: 'number', about: 'numbers in the state', default: 128, least: 4, most: 1024 },
    text: { kind: 'file', about: 'a text to learn from instead of the bundled sentences' },
  },
  async *run({ options, seed, quick, breathe }): AsyncGenerator<Shown> {
    const text = options.text ?? kingdom().join('.\n')
    const letters = [...new Set(text)].sort()
    const number = new Map(letters.map((letter, i) => [letter, i]))
    const tokens = Int32Array.from([...text], (letter) => number.get(letter) as number)
    if (tokens.length < 10 * CONTEXT) throw new RangeError(`characters: the text has only ${tokens.length} letters`)
    const cut = Math.floor(tokens.length * 0.9)
    yield {
      kind: 'text',
      text: `${tokens.length} letters, ${letters.length} different ones; the last tenth is for testing`,
    }
    const steps = quick ? Math.min(options.steps, 150) : options.steps
    const curves: Curve[] = []
    const guess = Math.log(letters.length)
    for (const cell of ['RNN', 'GRU', 'LSTM'] as const) {
      const generator = new Generator(seed)
      const model = new RecurrentLanguageModel(letters.length, { cell, hidden: options.hidden, generator })
      const parameters = model.parameters()
      const optimizer = new AdamW(parameters, { lr: 5e-3 })
      const loss = (x: Tensor, y: Tensor): Tensor =>
        crossEntropy(model.forward(x)[0].reshape([-1, letters.length]), y.flatten())
      const step = compile((x: Tensor, y: Tensor) => {
        const { value, grads } = valueAndGrad(() => loss(x, y), parameters)
        optimizer.step(clipGradNorm(grads, 1).grads)
        return value
      })
      const curve: Curve = { name: cell, x: [], y: [] }
      curves.push(curve)
      for (let i = 1; i <= steps; i++) {
        const value = tidy(() => step(...windows(tokens.subarray(0, cut), generator)).item())
        if (i % 10 === 0) {
          ;(curve.x as number[]).push(i)
          ;(curve.y as number[]).push(value)
          yield { kind: 'progress', done: i, of: steps, note: `${cell}  loss ${value.toFixed(3)}` }
          yield { kind: 'plot', id: 'loss', title: 'loss per letter', x: 'step', y: 'nats', curves }
        }
        await breathe()
      }
      const test = tidy(() => loss(...windows(tokens.subarray(cut), generator, 64)).item())
      const start = tokens.slice(0, 1)
      const written = model.generate([...start], 200, { temperature: 0.7, generator })
      yield { kind: 'heading', text: `${cell} writes` }
      yield { kind: 'text', text: written.map((token) => letters[token]).join('') }
      const claim = `${cell}: ${test.toFixed(2)} nats per letter on unseen text, guessing takes ${guess.toFixed(2)}`
      yield { kind: 'claim', text: claim, holds: test < guess / 2 }
      step.dispose()
      for (const owner of [model, optimizer, generator]) owner.dispose()
    }
  },
})

/** Random windows [B, CONTEXT] of the tokens, and the same one token later. */
function windows(tokens: Int32Array, generator: Generator, count = BATCH): [x: Tensor, y: Tensor] {
  const starts = generator.words(count).map((word) => (word >>> 0) % (tokens.length - CONTEXT))
  const from = (shift: number): Tensor => {
    const values = new Int32Array(count * CONTEXT)
    starts.forEach((start, b) => {
      values.set(tokens.subarray(start + shift, start + shift + CONTEXT), b * CONTEXT)
    })
    return tensor(values, { shape: [count, CONTEXT] })
  }
  return [from(0), from(1)]
}
