// Every op of every package has gradients, or is declared here to have none.
import '@x/nn'
import '@x/autograd'
import '@x/transformer'
import { withoutGradients } from '@x/autograd/testing'
import { ops } from '@x/tensor/op'
import { expect, test } from 'vitest'

/** Ops with floating results that have no gradients, and why. */
const DECLARED: Readonly<Record<string, string>> = {
  stopGradient: 'is there to have none',
  bitwiseAnd: 'takes integers alone',
  bitwiseLeftShift: 'as bitwiseAnd',
  bitwiseOr: 'as bitwiseAnd',
  bitwiseRightShift: 'as bitwiseAnd',
  bitwiseXor: 'as bitwiseAnd',
  truncDivide: 'as bitwiseAnd',
  firsts: 'as bitwiseAnd',
  attentionGrad: 'as crossEntropyGrad',
  batchNormGrad: 'as crossEntropyGrad',
  crossEntropyGrad: 'runs only where nobody differentiates again; a composition of ops stands in for it then',
  layerNormGrad: 'as crossEntropyGrad',
  recurrentGrad: 'as crossEntropyGrad',
  dequantizeWeights: 'its input is integers',
  quantizedRows: 'its inputs are integers',
}

test('every op has gradients, gives no floating numbers, or is declared to have none', () => {
  expect(withoutGradients(ops.values())).toEqual(Object.keys(DECLARED).sort())
})
