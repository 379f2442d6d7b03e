// The same in a folder on disk.
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { tensor } from '@x/tensor'
import { assertSame } from '@x/tensor/testing'
import { expect, test } from 'vitest'
import { CAUSAL } from '../cases/tiny.ts'
import { loadTokenizer, trainBpe } from '../tokenizers.ts'
import { loadCausalLM } from './loadModel.ts'
import { savePretrained } from './savePretrained.ts'

test('a folder that is made', async () => {
  const folder = join(await mkdtemp(join(tmpdir(), 'pretrained-')), 'a', 'b')
  const model = CAUSAL.gpt()
  const tokenizer = trainBpe(['low lower lowest'], { vocabSize: 262 })
  expect(await savePretrained(model, folder, { tokenizer })).toBeUndefined()
  expect((await readdir(folder)).sort()).toEqual(['config.json', 'model.safetensors', 'tokenizer.json'])
  const tokens = tensor([[1, 2, 3]], { dtype: 'int32' })
  assertSame('logits', (await loadCausalLM(folder)).forward(tokens), model.forward(tokens))
  expect((await loadTokenizer(folder)).encode('lower')).toEqual(tokenizer.encode('lower'))
  await rm(join(folder, '..', '..'), { recursive: true })
})
