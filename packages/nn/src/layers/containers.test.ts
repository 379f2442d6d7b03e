// Lists, dictionaries, and what a module does with what is inside: names, freezing, visiting; layers without parameters.
import { valueAndGrad } from '@x/autograd'
import { manualSeed, ones, randn, type Tensor } from '@x/tensor'
import { assertSame } from '@x/tensor/testing'
import { expect, test } from 'vitest'
import * as nn from '../index.ts'

class Net extends nn.Module {
  blocks = new nn.ModuleList([new nn.Linear(2, 3), new nn.Linear(3, 2)])
  heads = new nn.ModuleDict({ left: new nn.Linear(2, 1) })
  scales = new nn.ParameterList([ones([2])])
  override forward(x: Tensor): Tensor {
    let y = x
    for (const block of this.blocks) y = block.forward(y)
    return this.heads.get('left').forward(y.mul(this.scales[0]))
  }
}

test('lists and dictionaries name what they hold', () => {
  const net = new Net()
  net.blocks.push(new nn.Linear(2, 2, { bias: false }))
  net.heads.set('right', new nn.Linear(2, 1, { bias: false }))
  expect(Object.keys(net.stateDict())).toEqual([
    ...['blocks.0.weight', 'blocks.0.bias', 'blocks.1.weight', 'blocks.1.bias', 'blocks.2.weight'],
    ...['heads.left.weight', 'heads.left.bias', 'heads.right.weight', 'scales.0'],
  ])
  expect([net.blocks.length, [...net.blocks].length, net.scales.length]).toEqual([3, 3, 1])
  expect([...net.heads.entries()].map(([name]) => name)).toEqual(['left', 'right'])
  expect(net.heads.has('middle')).toBe(false)
  expect(net.forward(randn([4, 2])).shape).toEqual([4, 1])
  const { grads } = valueAndGrad(() => net.forward(ones([1, 2])).sum(), net.parameters())
  expect(grads.length).toBe(9)
})

test('containers refuse what they are not for', () => {
  expect(() => new nn.ModuleList().forward()).toThrow('ModuleList: it holds modules or parameters')
  expect(() => new nn.ModuleDict({ 'a.b': new nn.Identity() })).toThrow("'a.b' is empty or has a dot")
  expect(() => new nn.ModuleDict({ a: new nn.Identity() }).get('b')).toThrow("there is no 'b', only a")
})

test('frozen modules are left out of training, not out of files', () => {
  const net = new Net()
  const [all, keys] = [net.parameters().length, Object.keys(net.stateDict())]
  net.blocks.freeze()
  expect(net.parameters().length).toBe(all - 4)
  expect(Object.keys(net.namedParameters())[0]).toBe('heads.left.weight')
  expect(Object.keys(net.stateDict())).toEqual(keys)
  expect(net.unfreeze().parameters().length).toBe(all)
})

test('apply visits what is inside first', () => {
  const seen: string[] = []
  new nn.Sequential(new nn.Linear(1, 1), new nn.Sequential(new nn.ReLU())).apply((m) => seen.push(m.constructor.name))
  expect(seen).toEqual(['Linear', 'ReLU', 'Sequential', 'Sequential'])
})

test('identity, and flattening undone', () => {
  const x = randn([2, 6, 3])
  expect(new nn.Identity().forward(x)).toBe(x)
  expect(new nn.Unflatten(1, [2, -1]).forward(x).shape).toEqual([2, 2, 3, 3])
  assertSame('back', new nn.Flatten(-3, -2).forward(new nn.Unflatten(-2, [3, 2]).forward(x)), x)
  expect(() => new nn.Unflatten(1, [4, -1]).forward(x)).toThrow('Unflatten: [4, -1] does not fill axis 1')
})

test('dropout of channels drops all of a channel, and none in evaluation', () => {
  manualSeed(1)
  for (const [layer, shape] of [
    [new nn.Dropout1d(0.5), [50, 20, 4]],
    [new nn.Dropout2d(0.5), [50, 20, 2, 2]],
    [new nn.Dropout3d(0.5), [20, 2, 1, 2]],
  ] as const) {
    const y = layer.forward(ones(shape)).flatten(shape.length === 4 && shape[0] === 20 ? 1 : 2)
    const [least, most] = [y.min(-1), y.max(-1)]
    expect(least.toArray()).toEqual(most.toArray())
    expect(new Set(least.data())).toEqual(new Set([0, 2]))
    expect(layer.eval().forward(ones(shape)).min().item()).toBe(1)
  }
  expect(() => new nn.Dropout2d().forward(ones([3]))).toThrow('dropout2d: x [3] has not 3 or 4 axes')
  expect(() => new nn.AlphaDropout(-1)).toThrow('AlphaDropout: p -1')
})

test('alpha dropout keeps mean and variance', () => {
  manualSeed(2)
  const x = randn([200, 500])
  for (const layer of [new nn.AlphaDropout(0.3), new nn.FeatureAlphaDropout(0.3)]) {
    const y = layer.forward(layer instanceof nn.FeatureAlphaDropout ? x.unsqueeze(2) : x)
    expect(Math.abs(y.mean().item())).toBeLessThan(0.02)
    expect(Math.abs(y.std().item() - 1)).toBeLessThan(0.02)
  }
})
