// Recurrent layers as modules: names, shapes, states, padded batches, compiled steps, and what they refuse.
import { valueAndGrad } from '@x/autograd'
import { compile, manualSeed, memoryStats, randn, ShapeError, slice, type Tensor, tensor, tidy } from '@x/tensor'
import { assertClose, assertNoLeak, assertSame } from '@x/tensor/testing'
import { describe, expect, test } from 'vitest'
import * as nn from '../index.ts'

const keys = (m: nn.Module<unknown>): string[] => Object.keys(m.stateDict())

test("parameters have PyTorch's names and shapes", () => {
  expect(keys(new nn.GRU(3, 4))).toEqual(['weight_ih_l0', 'weight_hh_l0', 'bias_ih_l0', 'bias_hh_l0'])
  expect(keys(new nn.RNN(3, 4, { bias: false, bidirectional: true }))).toEqual(
    ['weight_ih_l0', 'weight_hh_l0'].flatMap((k) => [k]).concat(['weight_ih_l0_reverse', 'weight_hh_l0_reverse']),
  )
  const lstm = new nn.LSTM(3, 4, { numLayers: 2, bidirectional: true, projSize: 2 }).stateDict()
  expect(lstm.weight_ih_l1_reverse.shape).toEqual([16, 4]) // 2 directions of 2
  expect(lstm.weight_hh_l1.shape).toEqual([16, 2])
  expect(lstm.weight_hr_l0_reverse.shape).toEqual([2, 4])
  expect(keys(new nn.LSTMCell(3, 4))).toEqual(['weight_ih', 'weight_hh', 'bias_ih', 'bias_hh'])
})

describe.each([
  ['RNN', (o: object) => new nn.RNN(3, 8, o)],
  ['GRU', (o: object) => new nn.GRU(3, 8, o)],
  ['LSTM', (o: object) => new nn.LSTM(3, 8, o)],
  ['LSTM with a projection', (o: object) => new nn.LSTM(3, 8, { ...o, projSize: 5 })],
] as const)('%s', (_, make) => {
  const run = (m: nn.Module<unknown>, x: Tensor | nn.PackedSequence, s?: unknown): [Tensor, Tensor[]] => {
    const [y, state] = (m as nn.LSTM).forward(x as Tensor, s as nn.LSTMState)
    return [y, [state].flat() as Tensor[]]
  }

  test('goes on from a state where another call ended', () => {
    manualSeed(1)
    const m = make({ numLayers: 2 })
    const x = randn([6, 2, 3])
    const [whole, end] = run(m, x)
    const [, middle] = run(m, x.at(slice(0, 4)))
    const [rest, last] = run(m, x.at(slice(4)), middle.length > 1 ? middle : middle[0])
    assertClose('the rest', rest, whole.at(slice(4)), 64, 1e-6)
    last.forEach((t, i) => {
      assertClose('the end', t, end[i], 64, 1e-6)
    })
  })

  test('batch first, and one sequence alone, are the same in other shapes', () => {
    manualSeed(2)
    const [m, n] = [make({ bidirectional: true }), make({ bidirectional: true, batchFirst: true })]
    n.loadStateDict(m.stateDict())
    const x = randn([4, 2, 3])
    const [y, s] = run(m, x)
    assertSame('batch first', run(n, x.transpose(0, 1))[0].transpose(0, 1), y)
    const [alone, state] = run(m, x.at(slice(), 1))
    assertClose('alone', alone, y.at(slice(), 1), 16, 1e-6)
    assertClose('its state', state[0], s[0].at(slice(), 1), 16, 1e-6)
  })

  test('each row of a padded batch is as it would be alone', () => {
    manualSeed(3)
    const m = make({ numLayers: 2, bidirectional: true })
    const [x, lengths] = [randn([5, 3, 3]), [3, 5, 1]]
    const [packed, s] = run(m, nn.packPaddedSequence(x, lengths))
    const [y] = nn.padPackedSequence(packed as unknown as nn.PackedSequence)
    lengths.forEach((n, i) => {
      const [alone, state] = run(m, x.at(slice(0, n), i))
      assertClose(`row ${i}`, y.at(slice(0, n), i), alone, 32, 1e-6)
      expect(
        y
          .at(slice(n), i)
          .data()
          .every((v) => v === 0),
      ).toBe(true)
      state.forEach((t, k) => {
        assertClose(`the state of row ${i}`, s[k].at(slice(), i), t, 32, 1e-6)
      })
    })
  })

  test('a compiled training step equals the eager one to the last bit, allocates nothing, and learns', () => {
    manualSeed(4)
    const m = make({})
    const optimizer = new nn.Adam(m.parameters(), { lr: 0.02 })
    const [x, lengths] = [randn([6, 4, 3]), tensor([6, 2, 5, 3], { dtype: 'int32' })]
    const start = Object.fromEntries(Object.entries(m.stateDict()).map(([k, t]) => [k, t.copy()]))
    const step = (x: Tensor, lengths: Tensor): Tensor =>
      tidy(() => {
        const loss = (): Tensor => {
          const [packed] = run(m, nn.packPaddedSequence(x, lengths))
          return (packed as unknown as nn.PackedSequence).steps.sub(0.3).square().mean()
        }
        const { value, grads } = valueAndGrad(loss, m.parameters())
        optimizer.step(grads)
        return value
      })
    const eager = Array.from({ length: 30 }, () => step(x, lengths).item())
    expect(eager[29]).toBeLessThan(eager[0] * 0.9)
    m.loadStateDict(start)
    const fresh = new nn.Adam(m.parameters(), { lr: 0.02 })
    optimizer.loadStateDict(fresh.stateDict())
    const compiled = compile(step)
    expect(Array.from({ length: 30 }, () => compiled(x, lengths).item())).toEqual(eager)
    const silent = compile((x: Tensor, lengths: Tensor) => void step(x, lengths))
    silent(x, lengths)
    const before = memoryStats()
    for (let i = 0; i < 20; i++) silent(x, lengths)
    expect(memoryStats()).toEqual(before)
    expect(() => compiled(x, tensor([6, 0, 5, 3], { dtype: 'int32' }))).toThrow('length 0 is not from 1 to 6')
  })

  test('leaves nothing behind', () => {
    const m = make({ numLayers: 2, dropout: 0.3, bidirectional: true })
    const x = randn([3, 2, 3])
    assertNoLeak('forward', () => void run(m, x))
  })
})

