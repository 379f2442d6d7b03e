// A language model that has learnt to write is finetuned through small matrices beside its own; then it gets fewer bits.
import { AdamW } from '@x/nn'
import { Generator, type Tensor, tensor, tidy } from '@x/tensor'
import { addLora, type Example, GPT, generate, languageModelLoss, quantize, supervisedBatch } from '@x/transformer'
import { hindiPairs, type Pair } from '../../data/hindi.ts'
import { type Curve, defineScenario, type Shown } from '../scenario.ts'
import { drawn, learn } from './learning.ts'
import { BEGIN, END, PADDING, shuffled, Words } from './pairs.ts'

const [BATCH, LENGTH] = [32, 24]
const ARROW = '=>'
/** With the scales of their blocks. */
const KINDS = [
  ['float32', '32'],
  ['int8', '8'],
  ['int4', '4.5'],
] as const

interface Row {
  readonly kind: string
  readonly bits: string
  readonly perplexity: number
  readonly right: number
}

export const finetuning = defineScenario({
  name: 'finetuning',
  topic: 'Sequences and language',
  title: 'Finetuning with LoRA, and fewer bits',
  about:
    'A GPT has learnt to write English and Hindi sentences, each for itself. Then it is shown what to answer to what: only ' +
    'small matrices beside its own learn (LoRA), and only answers count. At last its weights get 8 bits, and 4.',
  options: {
    steps: { kind: 'number', about: 'steps of learning to write', default: 400, least: 10, most: 100_000 },
    finetuning: { kind: 'number', about: 'steps of finetuning', default: 600, least: 10, most: 100_000 },
    rank: { kind: 'number', about: 'rank of the small matrices', default: 8, least: 1, most: 64 },
  },
  async *run({ options, seed, quick, breathe }): AsyncGenerator<Shown> {
    const generator = new Generator(seed)
    const pairs = shuffled(hindiPairs(), seed)
    const [test, train] = [pairs.slice(0, quick ? 40 : 100), pairs.slice(100)]
    const words = new Words([...pairs.flat(), ARROW])
    const sizes = { vocabSize: words.size, nPositions: LENGTH, nEmbd: 64, nLayer: 2, nHead: 4 }
    const config = { ...sizes, eosTokenId: END, tieWordEmbeddings: false }
    const model = new GPT(config, { generator })
    const curves: Curve[] = []
    const taught = async function* (
      name: string,
      steps: number,
      parameters: Tensor[],
      examples: readonly Example[],
    ): AsyncGenerator<Shown> {
      const optimizer = new AdamW(parameters, { lr: 3e-3 })
      yield* learn({
        ...{ title: 'loss per word', name, curves, steps, optimizer, breathe },
        next: () => {
          const chosen = drawn(examples, BATCH, generator)
          const { tokens, labels, attentionMask } = supervisedBatch(chosen, { padTokenId: PADDING })
          return [filled(tokens, PADDING), filled(labels, -100), filled(attentionMask, 0)]
        },
        lossOf: (tokens, labels, attentionMask) => languageModelLoss(model, tokens, { labels, attentionMask }),
      })
      optimizer.dispose()
    }

    const parameters = model.parameters()
    const alone = train.flat().map((sentence) => ({ prompt: [BEGIN], answer: words.numbers(sentence) }))
    yield* taught('writing', quick ? Math.min(options.steps, 60) : options.steps, parameters, alone)

    const asked = ([a]: Pair): number[] => [
      BEGIN,
      ...words.numbers(a).slice(0, -1),
      ...words.numbers(ARROW).slice(0, -1),
    ]
    const answers = async (of: GPT): Promise<string[]> => {
      const { sequences } = await generate(of, test.map(asked), { maxNewTokens: 8 })
      return sequences.map((ids, i) => words.text(ids.slice(asked(test[i]).length).filter((id) => id > END)))
    }
    const before = await answers(model)
    const lora = addLora(model, {
      ...{ r: options.rank, alpha: 2 * options.rank, generator },
      targets: ['c_attn', 'c_proj', 'c_fc', 'lm_head'],
    })
    const size = (list: readonly Tensor[]): number => list.reduce((n, p) => n + p.size, 0)
    yield {
      kind: 'text',
      text: `${size(parameters)} numbers stay as they are, ${size(lora.parameters())} beside them learn`,
    }
    const exampleOf = (pair: Pair): Example => ({ prompt: asked(pair), answer: words.numbers(pair[1]) })
    const examples = train.map(exampleOf)
    const finetuned = quick ? Math.min(options.finetuning, 200) : options.finetuning
    yield* taught('finetuning', finetuned, lora.parameters(), examples)
    const after = await answers(model)
    yield {
      kind: 'table',
      title: 'what it answers to sentences that it has not seen',
      columns: ['asked', 'before', 'finetuned', 'right'],
      rows: test.slice(0, 8).map(([a, b], i) => [a, before[i], after[i], after[i] === b ? 'yes' : b]),
    }
    const right = (said: readonly string[]): number => said.filter((text, i) => text === test[i][1]).length
    yield {
      kind: 'claim',
      text: `${right(after)} of ${test.length} answers are right word for word, ${right(before)} before the finetuning`,
      holds: right(before) < test.length * 0.1 && right(after) > test.length * (quick ? 0.5 : 0.9),
    }

    lora.merge()
    lora.remove()
    model.eval()
    const rows: Row[] = []
    for (const [kind, bits] of KINDS) {
      const copy = new GPT(config, { generator })
      copy.loadStateDict(model.stateDict())
      if (kind !== 'float32') quantize(copy, kind)
      copy.eval()
      rows.push({ kind, bits, perplexity: surprise(copy, test.map(exampleOf)), right: right(await answers(copy)) })
      copy.dispose()
    }
    yield {
      kind: 'table',
      title: 'fewer bits for each weight',
      columns: ['', 'bits', 'perplexity', `right of ${test.length}`],
      rows: rows.map(({ kind, bits, perplexity, right }) => [kind, bits, perplexity.toFixed(3), right]),
    }
    const [full, int8, int4] = rows.map(({ perplexity }) => perplexity)
    const loss = (perplexity: number): string => `${(100 * (perplexity / full - 1)).toFixed(2)} %`
    yield {
      kind: 'claim',
      text: `perplexity grows by ${loss(int8)} with 8 bits, by ${loss(int4)} with 4`,
      holds: int8 < full * 1.02 && int4 < full * 1.5 && rows.every((row) => row.right >= rows[0].right * 0.8),
    }
    for (const owner of [model, generator]) owner.dispose()
  },
})

/** Perplexity of the answers. */
const surprise = (model: GPT, examples: readonly Example[]): number =>
  tidy(() => {
    const { tokens, ...rest } = supervisedBatch(examples, { padTokenId: PADDING })
    return Math.exp(languageModelLoss(model, tokens, rest).item())
  })

/** Rows of one length, so that the step is recorded once: [B, T] → [B, LENGTH]. */
function filled(x: Tensor, filling: number): Tensor {
  const rows = x.toArray() as number[][]
  const values = rows.flatMap((row) => Array.from({ length: LENGTH }, (_, i) => row[i] ?? filling))
  return tensor(Int32Array.from(values), { shape: [rows.length, LENGTH] })
}
