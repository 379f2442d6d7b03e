// BERT learns from texts with gaps, and is then told what to tell apart.
import { AdamW, crossEntropy, type Module } from '@x/nn'
import { LinearLR } from '@x/nn/schedules'
import { Generator, type Tensor, tensor, tidy } from '@x/tensor'
import { BertForMaskedLM, BertForSequenceClassification, maskTokens, tokenLoss } from '@x/transformer'
import { type Curve, defineScenario, type Shown } from '../scenario.ts'
import { drawn, learn } from './learning.ts'
import { balanced, LENGTH, ownPieces, type Piece, tokensOf } from './pieces.ts'
import { KINDS } from './sources.ts'

const BATCH = 32

export const bert = defineScenario({
  name: 'bert',
  topic: 'Sequences and language',
  title: 'BERT fills gaps, then tells code from prose and tests',
  about:
    'A BERT reads pieces of this project with gaps and guesses what is missing: nobody has to label anything for that. ' +
    'Then 900 labelled pieces suffice to tell code, prose and tests apart.',
  options: {
    steps: { kind: 'number', about: 'steps of filling gaps, 32 pieces each', default: 2000, least: 10, most: 100_000 },
    labelled: { kind: 'number', about: 'steps of telling apart', default: 150, least: 10, most: 100_000 },
    width: { kind: 'number', about: 'numbers in a hidden state', default: 64, least: 16, most: 512, multipleOf: 4 },
  },
  async *run({ options, seed, quick, breathe }): AsyncGenerator<Shown> {
    const generator = new Generator(seed)
    const { tokenizer, train, test } = await ownPieces(600)
    const { width: hiddenSize } = options
    const config = {
      ...{ vocabSize: tokenizer.vocabSize, hiddenSize, intermediateSize: 2 * hiddenSize, numHiddenLayers: 2 },
      ...{ numAttentionHeads: 4, maxPositionEmbeddings: LENGTH, dropout: 0.1, numLabels: KINDS.length },
    }
    const masked = new BertForMaskedLM(config, { generator, std: 0.1 })
    yield { kind: 'text', text: `${train.length} pieces of ${LENGTH} tokens to learn from, ${test.length} for testing` }

    const { cls, sep, mask } = tokenizer.specialIds as { cls: number; sep: number; mask: number }
    const masking = {
      ...{ maskTokenId: mask, vocabSize: tokenizer.vocabSize },
      ...{ specialTokenIds: [cls, sep], generator, probability: 0.25 },
    }
    const gaps = (pieces: readonly Piece[]): [Tensor, Tensor] => {
      const { inputs, labels } = maskTokens(tokensOf(pieces), masking)
      return [inputs, labels]
    }
    const shared = { title: 'loss', curves: [] as Curve[], breathe }

    const maskedLoss = (x: Tensor, y: Tensor): Tensor => tokenLoss(masked.forward(x), y)
    const steps = quick ? Math.min(options.steps, 40) : options.steps
    const filling = trained(masked, { lr: 4e-3, steps })
    const next = (): [Tensor, Tensor] => gaps(drawn(train, BATCH, generator))
    yield* learn({ ...shared, ...filling, name: 'gaps', next, lossOf: maskedLoss })
    masked.eval()
    const loss = tidy(() => maskedLoss(...gaps(drawn(test, 256, generator))).item())
    const surprise = unigramLoss(train, test, tokenizer.vocabSize)
    yield filled(masked, test, tokenizer, mask)
    const guess = Math.log(tokenizer.vocabSize)
    const others = `a blind guess takes ${guess.toFixed(2)}, knowing how frequent words are ${surprise.toFixed(2)}`
    yield {
      kind: 'claim',
      text: `${loss.toFixed(2)} nats for each gap in pieces it has not seen; ${others}`,
      holds: loss < (quick ? guess - 0.5 : surprise - 0.5),
    }

    const [few, unseen] = [balanced(train, generator, 900), balanced(test, generator, 300)]
    const accuracies: [name: string, share: number][] = [['always the same answer', 1 / KINDS.length]]
    for (const name of quick ? ['pre-trained'] : ['from scratch', 'pre-trained']) {
      const model = new BertForSequenceClassification(config, { generator, std: 0.1 })
      if (name === 'pre-trained') model.bert.loadStateDict(masked.bert.stateDict(), { strict: false })
      const telling = trained(model, { lr: 2e-3, steps: quick ? Math.min(options.labelled, 100) : options.labelled })
      const next = (): [Tensor, Tensor] => {
        const pieces = drawn(few, BATCH, generator)
        return [tokensOf(pieces), kindsOf(pieces)]
      }
      yield* learn({ ...shared, ...telling, name, next, lossOf: (x, y) => crossEntropy(model.forward(x), y) })
      telling.optimizer.dispose()
      model.eval()
      const said = tidy(() => model.forward(tokensOf(unseen)).argmax(-1).toArray() as number[])
      accuracies.push([name, said.filter((kind, i) => kind === unseen[i].kind).length / unseen.length])
      if (name === 'pre-trained') yield confusion(said, unseen)
      model.dispose()
    }
    const percent = (share: number): string => `${(100 * share).toFixed(1)} %`
    yield {
      kind: 'table',
      title: `${few.length} labelled pieces: right on ${unseen.length} unseen ones`,
      columns: ['', 'accuracy'],
      rows: accuracies.map(([name, share]) => [name, percent(share)]),
    }
    const [, best] = accuracies[accuracies.length - 1]
    const text = `${percent(best)} of unseen pieces are told apart, a constant answer is right for ${percent(1 / KINDS.length)}`
    yield { kind: 'claim', text, holds: best > (quick ? 0.5 : 0.75) }
    for (const owner of [masked, filling.optimizer, generator]) owner.dispose()
  },
})

