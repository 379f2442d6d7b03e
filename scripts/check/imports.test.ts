import { expect, test } from 'vitest'
import { findCycle, importsOf } from './imports.ts'

test('importsOf tells imports that vanish at run time from those that stay', () => {
  const text = `
import './methods.ts'
import type { Shape } from './shape.ts'
import {
  add,
  type Binary,
} from './binary.ts'
export { sum } from './reduce.ts'
export * from './view.ts'
/**
 * import { tensor } from '@x/tensor'
 */
const later = await import('./later.ts')
const text = 'from "nowhere"'
`
  expect(importsOf(text)).toEqual([
    { from: './methods.ts', typeOnly: false },
    { from: './shape.ts', typeOnly: true },
    { from: './binary.ts', typeOnly: false },
    { from: './reduce.ts', typeOnly: false },
    { from: './view.ts', typeOnly: false },
    { from: './later.ts', typeOnly: true },
  ])
})

test('findCycle names the files of a cycle, from wherever it is entered', () => {
  const cycle = { a: ['b'], b: ['c', 'd'], c: [], d: ['b'] }
  expect(findCycle(new Map(Object.entries(cycle)))).toEqual(['b', 'd', 'b'])
  const diamond = { a: ['b', 'c'], b: ['d'], c: ['d'], d: [] }
  expect(findCycle(new Map(Object.entries(diamond)))).toBeNull()
})
