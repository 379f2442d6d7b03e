// Engines differ in how they multiply bytes, processors with them: every way gives the same bits.
import { execFileSync } from 'node:child_process'
import { expect, test } from 'vitest'

const PROGRAM = `
  import { Generator, randn } from '@x/tensor'
  import { QuantizedLinear } from '@x/transformer'
  const random = (shape, seed) => randn(shape, { generator: new Generator(seed) })
  for (const [N, K] of [[7, 3], [8, 32], [9, 33], [21, 160], [300, 768]]) {
    for (const kind of ['int8', 'int4']) {
      const layer = new QuantizedLinear({ weight: random([N, K], 1), bias: null }, kind)
      for (const M of [1, 3]) console.log(...layer.forward(random([M, K], 2)).data())
    }
  }`

const run = (...flags: string[]): string => {
  const args = [...flags, '--conditions=@x/source', '--input-type=module', '--eval', PROGRAM]
  return execFileSync(process.execPath, args, { cwd: import.meta.dirname, encoding: 'utf8' })
}

test('one result with and without the instructions of newer processors', () => {
  const numbers = run()
  expect(numbers.split(/\s+/).length).toBeGreaterThan(2000)
  expect(run('--no-enable-avx')).toBe(numbers)
})
