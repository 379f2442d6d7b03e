// Tokens and positions: what is none is refused, and what is valid is taken wherever it lies.
import { compile, DTypeError, ShapeError, type Tensor, tensor } from '@x/tensor'
import { assertClose } from '@x/tensor/testing'
import { describe, expect, test } from 'vitest'
import { BERT, CAUSAL, LLAMA, SEQ2SEQ } from '../cases/tiny.ts'
import { Llama } from './llama.ts'

const row = (...ids: number[][]): Tensor => tensor(ids, { dtype: 'int32' })

describe.each(Object.entries(CAUSAL))('%s', (_, make) => {
  const model = make()

  test('tokens outside the vocabulary are refused, the last one is not −1', () => {
    const text = /token -1 \(at flat position 1\) is not from 0 to 39, the model's vocabulary/
    expect(() => model.forward(row([1, -1]))).toThrow(text)
    expect(() => model.inspect(row([1, -1]))).toThrow(RangeError)
    expect(() => model.forward(row([40]))).toThrow('token 40 (at flat position 0)')
    expect(() => model.forward(tensor([[-3]], { dtype: 'int64' }))).toThrow('token -3')
    expect(() => model.forward([[1]] as never)).toThrow(TypeError)
  })

  test('so are positions', () => {
    const at = (positionIds: Tensor): (() => Tensor) => {
      return () => model.forward(row([1, 2], [3, 4]), { positionIds })
    }
    expect(at(row([-1, 0]))).toThrow('positionIds -1')
    expect(at(row([0, 1, 2]))).toThrow(ShapeError)
    expect(at(tensor([[0, 1]]))).toThrow(DTypeError)
    expect(at([[0, 1]] as never)).toThrow(TypeError)
    if (model.sizes.maxLength < 1e6) expect(at(row([0, model.sizes.maxLength]))).toThrow('positionIds 128')
    expect(at(row([0, 1], [4, 5]))().shape).toEqual([2, 2, 40])
  })
})

test('positions may lie behind the tokens that there are', () => {
  const model = new Llama({ ...LLAMA, maxPositionEmbeddings: 512 }).eval()
  const tokens = row([1, 2, 3])
  // Rotations depend on distances alone.
  const want = model.forward(tokens)
  for (const first of [1, 61, 62, 64, 300, 509]) {
    const positionIds = row([first, first + 1, first + 2])
    assertClose(`from ${first}`, model.forward(tokens, { positionIds }), want, 0, 1e-4)
  }
  expect(() => model.forward(tokens, { positionIds: row([510, 511, 512]) })).toThrow('not from 0 to 511')
})

test('a compiled model checks its tokens at every call', () => {
  const model = CAUSAL.gpt()
  const run = compile((tokens: Tensor) => model.forward(tokens))
  run(row([1, 2]))
  run(row([3, 39]))
  expect(() => run(row([3, 40]))).toThrow('token 40 (at flat position 1)')
  expect(() => run(row([-1, 4]))).toThrow('token -1')
  run.dispose()
})

test('encoders and decoders check theirs', () => {
  const bert = BERT.plain()
  expect(() => bert.forward(row([1, -1]))).toThrow('token -1')
  expect(() => bert.forward(row([1, 2]), { tokenTypeIds: row([0, 2]) })).toThrow('tokenTypeIds 2')
  expect(() => bert.forward(row([1, 2]), { positionIds: row([0, -1]) })).toThrow('positionIds -1')
  expect(() => bert.forward(row(new Array(513).fill(1)))).toThrow('513 tokens are more than its 512 positions')
  const t5 = SEQ2SEQ.t5()
  expect(() => t5.forward(row([40]), row([0]))).toThrow('token 40')
  expect(() => t5.forward(row([1]), row([-1]))).toThrow('token -1')
  const translation = SEQ2SEQ['translation, norms before, two vocabularies']()
  expect(() => translation.forward(row([30]), row([0]))).toThrow('token 30 (at flat position 0) is not from 0 to 29')
  expect(translation.forward(row([29]), row([39])).shape).toEqual([1, 1, 40])
})
