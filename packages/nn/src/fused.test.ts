// Fused ops of float32 against their compositions, which are what float64 takes: values, gradients of both orders, both
// backends, and any number of threads.
import { hvp, vjp } from '@x/autograd'
import { checkGradient } from '@x/autograd/testing'
import { type Tensor, tensor, tidy } from '@x/tensor'
import { js } from '@x/tensor/js'
import {
  assertClose,
  assertSame,
  checkOp,
  type InputSpec,
  makeInput,
  type OpCase,
  withBackend,
} from '@x/tensor/testing'
import { setNumThreads } from '@x/tensor/threads'
import { describe, expect, test } from 'vitest'
import * as nn from './index.ts'
import { js as nnJs } from './js/index.ts'
import { type Cell, GATES, states } from './recurrent/sequence.ts'

const tables = { js: [js, nnJs] }

interface Fused extends OpCase {
  /** Inputs large enough to be shared among threads. */
  readonly large: readonly InputSpec[]
}

const shaped = (shapes: readonly (readonly number[])[]): InputSpec[] =>
  shapes.map((shape) => ({ shape, range: [-1, 1] }))

const of = (
  name: string,
  shapes: readonly (readonly number[])[],
  large: readonly (readonly number[])[],
  run: OpCase['run'],
  rest: Partial<OpCase> = {},
): Fused => ({
  name,
  inputs: shaped(shapes),
  large: shaped(large),
  run,
  dtypes: ['float32', 'float64'],
  ulp: 256,
  atol: 3e-6,
  ...rest,
})

/** x [T, B, I], weights, biases, h0 and c0 of a cell with H units. */
const recurrentShapes = (cell: Cell, [T, B, I, H]: readonly number[]): number[][] => {
  const wide = GATES[cell] * H
  return [[T * B, I], [wide, I], [wide, H], [wide], [wide], [B, H], ...(cell === 'lstm' ? [[B, H]] : [])]
}

const recurrent = (cell: Cell, reverse: boolean, lengths: number[] | null, sizes: number[]): Fused => {
  const of0 = (n: number): Tensor | null =>
    lengths &&
    tensor(
      Array.from({ length: n }, (_, i) => lengths[i % lengths.length]),
      { dtype: 'int32' },
    )
  const name = `${cell}${reverse ? ' in reverse' : ''}${lengths ? ' of several lengths' : ''} ${sizes}`
  return of(name, recurrentShapes(cell, sizes), recurrentShapes(cell, [6, 64, 48, 64]), (x, ih, hh, bi, bh, h, c) => {
    const weights = { ih, hh, biases: [bi, bh] as const, hr: null }
    const steps = x.shape[0] / h.shape[0]
    const all = states(x, weights, { h, c }, of0(h.shape[0]), { cell, steps, reverse })
    return all.c ? all.h.add(all.c.mul(2)) : all.h
  })
}

const attention = (
  name: string,
  [q, k, v, mask]: readonly number[][],
  options: nn.AttentionOptions = {},
  large: number[][] = [
    [2, 4, 96, 32],
    [2, 4, 160, 32],
    [2, 4, 160, 16],
  ],
): Fused =>
  of(`attention ${name}`, mask ? [q, k, v, mask] : [q, k, v], large, (q, k, v, attnMask) =>
    nn.scaledDotProductAttention(q, k, v, { ...options, attnMask }),
  )

