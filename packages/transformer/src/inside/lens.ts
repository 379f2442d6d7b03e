// Looking inside: what a model would say after each layer, and what it says without some of its heads.
import { type Tensor, tensor } from '@x/tensor'
import { checkOptions, requireTensor } from '@x/tensor/op'
import type { Hooks, Place, RunOptions } from '../blocks/pass.ts'
import { type CausalLM, requireCausal } from '../models/causal.ts'
import { named } from '../named.ts'

/**
 * What each layer's hidden states would be as logits: those that enter the first block, and those that leave each, through
 * the last norm and the head: layers + 1 of [B, T, V], the last of them the model's own.
 * Source: nostalgebraist 2020, "interpreting GPT: the logit lens".
 * @throws TypeError for a model that does not continue texts
 * @example
 * import { tensor } from '@x/tensor'
 * import { GPT, logitLens } from '@x/transformer'
 * const model = new GPT({ vocabSize: 10, nPositions: 8, nEmbd: 16, nLayer: 2, nHead: 2 }).eval()
 * logitLens(model, tensor([[1, 2, 3]], { dtype: 'int32' })).length // 3
 */
export function logitLens(model: CausalLM, tokens: Tensor, options: RunOptions = {}): Tensor[] {
  requireCausal('logitLens', model)
  const { hiddenStates } = model.inspect(tokens, { ...options, hiddenStates: true })
  return hiddenStates.map((x) => model.unembed(model.normalize(x)))
}

/** Heads of a layer. */
export interface HeadChoice {
  readonly layer: number
  readonly heads: readonly number[]
  /** Default 'self'. */
  readonly kind?: Place['kind']
  /** Default: whatever stack has it. */
  readonly stack?: Place['stack']
}

const isMeant = ({ layer, kind = 'self', stack }: HeadChoice, place: Place): boolean =>
  layer === place.layer && kind === place.kind && (stack === undefined || stack === place.stack)

/** 1 for the chosen heads, 0 for others [H, 1, 1]. @throws RangeError for a head that there is not */
function chosen(heads: readonly number[], y: Tensor): Tensor {
  const [, H] = y.shape
  const wrong = heads.find((h) => !(Number.isInteger(h) && h >= 0 && h < H))
  if (wrong !== undefined) throw new RangeError(`heads: head ${wrong} is not from 0 to ${H - 1}`)
  return tensor(
    Array.from({ length: H }, (_, h) => Number(heads.includes(h))),
    { shape: [H, 1, 1], dtype: y.dtype },
  )
}

/** @throws TypeError, RangeError unless layer and heads are whole numbers; whether there are such says the model's run */
function checkChoice(op: string, choice: HeadChoice): void {
  checkOptions(op, choice, ['layer', 'heads', 'kind', 'stack'])
  const { layer, heads, kind = 'self', stack = 'decoder' } = choice
  const isWhole = (n: unknown): boolean => Number.isInteger(n) && (n as number) >= 0
  if (!isWhole(layer)) throw new RangeError(`${op}: layer ${named(layer)} is not a whole number from 0`)
  if (!Array.isArray(heads)) throw new TypeError(`${op}: heads is ${named(heads)}, not a list of heads`)
  const wrong = heads.find((h) => !isWhole(h))
  if (wrong !== undefined) throw new RangeError(`${op}: head ${named(wrong)} is not a whole number from 0`)
  if (kind !== 'self' && kind !== 'cross') throw new RangeError(`${op}: kind ${named(kind)} is not 'self' or 'cross'`)
  if (stack !== 'encoder' && stack !== 'decoder')
    throw new RangeError(`${op}: stack ${named(stack)} is not 'encoder' or 'decoder'`)
}

/**
 * Hooks for `inspect` that silence heads: what they found becomes 0.
 * @throws TypeError, RangeError for what is no choice of heads; `inspect` does for layers and heads that there are not
 * @example
 * import { tensor } from '@x/tensor'
 * import { ablateHeads, GPT } from '@x/transformer'
 * const model = new GPT({ vocabSize: 10, nPositions: 8, nEmbd: 16, nLayer: 2, nHead: 2 }).eval()
 * model.inspect(tensor([[1, 2, 3]], { dtype: 'int32' }), { hooks: ablateHeads([{ layer: 0, heads: [1] }]) }).logits
 */
export function ablateHeads(choices: readonly HeadChoice[]): Hooks {
  if (!Array.isArray(choices)) throw new TypeError(`ablateHeads: choices is ${named(choices)}, not a list of them`)
  for (const choice of choices as readonly HeadChoice[]) checkChoice('ablateHeads', choice)
  return {
    layers: choices.map(({ layer }) => layer),
    head: (y, place) => {
      const own = choices.filter((choice) => isMeant(choice, place)).flatMap(({ heads }) => heads)
      return own.length === 0 ? undefined : y.mul(chosen(own, y).mul(-1).add(1))
    },
  }
}

/**
 * Hooks for `inspect` that put `found` [B, H or 1, T, D] in the place of what heads of a layer found: that of another run,
 * say, or its mean over many.
 * @throws as `ablateHeads`
 * @example
 * import { tensor } from '@x/tensor'
 * import { GPT, replaceHeads } from '@x/transformer'
 * const model = new GPT({ vocabSize: 10, nPositions: 8, nEmbd: 16, nLayer: 2, nHead: 2 }).eval()
 * const [one, other] = [[[1, 2, 3]], [[4, 5, 6]]].map((tokens) => tensor(tokens, { dtype: 'int32' }))
 * const { heads } = model.inspect(one, { heads: true })
 * model.inspect(other, { hooks: replaceHeads({ layer: 1, heads: [0] }, heads[1]) }).logits
 */
export function replaceHeads(choice: HeadChoice, found: Tensor): Hooks {
  checkChoice('replaceHeads', choice)
  requireTensor('replaceHeads', 'found', found)
  return {
    layers: [choice.layer],
    head: (y, place) => {
      if (!isMeant(choice, place)) return undefined
      const there = chosen(choice.heads, y)
      return y.mul(there.mul(-1).add(1)).add(found.mul(there))
    },
  }
}
