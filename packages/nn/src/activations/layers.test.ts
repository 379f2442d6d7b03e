// Every activation layer keeps the contract of checkModule and is its function with its options.
import { type Tensor, tensor } from '@x/tensor'
import { assertSame, makeInput } from '@x/tensor/testing'
import { expect, test } from 'vitest'
import * as nn from '../index.ts'
import { checkModule } from '../testing.ts'

const layers: Readonly<Record<string, readonly [() => nn.Module, (x: Tensor) => Tensor]>> = {
  ReLU6: [() => new nn.ReLU6(), nn.relu6],
  LeakyReLU: [() => new nn.LeakyReLU(), nn.leakyRelu],
  'LeakyReLU 0.2': [() => new nn.LeakyReLU({ negativeSlope: 0.2 }), (x) => nn.leakyRelu(x, { negativeSlope: 0.2 })],
  PReLU: [() => new nn.PReLU(), (x) => nn.prelu(x, tensor([0.25]))],
  'PReLU per channel': [
    () => new nn.PReLU({ numParameters: 4, init: 0.5 }),
    (x) => nn.prelu(x, tensor([0.5, 0.5, 0.5, 0.5])),
  ],
  Threshold: [() => new nn.Threshold(0.1, -2), (x) => nn.threshold(x, 0.1, -2)],
  Hardtanh: [() => new nn.Hardtanh({ maxVal: 2 }), (x) => nn.hardtanh(x, { maxVal: 2 })],
  Hardsigmoid: [() => new nn.Hardsigmoid(), nn.hardsigmoid],
  Hardswish: [() => new nn.Hardswish(), nn.hardswish],
  Hardshrink: [() => new nn.Hardshrink({ lambda: 1 }), (x) => nn.hardshrink(x, { lambda: 1 })],
  Softshrink: [() => new nn.Softshrink(), nn.softshrink],
  ELU: [() => new nn.ELU({ alpha: 0.5 }), (x) => nn.elu(x, { alpha: 0.5 })],
  SELU: [() => new nn.SELU(), nn.selu],
  CELU: [() => new nn.CELU({ alpha: 2 }), (x) => nn.celu(x, { alpha: 2 })],
  SiLU: [() => new nn.SiLU(), nn.silu],
  Softplus: [() => new nn.Softplus({ beta: 2 }), (x) => nn.softplus(x, { beta: 2 })],
  Mish: [() => new nn.Mish(), nn.mish],
  LogSigmoid: [() => new nn.LogSigmoid(), nn.logSigmoid],
  Softsign: [() => new nn.Softsign(), nn.softsign],
  Tanhshrink: [() => new nn.Tanhshrink(), nn.tanhshrink],
  Softmax: [() => new nn.Softmax(1), (x) => x.softmax(1)],
  LogSoftmax: [() => new nn.LogSoftmax(), (x) => x.logSoftmax()],
  Softmin: [() => new nn.Softmin(), (x) => nn.softmin(x)],
  GLU: [() => new nn.GLU(1), (x) => nn.glu(x, 1)],
}

test.each(Object.entries(layers))('%s', (name, [make, f]) => {
  const x = makeInput({ shape: [2, 4, 3], range: [-4, 4] }, 'float32', 1)
  checkModule(name, make, x)
  const layer = make()
  assertSame(name, layer.forward(x), f(x))
  layer.dispose()
})

test('a layer keeps the options it was given', () => {
  const options = { negativeSlope: 0.5 }
  const layer = new nn.LeakyReLU(options)
  options.negativeSlope = 2
  expect(layer.forward(tensor([-2])).toArray()).toEqual([-1])
})

test('PReLU is trained, and named as in PyTorch', () => {
  expect(Object.keys(new nn.PReLU().namedParameters())).toEqual(['weight'])
})