const cells: Cell[] = ['tanh', 'relu', 'lstm', 'gru']
const cases: Fused[] = [
  ...cells.flatMap((cell) => [
    recurrent(cell, false, null, [3, 2, 2, 8]),
    recurrent(cell, true, [3, 1], [3, 2, 1, 3]),
    recurrent(cell, false, [1, 4, 2], [4, 5, 3, 16]),
    recurrent(cell, false, null, [1, 2, 2, 8]),
  ]),
  attention('of a matrix', [
    [3, 8],
    [5, 8],
    [5, 8],
  ]),
  attention('of one query', [
    [2, 1, 8],
    [2, 5, 8],
    [2, 5, 16],
  ]),
  attention(
    'without the future',
    [
      [1, 2, 5, 8],
      [1, 2, 5, 8],
      [1, 2, 5, 8],
    ],
    { isCausal: true },
  ),
  attention(
    'with added numbers',
    [
      [1, 2, 3, 8],
      [1, 2, 4, 8],
      [1, 2, 4, 8],
      [3, 4],
    ],
    { scale: 0.5 },
  ),
  attention('with numbers for each key', [
    [2, 2, 3, 8],
    [2, 2, 4, 8],
    [2, 2, 4, 8],
    [2, 1, 1, 4],
  ]),
  attention(
    'with shared keys',
    [
      [1, 4, 3, 8],
      [1, 2, 3, 8],
      [1, 2, 3, 8],
    ],
    { enableGqa: true, isCausal: true },
    [
      [2, 4, 96, 32],
      [2, 2, 96, 32],
      [2, 2, 96, 16],
    ],
  ),
  attention('over several blocks of keys', [
    [1, 1, 3, 8],
    [1, 1, 300, 8],
    [1, 1, 300, 8],
    [3, 300],
  ]),
  attention('of sizes that kernels lack', [
    [2, 3, 5],
    [2, 4, 5],
    [2, 4, 3],
  ]),
  ...(
    [
      [6, 3],
      [2, 3, 3, 4],
      [4, 3, 2],
    ] as const
  ).map((shape) =>
    of(`batchNorm ${shape}`, [shape, [3], [3]], [[16, 64, 32, 32], [64], [64]], (x, weight, bias) =>
      nn.batchNorm(x, { weight, bias, training: true }),
    ),
  ),
  of('rmsNorm', [[3, 5], [5]], [[512, 600], [600]], (x, g) => nn.rmsNorm(x, g, { eps: 1e-5 })),
  of('rmsNorm without weights', [[2, 3, 4]], [[512, 600]], (x) => nn.rmsNorm(x, null, { eps: 1e-5 })),
  of('layerNorm without a shift', [[3, 5], [5]], [[512, 600], [600]], (x, g) => nn.layerNorm(x, g, null)),
  of('layerNorm without weights', [[2, 3, 4]], [[512, 600]], (x) =>
    nn.layerNorm(x, null, null, { normalizedShape: x.shape.slice(1) }),
  ),
  of('groupNorm', [[2, 4, 3], [4], [4]], [[8, 32, 40, 40], [32], [32]], (x, weight, bias) =>
    nn.groupNorm(x, 2, { weight, bias }),
  ),
  of('instanceNorm', [[2, 3, 4], [3], [3]], [[8, 32, 40, 40], [32], [32]], (x, weight, bias) =>
    nn.instanceNorm(x, { weight, bias }),
  ),
  of(
    'mseLoss',
    [
      [5, 7],
      [5, 7],
    ],
    [
      [600, 500],
      [600, 500],
    ],
    (x, target) => nn.mseLoss(x, target),
  ),
  of('mseLoss, summed', [[3], [3]], [[3e5], [3e5]], (x, t) => nn.mseLoss(x, t, { reduction: 'sum' })),
  ...(['gelu', 'geluTanh'] as const).map((activation) =>
    of(`linear and ${activation}`, [[3, 2], [5, 2], [5]], [[500, 64], [300, 64], [300]], (x, w, b) =>
      nn.linear(x.mul(3), w, b, { activation }),
    ),
  ),
]

const made = (specs: readonly InputSpec[], dtype: 'float32' | 'float64'): Tensor[] =>
  specs.map((spec, i) => makeInput(spec, dtype, i + 1))

/** Gradients of all inputs, weighed so that none vanishes by symmetry. */
function gradients({ run }: Fused, inputs: Tensor[]): Tensor[] {
  const one = tensor(1, { dtype: inputs[0].dtype })
  const loss = (): Tensor => {
    const y = run(...inputs)
    return y.mul(y.add(1)).sum()
  }
  return vjp(loss, inputs, one).grads
}

describe.each(cases)('$name', (c) => {
  test('both backends agree, and nothing leaks', () => checkOp(c, tables))

  test('values and gradients are those of the composition', () => {
    const [single, double] = [made(c.inputs, 'float32'), made(c.inputs, 'float64')]
    const compare = (what: string): void => {
      assertClose(what, c.run(...single), c.run(...double).cast('float32'), 256, 1e-5)
      const wanted = gradients(c, double)
      gradients(c, single).forEach((g, i) => {
        assertClose(`${what}: gradient ${i}`, g, wanted[i].cast('float32'), 256, 1e-4)
      })
    }
    compare('wasm')
    withBackend(tables.js, () => compare('js'))
  })

  test('gradients of the composition agree with finite differences', () => checkGradient(c))

  test('second derivatives are those of the composition', () => {
    const along = (inputs: Tensor[]): Tensor[] =>
      hvp(
        () =>
          c
            .run(...inputs)
            .square()
            .sum(),
        inputs,
        inputs,
      )
    const [single, double] = [made(c.inputs, 'float32'), made(c.inputs, 'float64')]
    const wanted = along(double)
    along(single).forEach((g, i) => {
      assertClose(`input ${i}`, g, wanted[i].cast('float32'), 256, 1e-3)
    })
  })

  test.runIf(typeof SharedArrayBuffer !== 'undefined')('two threads give the same bits as one', async () => {
    const inputs = made(c.large, 'float32')
    const all = (): Tensor[] => tidy(() => [c.run(...inputs), ...gradients(c, inputs)])
    const one = all()
    expect(await setNumThreads(2)).toBe(2)
    const two = all()
    await setNumThreads(1)
    two.forEach((t, i) => {
      assertSame(`result ${i}`, t, one[i])
    })
  })
})