/** What changes a model in so many steps, warming up at first. */
function trained(model: Module, { lr, steps }: { lr: number; steps: number }) {
  const optimizer = new AdamW(model.parameters(), { lr, weightDecay: 0.01 })
  const schedule = new LinearLR(optimizer, { startFactor: 0.02, totalIters: Math.min(40, steps) })
  return { optimizer, schedule, steps }
}

const kindsOf = (pieces: readonly Piece[]): Tensor => tensor(Int32Array.from(pieces, ({ kind }) => kind))

/** Mean surprise of words for somebody who knows nothing but how frequent each is. */
function unigramLoss(train: readonly Piece[], test: readonly Piece[], vocabSize: number): number {
  const counts = new Float64Array(vocabSize).fill(1)
  const wordsOf = (pieces: readonly Piece[]): number[] => pieces.flatMap(({ tokens }) => tokens.slice(1, -1))
  for (const id of wordsOf(train)) counts[id]++
  const total = counts.reduce((a, b) => a + b, 0)
  const words = wordsOf(test)
  return words.reduce((sum, id) => sum - Math.log(counts[id] / total), 0) / words.length
}

/** What it puts into the middle of a few pieces. */
function filled(
  model: BertForMaskedLM,
  test: readonly Piece[],
  tokenizer: { idToToken(id: number): string | undefined; decode(ids: readonly number[]): string },
  mask: number,
): Shown {
  const at = LENGTH / 2
  const shown = Array.from({ length: 6 }, (_, i) => test[Math.floor(((i + 0.5) / 6) * test.length)])
  const gapped = shown.map((piece) => ({ ...piece, tokens: piece.tokens.with(at, mask) }))
  const best = tidy(() => model.forward(tokensOf(gapped)).softmax(-1).toArray() as number[][][])
  const name = (id: number): string => tokenizer.idToToken(id) ?? ''
  return {
    kind: 'table',
    title: 'gaps in pieces it has not seen',
    columns: ['around it', 'there was', 'it says'],
    rows: shown.map(({ tokens }, i) => {
      const scores = best[i][at]
      const order = scores.map((p, id) => [p, id] as const).sort((a, b) => b[0] - a[0])
      const around = `${tokenizer.decode(tokens.slice(at - 7, at))} ▢ ${tokenizer.decode(tokens.slice(at + 1, at + 8))}`
      const said = order.slice(0, 3).map(([p, id]) => `${name(id)} ${Math.round(100 * p)} %`)
      return [around, name(tokens[at]), said.join(', ')]
    }),
  }
}

/** Rows: what it is. Columns: what it is said to be. */
function confusion(said: readonly number[], pieces: readonly Piece[]): Shown {
  const values = KINDS.map((_, is) =>
    KINDS.map((_, as) => pieces.filter((piece, i) => piece.kind === is && said[i] === as).length),
  )
  return {
    kind: 'heatmap',
    id: 'confusion',
    title: 'what it is, and what it is said to be',
    rows: KINDS,
    columns: KINDS,
    values,
  }
}
