// The recorded values of everything that is claimed, on both backends.
import { join } from 'node:path'
import { js as nnJs } from '@x/nn/js'
import { setBackend } from '@x/tensor'
import { js } from '@x/tensor/js'
import { js as transformerJs } from '@x/transformer/js'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { readVectorFiles } from './read.ts'
import { runFile } from './run.ts'
import { gaps, supported } from './supported.ts'

const files = readVectorFiles(join(import.meta.dirname, '../../golden'))

test('every claimed family has its file, every claimed op a case, and every gap one', () => {
  expect(files.map(({ family }) => family).sort()).toEqual(Object.keys(supported).sort())
  for (const { family, cases } of files) {
    const known = cases as { op: string; id: string }[]
    for (const op of supported[family])
      expect(
        known.some((c) => c.op === op),
        `${family} ${op}`,
      ).toBe(true)
    for (const gap of gaps[family] ?? [])
      expect(
        known.some((c) => gap.test(c.id)),
        `${family} ${gap}`,
      ).toBe(true)
  }
})

describe.each(['js', 'wasm'] as const)('on %s', (backend) => {
  beforeAll(() => (backend === 'js' ? setBackend(js, nnJs, transformerJs) : setBackend('wasm')))
  afterAll(() => setBackend('wasm'))

  test.each(files.map((file) => [file.family, file] as const))('%s', async (family, file) => {
    const outcomes = await runFile(file)
    const isGap = (id: string): boolean => (gaps[family] ?? []).some((gap) => gap.test(id))
    const wrong = outcomes.filter(({ id, failure }) => failure !== null && !isGap(id))
    expect(wrong.map(({ id, failure }) => `${id}: ${failure}`)).toEqual([])
    const closed = outcomes.filter(({ id, failure }) => failure === null && isGap(id))
    expect(
      closed.map(({ id }) => id),
      'gaps that are closed: remove them from supported.ts',
    ).toEqual([])
  })
})
