// A GPT over characters learns this project's own sources and writes TypeScript.
import { AdamW, crossEntropy } from '@x/nn'
import { LambdaLR } from '@x/nn/schedules'
import { FormatError, Generator, type Tensor, tidy } from '@x/tensor'
import { GPT, generate } from '@x/transformer'
import { defineScenario, type Shown } from '../scenario.ts'
import { learn } from './learning.ts'
import { ownSources } from './sources.ts'
import { windows } from './windows.ts'

const [BATCH, CONTEXT] = [16, 64]
/** Numbers of a head of attention. */
const HEAD = 24

export const gpt = defineScenario({
  name: 'gpt',
  topic: 'Sequences and language',
  title: 'A GPT learns to write TypeScript',
  about:
    'A small GPT reads the sources of this very project letter by letter. After seconds it has the spaces and brackets, ' +
    'after a minute the keywords and names, after two it writes what looks like TypeScript. A text of your own can be given.',
  options: {
    steps: { kind: 'number', about: 'training steps of 16 × 64 letters', default: 2400, least: 10, most: 1_000_000 },
    width: { kind: 'number', about: 'numbers in a hidden state', default: 96, least: 24, most: 960, multipleOf: HEAD },
    layers: { kind: 'number', about: 'blocks', default: 3, least: 1, most: 24 },
    text: { kind: 'file', about: 'a text to learn from instead of the sources' },
  },
  async *run({ options, seed, quick, breathe }): AsyncGenerator<Shown> {
    const text = options.text ?? (await ownSources())
    const letters = [...new Set(text)].sort()
    const number = new Map(letters.map((letter, i) => [letter, i]))
    const tokens = Int32Array.from(text, (letter) => number.get(letter) as number)
    if (tokens.length < 100 * CONTEXT) throw new FormatError(`gpt: the text has only ${tokens.length} letters`)
    const cut = Math.floor(tokens.length * 0.95)
    const generator = new Generator(seed)
    const { width: nEmbd, layers: nLayer } = options
    const config = { vocabSize: letters.length, nPositions: CONTEXT, nEmbd, nLayer, nHead: nEmbd / HEAD }
    const model = new GPT(config, { generator })
    const parameters = model.parameters()
    const size = parameters.reduce((n, p) => n + p.size, 0)
    yield { kind: 'text', text: `${tokens.length} letters, ${letters.length} different ones; ${size} numbers to learn` }
    const steps = quick ? Math.min(options.steps, 60) : options.steps
    const optimizer = new AdamW(parameters, { lr: 2e-3, weightDecay: 0.1, betas: [0.9, 0.99] })
    // Up in a straight line, then down along a cosine to a tenth.
    const warmup = Math.min(50, steps)
    const schedule = new LambdaLR(optimizer, (i) =>
      i < warmup ? (i + 1) / warmup : 0.55 + 0.45 * Math.cos((Math.PI * (i - warmup)) / Math.max(1, steps - warmup)),
    )
    const sample = { count: BATCH, length: CONTEXT, generator }
    const lossOf = (x: Tensor, y: Tensor): Tensor =>
      crossEntropy(model.forward(x).reshape([-1, letters.length]), y.flatten())
    const write = async (count: number): Promise<string> => {
      const prompt = [...'export '].map((letter) => number.get(letter) ?? 0)
      let written = [...prompt]
      // Windows of the context, each begun with the second half of the one before.
      while (written.length < count) {
        const start = written.slice(-CONTEXT / 2)
        const options = { maxNewTokens: CONTEXT - start.length, temperature: 0.6, generator }
        const { sequences } = await generate(model, start, options)
        written = [...written, ...sequences[0].slice(start.length)]
      }
      return written.map((token) => letters[token]).join('')
    }
    yield* learn({
      ...{ title: 'loss per letter', steps, optimizer, schedule, lossOf, breathe },
      next: () => windows(tokens.subarray(0, cut), sample),
      async *after(i) {
        if (i % 500 !== 0 || i === steps) return
        yield { kind: 'heading', text: `after ${i} steps` }
        yield { kind: 'text', text: await write(200) }
      },
    })
    const test = tidy(() => lossOf(...windows(tokens.subarray(cut), sample)).item())
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
    for (const owner of [model, optimizer, generator]) owner.dispose()
  },
})
