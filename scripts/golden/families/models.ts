// Checkpoints of language models: what they compute, from every kind of file.
import { join } from 'node:path'
import type { Module } from '@x/nn'
import { type Tensor, tensor, tidy } from '@x/tensor'
import {
  type Bert,
  type BertForSequenceClassification,
  type CausalLM,
  generate,
  loadModel,
  type T5,
} from '@x/transformer'
import { agree, agreeValues, Mismatch } from '../compare.ts'
import { type Case, type Deviation, type Precision, type Recorded, toTensor } from '../read.ts'
import type { Reading, Table } from './table.ts'

export const modelsOf = ({ folder }: Case): string => join(folder, '..', 'models')

/** Token ids as [1, T]. */
export const row = (ids: readonly number[]): Tensor => tensor(Int32Array.from(ids), { shape: [1, ids.length] })

/** Runs `check` with the model of a file, which is freed whatever happens. */
export async function withModel<M extends Module<unknown>>(
  path: string,
  dtype: Precision,
  check: (model: M) => void | Promise<void>,
): Promise<void> {
  const model = (await loadModel(path, { dtype })) as M
  try {
    await check(model)
  } finally {
    model.dispose()
  }
}

/** The deviations of float32 in the order of the results. */
const deviationsOf = (c: Case): (Deviation | undefined)[] => [c.rest.err32].flat()

function compare(what: string, got: Tensor, recorded: Recorded, precision: Precision, deviation?: Deviation): void {
  agree(what, got, { recorded, exact: precision === 'float64', deviation: deviation ?? {} })
}

/** A model that continues texts: its logits, sums of them, and what greedy decoding gives. */
const causal = (pathOf: (c: Case) => string): Reading => ({
  read: (c, precision) =>
    withModel<CausalLM>(join(modelsOf(c), pathOf(c)), precision, async (model) => {
      const { input_ids: ids, logits, logits_last: last, logits_sum_per_pos: sums, greedy } = c.rest
      const [deviation] = deviationsOf(c)
      tidy(() => {
        const all = model.forward(row(ids)).at(0) // [T, V]
        if (logits) compare('the logits', all, logits, precision, deviation)
        if (last) compare('the last logits', all.at(-1), last, precision, deviation)
        if (sums && precision === 'float64') agreeValues('sums of logits', all.sum(1).data(), sums, { exact: true })
      })
      if (!greedy) return
      const { sequences } = await generate(model, ids, { maxNewTokens: greedy.length - ids.length, eosTokenId: null })
      if (String(sequences[0]) !== String(greedy)) throw new Mismatch(`greedy decoding gave ${sequences[0]}`)
    }),
})

/** T5 in the forms of both families. */
const t5: Reading = {
  read: (c, precision) =>
    withModel<T5>(join(modelsOf(c), c.rest.file), precision, (model) => {
      const [deviation] = deviationsOf(c)
      const {
        input_ids: source,
        decoder_input_ids: target,
        logits,
        logits_last: last,
        logits_sum_per_pos: sums,
      } = c.rest
      tidy(() => {
        const found = model.inspect(row(source), row(target))
        const all = found.logits.at(0)
        if (logits) compare('the logits', all, logits, precision, deviation)
        if (last) compare('the last logits', all.at(-1), last, precision, deviation)
        if (sums && precision === 'float64') agreeValues('sums of logits', all.sum(1).data(), sums, { exact: true })
        const states = found.encoderLastHiddenState.at(0)
        if (precision === 'float64') compare('the encoder', states, c.rest.encoder_last_hidden_state, precision)
      })
    }),
}

const bert: Reading = {
  read: (c, precision) =>
    withModel<Bert>(join(modelsOf(c), c.rest.file), precision, (model) => {
      tidy(() => {
        const { input_ids: ids, token_type_ids: tokenTypeIds, attention_mask: attentionMask } = c.inputs
        const [tokens, types, mask] = [ids, tokenTypeIds, attentionMask].map((x) =>
          toTensor(x, precision).cast('int32'),
        )
        const { lastHiddenState, poolerOutput } = model.inspect(tokens, { tokenTypeIds: types, attentionMask: mask })
        compareAll(c, [lastHiddenState, poolerOutput as Tensor], precision)
      })
    }),
}

const bertClassifier: Reading = {
  read: (c, precision) =>
    withModel<BertForSequenceClassification>(join(modelsOf(c), c.rest.file), precision, (model) => {
      tidy(() => {
        const { lastHiddenState, poolerOutput, logits } = model.inspect(row(c.rest.input_ids))
        compareAll(c, [lastHiddenState, poolerOutput as Tensor, logits], precision)
      })
    }),
}

function compareAll(c: Case, results: readonly Tensor[], precision: Precision): void {
  const deviations = deviationsOf(c)
  const recorded = c.outputs ?? []
  if (recorded.length !== results.length) throw new Error(`${recorded.length} results were recorded`)
  results.forEach((x, i) => void compare(`output ${i}`, x, recorded[i], precision, deviations[i]))
}

/** Part of the family of files. */
export const checkpoints: Table = {
  GPT2LMHeadModel: causal((c) => c.rest.file),
  'GPT2LMHeadModel, bf16 weights widened to f32': causal((c) => c.rest.file),
  'sharded safetensors via model.safetensors.index.json': causal((c) => `${c.rest.file}/model.safetensors.index.json`),
  BertModel: bert,
  T5ForConditionalGeneration: t5,
}

export const hfTiny: Table = {
  BertForSequenceClassification: bertClassifier,
  T5ForConditionalGeneration: t5,
  'BloomForCausalLM (ALiBi)': causal((c) => c.rest.file),
}
