import { expect, test } from 'vitest'
import { readOptions } from './options.ts'

test('readOptions: defaults, quick, and what overrides it', () => {
  expect(readOptions([])).toMatchObject({ peers: false, only: null, columns: null, rounds: 5, ms: 40, json: null })
  expect(readOptions(['--quick'])).toMatchObject({ rounds: 2, ms: 10 })
  expect(readOptions(['--quick', '--rounds', '9'])).toMatchObject({ rounds: 9, ms: 10 })
  expect(readOptions(['--only', '^exp', '--columns', 'js,wasm']).columns).toEqual(['js', 'wasm'])
})

test('readOptions says in one sentence what is wrong', () => {
  expect(() => readOptions(['--fast'])).toThrow("Unknown option '--fast'; npm run bench -- --help lists what there is.")
  expect(() => readOptions(['matmul'])).toThrow("Unexpected argument 'matmul'; npm run bench")
  expect(() => readOptions(['--rounds', '0'])).toThrow('--rounds 0 is not a whole number from 1.')
  expect(() => readOptions(['--only', '('])).toThrow('--only ( is not a regular expression.')
  expect(() => readOptions(['--columns', 'wasm,torch'])).toThrow("there is no column 'torch', only js, wasm,")
})
