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

const none = undefined as never

test.each<[string, () => unknown]>([
  ['grad: fn', () => autograd.grad(none, x)],
  ['valueAndGrad: fn', () => autograd.valueAndGrad(none, x)],
  ['vjp: fn', () => autograd.vjp(none, x, x)],
  ['jvp: fn', () => autograd.jvp(none, x, x)],
  ['hvp: fn', () => autograd.hvp(none, x, x)],
  ['jacobian: fn', () => autograd.jacobian(none, x)],
  ['hessian: fn', () => autograd.hessian(none, x)],
  ['graph: fn', () => autograd.graph(none, { x })],
  ['detectAnomaly: fn', () => autograd.detectAnomaly(none)],
  ['checkpoint: fn', () => autograd.checkpoint(none)],
  ['numericGradient: fn', () => autograd.numericGradient(none, x)],
  ['gradcheck: fn', () => autograd.gradcheck(none, [x])],
  ['customGrad: forward', () => autograd.customGrad(none)],
])('%s has to be a function', (what, call) => {
  expect(call).toThrow(TypeError)
  expect(call).toThrow(`${what} is undefined, not a function`)
})

test('what has to be a tensor is named', () => {
  const sum = (t: typeof x): typeof x => t.sum()
  expect(() => autograd.vjp(sum, x, none)).toThrow('vjp: dy is undefined, not a tensor')
  expect(() => autograd.numericGradient(sum, none)).toThrow('numericGradient: x is undefined, not a tensor')
  expect(() => autograd.gradcheck(sum, [none])).toThrow('gradcheck: input 0 is undefined, not a tensor')
  expect(() => autograd.gradcheck(sum, x as never)).toThrow('gradcheck: inputs are a list of tensors')
})

test('numbers have their range', () => {
  expect(() => autograd.numericGradient((t) => t, x, null, { eps: 0 })).toThrow('eps 0 is not above 0')
  expect(() => autograd.graph((inputs) => inputs.x, { x }, { elements: -1 })).toThrow('elements -1')
  expect(() => autograd.gradcheck((t) => t, [x], { rtol: -1 })).toThrow('rtol -1')
})
