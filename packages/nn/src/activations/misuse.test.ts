// What is no tensor is named by whoever is given it.
import { ones } from '@x/tensor'
import { expect, test } from 'vitest'
import * as nn from '../index.ts'

const named = nn as unknown as Readonly<Record<string, (...given: unknown[]) => unknown>>

test.each(
  [
    'celu elu glu hardshrink hardsigmoid hardswish hardtanh leakyRelu linear logSigmoid mish normalize pairwiseDistance',
    'prelu relu6 selu silu softmin softplus softshrink softsign tanhshrink threshold layerNorm rmsNorm parameter buffer',
  ].flatMap((names) => names.split(' ')),
)('%s', (name) => {
  for (const wrong of [undefined, null, 'a', [1]])
    expect(() => named[name](wrong)).toThrow(new RegExp(`^${name}: x is .*, not a tensor`))
})

test('weights too', () => {
  const x = ones([2, 2])
  expect(() => nn.layerNorm(x, [2] as never, null)).toThrow('layerNorm: weight or bias is an array, not a tensor')
  expect(() => nn.linear(x, undefined as never, null)).toThrow('linear: w is undefined, not a tensor')
  expect(() => nn.prelu(x, 0.1 as never)).toThrow('prelu: weight is a number, not a tensor')
})
