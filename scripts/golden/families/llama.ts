// The stories model: what it says, its tokens, its gradients, and the same from every kind of file.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { valueAndGrad } from '@x/autograd'
import { crossEntropy } from '@x/nn'
import { slice, type Tensor, tidy } from '@x/tensor'
import { generate, type Llama } from '@x/transformer'
import { readLlama2c } from '@x/transformer/tokenizers'
import { agreeValues, Mismatch } from '../compare.ts'
import { type Case, type Precision, type Recorded, readCase, valuesOf } from '../read.ts'
import { modelsOf, row, withModel } from './models.ts'
import type { Reading, Table } from './table.ts'

const folderOf = (c: Case): string => join(modelsOf(c), 'llama2')

function same(what: string, got: readonly number[], wanted: readonly number[]): void {
  if (String(got) !== String(wanted)) throw new Mismatch(`${what}: got ${got}, want ${wanted}`)
}

const vocabulary = (c: Case) => readLlama2c(readFileSync(join(folderOf(c), 'tok512.bin')))

function checkLogits(model: Llama, c: Case, precision: Precision): void {
  const { logits, logits_for_tokens: tokens, layer_outputs_last_token: layers, err32 } = c.rest
  tidy(() => {
    const found = model.inspect(row(tokens), { hiddenStates: true })
    const rule = { exact: precision === 'float64', deviation: err32 }
    agreeValues('the logits', found.logits.data(), valuesOf(logits), rule)
    const states = found.hiddenStates.flatMap((h) => [...h.at(0, -1).data()])
    if (precision === 'float64') agreeValues('what leaves the layers', states, valuesOf(layers), rule)
  })
}

const greedy: Reading = {
  read: (c, precision) =>
    withModel<Llama>(join(folderOf(c), 'stories260K.bin'), precision, async (model) => {
      checkLogits(model, c, precision)
      const { prompt, prompt_tokens: start, tokens, text } = c.rest
      const tokenizer = vocabulary(c)
      if (prompt !== null) same('the prompt', tokenizer.encode(prompt) as number[], start)
      const options = { maxNewTokens: tokens.length - start.length, eosTokenId: null }
      same('the tokens', (await generate(model, start, options)).sequences[0], tokens)
      const said = tokenizer.decode(tokens, { skipSpecialTokens: true })
      if (said !== text) throw new Mismatch(`the text is '${said}'`)
    }),
}

/** The names under which gradients were recorded, all layers together. */
const KINDS: Readonly<Record<string, RegExp>> = {
  emb: /embed_tokens/,
  rms_att: /input_layernorm/,
  wq: /q_proj/,
  wk: /k_proj/,
  wv: /v_proj/,
  wo: /o_proj/,
  rms_ffn: /post_attention_layernorm/,
  w1: /gate_proj/,
  w2: /down_proj/,
  w3: /up_proj/,
  rms_f: /model\.norm/,
}

const gradients: Reading = {
  read: (c, precision) =>
    withModel<Llama>(join(folderOf(c), 'stories260K.bin'), precision, (model) => {
      const { tokens, loss, grad_norms: norms, grad_rms_f: last } = c.rest
      // Nothing was recorded of the deviation of float32: a thousandth of the rule's own terms.
      const exact = precision === 'float64'
      tidy(() => {
        const all = row(tokens)
        const lossOf = (): Tensor => {
          const logits = model.forward(all.at(slice(), slice(0, -1)))
          return crossEntropy(logits.reshape([-1, logits.shape[2]]), all.at(0, slice(1)))
        }
        const { value, grads } = valueAndGrad(lossOf, model.namedParameters())
        agreeValues('the loss', [value.item()], [loss], { exact })
        for (const [kind, wanted] of Object.entries(norms as Record<string, number>)) {
          const own = Object.entries(grads as Record<string, Tensor>).filter(([name]) => KINDS[kind].test(name))
          const square = own.reduce((sum, [, g]) => sum + g.square().sum().item(), 0)
          agreeValues(`the norm of the gradient of ${kind}`, [Math.sqrt(square)], [wanted], { exact })
        }
        if (exact) agreeValues('the gradient of rms_f', grads['model.norm.weight'].data(), valuesOf(last), { exact })
      })
    }),
}

const tokens: Reading = {
  read: async (c) => {
    const tokenizer = vocabulary(c)
    same('the tokens', tokenizer.encode(c.rest.text) as number[], c.rest.tokens)
    const text = tokenizer.decode(c.rest.tokens, { skipSpecialTokens: true })
    if (text !== c.rest.decoded) throw new Mismatch(`the text is '${text}'`)
  },
}

export const stories: Table = {
  'llama greedy decode': greedy,
  'llama2.c bpe encode (bos, dummy prefix)': tokens,
  'mean next-token CE and gradient norms': gradients,
}

/** Names in the case are paths, with a comment behind, and alternatives in braces. */
function pathsOf(text: string): string[] {
  const [path] = text.split(' (')
  const [, before, list, after] = /^(.*)\{(.*)\}(.*)$/.exec(path) ?? [null, path, '', '']
  return list === '' ? [path] : list.split(',').map((part) => `${before}${part}${after}`)
}

/** How far from the recorded logits the numbers of a file are, relative to the largest: what quantising costs. */
const TOLERANCES: readonly (readonly [RegExp, number])[] = [
  [/f16\.gguf$/, 2e-3],
  [/q8_0\.gguf$/, 2e-2],
  [/q4_0\.gguf$/, 0.5],
]

/** The same model from all of its files gives the logits that the family of it recorded. */
export const containers: Table = {
  'same model in four containers': {
    read: async (c, precision) => {
      const beside = join(c.folder, 'llama-stories260K.json')
      const { cases } = JSON.parse(readFileSync(beside, 'utf8')) as { cases: { op: string }[] }
      const known = readCase(cases.find(({ op }) => op === 'llama greedy decode') ?? null, beside)
      for (const path of (c.rest.file as string[]).flatMap(pathsOf)) {
        await withModel<Llama>(join(modelsOf(c), path), precision, (model) => {
          const loose = TOLERANCES.find(([pattern]) => pattern.test(path))
          if (loose) checkNear(path, model, known, loose[1])
          else checkLogits(model, known, precision)
        })
      }
    },
  },
}

function checkNear(path: string, model: Llama, { rest }: Case, share: number): void {
  const wanted = valuesOf(rest.logits as Recorded) as Float64Array
  const top = wanted.reduce((most, x) => Math.max(most, Math.abs(x)), 0)
  const got = tidy(() => model.forward(row(rest.logits_for_tokens)).data<Float32Array>())
  const worst = got.reduce((most, x, i) => Math.max(most, Math.abs(x - wanted[i])), 0)
  if (!(worst <= share * top)) throw new Mismatch(`${path}: the logits are off by ${worst} of ${top}`)
}
