// Language models over the characters of Shakespeare: a GPT, an LSTM, and a checkpoint that was trained elsewhere.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { valueAndGrad } from '@x/autograd'
import { AdamW, clipGradNorm, crossEntropy, type Module } from '@x/nn'
import { RecurrentLanguageModel } from '@x/nn/models'
import { LinearLR } from '@x/nn/schedules'
import { compile, Generator, type Tensor, tensor, tidy } from '@x/tensor'
import { loadSafetensors } from '@x/tensor/safetensors'
import { GPT } from '@x/transformer'
import type { Baseline, Folder } from './baseline.ts'

const [BATCH, CONTEXT] = [16, 64]
/** Distance of the windows for testing. */
const STRIDE = 1536

interface Text {
  readonly letters: readonly string[]
  readonly train: Int32Array
  readonly test: Int32Array
}

function load(folder: Folder): Text {
  const text = readFileSync(join(folder, 'tinyshakespeare.txt'), 'utf8')
  const letters = [...new Set(text)].sort()
  const number = new Map(letters.map((letter, i) => [letter, i]))
  const tokens = Int32Array.from(text, (letter) => number.get(letter) as number)
  const cut = Math.floor(tokens.length * 0.9)
  return { letters, train: tokens.subarray(0, cut), test: tokens.subarray(cut) }
}

/** Windows [n, CONTEXT] that begin at `starts`, and the same one token later. */
function windows(tokens: Int32Array, starts: ArrayLike<number>): [x: Tensor, y: Tensor] {
  const from = (shift: number): Tensor => {
    const values = new Int32Array(starts.length * CONTEXT)
    for (let i = 0; i < starts.length; i++)
      values.set(tokens.subarray(starts[i] + shift, starts[i] + shift + CONTEXT), i * CONTEXT)
    return tensor(values, { shape: [starts.length, CONTEXT] })
  }
  return [from(0), from(1)]
}

/** Trains with AdamW (warm-up over 50 steps, weight decay 0.1, gradients clipped to norm 1); the loss on the test text. */
function validationLoss(
  text: Text,
  model: Module<unknown>,
  logitsOf: (x: Tensor) => Tensor,
  { lr, steps, generator }: { lr: number; steps: number; generator: Generator },
): number {
  const V = text.letters.length
  const parameters = model.parameters()
  const optimizer = new AdamW(parameters, { lr, weightDecay: 0.1, betas: [0.9, 0.99] })
  const warmUp = new LinearLR(optimizer, { startFactor: 1 / 50, totalIters: 49 })
  const lossOf = (x: Tensor, y: Tensor): Tensor => crossEntropy(logitsOf(x).reshape([-1, V]), y.flatten())
  const step = compile((x: Tensor, y: Tensor) => {
    const { value, grads } = valueAndGrad(() => lossOf(x, y), parameters)
    optimizer.step(clipGradNorm(grads, 1).grads)
    return value
  })
  for (let i = 0; i < steps; i++) {
    const starts = generator.words(BATCH).map((word) => (word >>> 0) % (text.train.length - CONTEXT))
    tidy(() => step(...windows(text.train, starts)))
    warmUp.step()
  }
  step.dispose()
  const starts: number[] = []
  for (let at = 0; at + CONTEXT < text.test.length; at += STRIDE) starts.push(at)
  return tidy(() => lossOf(...windows(text.test, starts)).item())
}

/** The small GPT of the recordings: two blocks of four heads, 64 numbers, a head of its own. */
const smallGpt = (vocabSize: number, generator: Generator): GPT =>
  new GPT({ vocabSize, nPositions: CONTEXT, nEmbd: 64, nLayer: 2, nHead: 4, tieWordEmbeddings: false }, { generator })

const gpt: Baseline = {
  id: 'shakespeare-gpt',
  run(folder, seed) {
    const text = load(folder)
    const generator = new Generator(seed)
    const model = smallGpt(text.letters.length, generator)
    return validationLoss(text, model, (x) => model.forward(x), { lr: 2e-3, steps: 800, generator })
  },
}

const lstm: Baseline = {
  id: 'shakespeare-lstm',
  run(folder, seed) {
    const text = load(folder)
    const generator = new Generator(seed)
    const model = new RecurrentLanguageModel(text.letters.length, { embedding: 16, hidden: 64, generator })
    return validationLoss(text, model, (x) => model.forward(x)[0], { lr: 5e-3, steps: 400, generator })
  },
}

export const shakespeare: readonly Baseline[] = [gpt, lstm]

export interface Checkpoint {
  readonly letters: readonly string[]
  readonly model: GPT
}

/** Parts of names in the checkpoint, and GPT-2's. */
const PARTS: Readonly<Record<string, string>> = {
  n1: 'ln_1',
  a: 'attn.c_attn',
  p: 'attn.c_proj',
  n2: 'ln_2',
  f: 'mlp.c_fc',
  o: 'mlp.c_proj',
}

/** GPT-2's name for one of the checkpoint's. */
function nameOf(name: string): string {
  const [, block, part, rest] = /^b\.(\d+)\.(\w+)\.(\w+)$/.exec(name) ?? []
  if (block !== undefined) return `transformer.h.${block}.${PARTS[part]}.${rest}`
  return name
    .replace(/^(wte|wpe)\./, 'transformer.$1.')
    .replace(/^n\./, 'transformer.ln_f.')
    .replace(/^h\./, 'lm_head.')
}

/** The checkpoint in a folder: config.json with its letters, model.safetensors. */
export function loadCheckpoint(folder: string): Checkpoint {
  const { vocab } = JSON.parse(readFileSync(join(folder, 'config.json'), 'utf8')) as { vocab: string }
  const letters = [...vocab]
  const model = smallGpt(letters.length, new Generator(0)).eval()
  const { tensors } = loadSafetensors(readFileSync(join(folder, 'model.safetensors')))
  model.loadStateDict(Object.fromEntries(Object.entries(tensors).map(([name, x]) => [nameOf(name), x])))
  for (const x of Object.values(tensors)) x.dispose()
  return { letters, model }
}

/** `count` letters more, the likeliest each time; the last 64 are looked at, from position 0. */
export function continued({ letters, model }: Checkpoint, prompt: string, count: number): string {
  let text = prompt
  for (let i = 0; i < count; i++) {
    const tokens = [...text].slice(-CONTEXT).map((letter) => letters.indexOf(letter))
    text +=
      letters[
        tidy(() =>
          model
            .forward(tensor([tokens], { dtype: 'int32' }))
            .at(0, -1)
            .argmax()
            .item(),
        )
      ]
  }
  return text
}
