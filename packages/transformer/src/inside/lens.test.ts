// Hooks that mean nothing are refused.
import { type Tensor, tensor, zeros } from '@x/tensor'
import { expect, test } from 'vitest'
import { BERT, CAUSAL, SEQ2SEQ } from '../cases/tiny.ts'
import { ablateHeads, logitLens, replaceHeads } from './lens.ts'

const row = (...ids: number[][]): Tensor => tensor(ids, { dtype: 'int32' })
const model = CAUSAL.gpt()
const tokens = row([1, 2, 3])

test('layers and heads that there are not', () => {
  const inspect = (choices: readonly object[]) => model.inspect(tokens, { hooks: ablateHeads(choices as never) })
  expect(inspect([{ layer: 1, heads: [3] }]).logits.shape).toEqual([1, 3, 40])
  expect(() => inspect([{ layer: 99, heads: [1] }])).toThrow('hooks: there is no layer 99; the layers are 0 to 1')
  expect(() => inspect([{ layer: 0, heads: [4] }])).toThrow('head 4 is not from 0 to 3')
  expect(() => inspect([{ layer: 0, heads: 1 }])).toThrow('ablateHeads: heads is 1, not a list')
  expect(() => inspect([{ layer: '0', heads: [1] }])).toThrow("layer '0'")
  expect(() => inspect([{ layer: 0, heads: [0.5] }])).toThrow('head 0.5')
  expect(() => inspect([{ layer: 0, heads: [1], kind: 'own' }])).toThrow("kind 'own'")
  expect(() => inspect([{ layer: 0, head: [1] }])).toThrow("no option 'head'")
  expect(() => ablateHeads({ layer: 0, heads: [1] } as never)).toThrow('ablateHeads: choices is a Object, not a list')
  const found = zeros([1, 4, 3, 8])
  const replaced = (layer: number) => model.inspect(tokens, { hooks: replaceHeads({ layer, heads: [0] }, found) })
  expect(replaced(1).logits.shape).toEqual([1, 3, 40])
  expect(() => replaced(2)).toThrow('no layer 2')
  expect(() => replaceHeads({ layer: 0, heads: [0] }, 5 as never)).toThrow(TypeError)
  const hooks = ablateHeads([{ layer: 7, heads: [0] }])
  expect(() => BERT.plain().inspect(tokens, { hooks })).toThrow('no layer 7')
  expect(() => SEQ2SEQ.t5().inspect(tokens, tokens, { hooks })).toThrow('no layer 7')
})

test('hooks that are no functions', () => {
  expect(() => model.inspect(tokens, { hooks: { head: 5 } as never })).toThrow('hooks: head is 5, not a function')
  expect(() => model.inspect(tokens, { hooks: 5 as never })).toThrow(TypeError)
})

test('the lens is for models that continue texts', () => {
  expect(() => logitLens(BERT.plain() as never, tokens)).toThrow(
    'logitLens: the model is a Bert, which does not continue texts',
  )
})
