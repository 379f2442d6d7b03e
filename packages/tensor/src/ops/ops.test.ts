// What is derived from the records and their cases: both backends, recorded values, errors, leaks, threads.
import { afterAll, describe, expect, test } from 'vitest'
import '../methods.ts'
import { js } from '../js/index.ts'
import { ops } from '../record.ts'
import { assertThrows, checkOp, checkThreads, tensorCases } from '../testing.ts'
import { setNumThreads, threadsStatus } from '../threads.ts'

/** Ops that exist for others, most for their gradients, and are checked with them. */
const PARTS = [
  'avgPool2dGrad',
  'resampleGrad',
  'cdistGrad',
  'conv2dInput',
  'conv2dWeight',
  'maxPool2dGrad',
  'maxPool2dPick',
  'takeGrad',
  'gatherGrad',
  'softmaxGrad',
  'logSoftmaxGrad',
  'firsts',
]

describe.each(tensorCases)('$op', ({ cases, errors = [], large }) => {
  test.each(cases)('$name', (c) => checkOp(c, { js: [js] }))
  if (errors.length > 0) {
    test('names misuse', () => {
      for (const { run, kind, text } of errors) assertThrows('misuse', run, kind, text)
    })
  }
  test('gives the same bits with two threads', async ({ skip }) => {
    if ((await setNumThreads(2)) < 2) skip(`threads do not run here: ${threadsStatus().reason}`)
    await checkThreads(cases[0], large, setNumThreads)
  })
})

test('every op has cases', () => {
  const covered = new Set([...tensorCases.map((c) => c.op), ...PARTS])
  expect([...ops.keys()].filter((name) => !covered.has(name) && !name.startsWith('concat'))).toEqual([])
})

afterAll(async () => {
  await setNumThreads(1)
})