test('cells are single steps of their layers', () => {
  manualSeed(5)
  const [gru, cell] = [new nn.GRU(3, 8), new nn.GRUCell(3, 8)]
  cell.loadStateDict(Object.fromEntries(Object.entries(gru.stateDict()).map(([k, t]) => [k.replace('_l0', ''), t])))
  const x = randn([4, 2, 3])
  const [y] = gru.forward(x)
  let h: Tensor | undefined
  for (let t = 0; t < 4; t++) {
    h = cell.forward(x.at(t), h)
    assertClose(`step ${t}`, h, y.at(t), 64, 1e-6)
  }
  const [h1, c1] = new nn.LSTMCell(3, 5).forward(x.at(0, 0))
  expect([h1.shape, c1.shape]).toEqual([[5], [5]])
})

test('dropout between layers drops in training alone', () => {
  manualSeed(6)
  const m = new nn.RNN(3, 8, { numLayers: 2, dropout: 0.5 })
  const x = randn([4, 2, 3])
  const run = (): number[] => [...m.forward(x)[0].data()] as number[]
  expect(run()).not.toEqual(run())
  m.eval()
  expect(run()).toEqual(run())
})

test('padding and cutting', () => {
  const x = randn([4, 2, 3])
  const [y, lengths] = nn.padPackedSequence(nn.packPaddedSequence(x, [2, 3]), { totalLength: 5, paddingValue: 7 })
  expect([y.shape, lengths.toArray()]).toEqual([
    [5, 2, 3],
    [2, 3],
  ])
  expect([y.at(2, 0, 0).item(), y.at(2, 1, 0).item(), y.at(4, 1, 0).item()]).toEqual([7, x.at(2, 1, 0).item(), 7])
})

test('misuse is named', () => {
  const lstm = new nn.LSTM(3, 4)
  const x = randn([5, 2, 3])
  expect(() => lstm.forward(randn([5, 2, 4]))).toThrow('LSTM: x [5, 2, 4] is not [T, B, 3] or [T, 3]')
  expect(() => lstm.forward(x, [randn([1, 3, 4]), randn([1, 2, 4])])).toThrow('LSTM: h0 [1, 3, 4] is not [1, 2, 4]')
  expect(() => new nn.GRU(3, 0)).toThrow(RangeError)
  expect(() => new nn.GRU(3, 4, { layers: 2 } as object)).toThrow("GRU: there is no option 'layers'")
  expect(() => new nn.LSTM(3, 4, { projSize: 4 })).toThrow('projSize 4')
  expect(() => new nn.RNN(3, 4, { nonlinearity: 'sigmoid' as 'tanh' })).toThrow("nonlinearity 'sigmoid'")
  expect(() => nn.packPaddedSequence(x, [5, 6])).toThrow('length 6 is not from 1 to 5')
  expect(() => nn.packPaddedSequence(x, [5])).toThrow(ShapeError)
  expect(() => new nn.GRUCell(3, 4).forward(x)).toThrow('GRUCell: x [5, 2, 3] is not [B, 3] or [3]')
})
