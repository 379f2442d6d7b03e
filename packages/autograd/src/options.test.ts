// Every function that takes options refuses those that there are not; a new export has to say which it is.
import { tensor } from '@x/tensor'
import { expect, test } from 'vitest'
import * as autograd from './index.ts'

type Given = Record<string, unknown>

const x = tensor([0.5, 1], { dtype: 'float64' })

const takers: Readonly<Record<string, (options: Given) => unknown>> = {
  checkpoint: (o) => autograd.checkpoint((t) => t.sin(), o),
  detectAnomaly: (o) => autograd.detectAnomaly(() => x.exp(), o),
  gradcheck: (o) => autograd.gradcheck((t) => t.sin(), [x], o),
  graph: (o) => autograd.graph((inputs) => inputs.x.exp(), { x }, o),
  numericGradient: (o) => autograd.numericGradient((t) => t.sin(), x, null, o),
}

const without =
  'AnomalyError customGrad grad hessian hvp jacobian jvp stopGradient toDot toMermaid valueAndGrad vjp'.split(' ')

test('every export says whether it takes options', () => {
  expect([...Object.keys(takers), ...without].sort()).toEqual(Object.keys(autograd).sort())
})

test.each(Object.entries(takers))('%s refuses an option that there is not', (name, call) => {
  expect(() => call({ unheardOf: 1 })).toThrow(RangeError)
  expect(() => call({ unheardOf: 1 })).toThrow(
    new RegExp(`^${name}: there is no option 'unheardOf'; there (is|are) \\w+`),
  )
  expect(() => call({})).not.toThrow()
})

test.each(Object.entries(takers))('%s does not take a number or null for options', (name, call) => {
  for (const given of [3, null]) {
    expect(() => call(given as unknown as Given)).toThrow(TypeError)
    expect(() => call(given as unknown as Given)).toThrow(`${name}: options are { `)
  }
})

test('numbers have their range', () => {
  expect(() => autograd.numericGradient((t) => t, x, null, { eps: 0 })).toThrow('eps 0 is not above 0')
  expect(() => autograd.graph((inputs) => inputs.x, { x }, { elements: -1 })).toThrow('elements -1')
  expect(() => autograd.gradcheck((t) => t, [x], { rtol: -1 })).toThrow('rtol -1')
})
