// Recurrent networks learn to write, letter by letter: plain, gated, with long short-term memory.
import { AdamW, crossEntropy } from '@x/nn'
import { RecurrentLanguageModel } from '@x/nn/models'
import { FormatError, Generator, type Tensor, tidy } from '@x/tensor'
import { kingdom } from '../../data/kingdom.ts'
import { type Curve, defineScenario, type Shown } from '../scenario.ts'
import { learn } from './learning.ts'
import { windows } from './windows.ts'

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
    if (tokens.length < 10 * CONTEXT) throw new FormatError(`characters: the text has only ${tokens.length} letters`)
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
      const optimizer = new AdamW(model.parameters(), { lr: 5e-3 })
      const sample = (list: Int32Array, count: number): [Tensor, Tensor] =>
        windows(list, { count, length: CONTEXT, generator })
      const lossOf = (x: Tensor, y: Tensor): Tensor =>
        crossEntropy(model.forward(x)[0].reshape([-1, letters.length]), y.flatten())
      const next = (): [Tensor, Tensor] => sample(tokens.subarray(0, cut), BATCH)
      yield* learn({ title: 'loss per letter', name: cell, curves, steps, optimizer, next, lossOf, breathe })
      const test = tidy(() => lossOf(...sample(tokens.subarray(cut), 64)).item())
      const start = tokens.slice(0, 1)
      const written = model.generate([...start], 200, { temperature: 0.7, generator })
      yield { kind: 'heading', text: `${cell} writes` }
      yield { kind: 'text', text: written.map((token) => letters[token]).join('') }
      const claim = `${cell}: ${test.toFixed(2)} nats per letter on unseen text, guessing takes ${guess.toFixed(2)}`
      yield { kind: 'claim', text: claim, holds: test < guess / 2 }
      for (const owner of [model, optimizer, generator]) owner.dispose()
    }
  },
})
