// The harness catches what is wrong: results, gradients, shapes, kinds, errors, leaks, ignored options, bad files.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { stopGradient } from '@x/autograd'
import { js as nnJs } from '@x/nn/js'
import { dispose, keep, setBackend, type Tensor } from '@x/tensor'
import { js } from '@x/tensor/js'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { families } from './families/index.ts'
import type { Op } from './families/table.ts'
import { type Case, readCase, readVectorFiles } from './read.ts'
import { runCase, runFile } from './run.ts'

const golden = join(import.meta.dirname, '../../golden')

beforeAll(() => setBackend(js, nnJs))
afterAll(() => setBackend('wasm'))

function recorded(family: string, id: string, changes: object = {}): Case {
  const path = join(golden, `${family}.json`)
  const { cases } = JSON.parse(readFileSync(path, 'utf8')) as { cases: { id: string }[] }
  return readCase({ ...cases.find((c) => c.id === id), ...changes }, path)
}

const run = (c: Case, op: Op) => () => runCase(c, { [c.op]: op })

/** The largest element 0.1 % off, in value and gradient. */
const mutated = (y: Tensor): Tensor => y.mul(y.abs().eq(y.abs().max()).cast(y.dtype).mul(0.001).add(1))

describe('a case', () => {
  const exp = recorded('unary', 'exp/4x5')
  const sum = recorded('reduce', 'sum/3x4/d0')

  test('passes when all is right', () => {
    expect(run(exp, ({ input }) => input.exp())).not.toThrow()
  })

  test('fails for a result that is 0.1 % off', () => {
    expect(run(exp, ({ input }) => mutated(input.exp()))).toThrow(/float64: output 0, element/)
    const float32Only: Op = ({ input }) => (input.dtype === 'float32' ? mutated(input.exp()) : input.exp())
    expect(run(exp, float32Only)).toThrow(/float32: output 0, element/)
  })

  test('fails for a gradient that is off, or that is missing', () => {
    const outputsOnly = { ...exp, grad_outputs: exp.grad_outputs?.map(() => null) }
    const constant: Op = ({ input }) => stopGradient(input.exp())
    expect(run(outputsOnly, constant)).not.toThrow()
    expect(run(exp, constant)).toThrow(/the gradient of input, element/)
    const slightly: Op = ({ input }) =>
      input
        .exp()
        .mul(1.001)
        .sub(stopGradient(input.exp().mul(0.001)))
    expect(run(outputsOnly, slightly)).not.toThrow()
    expect(run(exp, slightly)).toThrow(/the gradient of input, element/)
  })

  test('fails for another shape, another number of outputs, another kind of dtype', () => {
    expect(run(exp, ({ input }) => input.exp().reshape([-1]))).toThrow(/shape \[20\], not \[4,5\]/)
    expect(run(exp, ({ input }) => [input.exp(), input])).toThrow(/2 outputs, not 1/)
    expect(run(exp, ({ input }) => input.exp().cast('float32'))).toThrow(/dtype float32/)
    const equal = recorded('binary', 'eq/0d_0d')
    expect(run(equal, ({ input, other }) => input.eq(other).cast('int32'))).toThrow(/dtype int32 where bool/)
  })

  test('fails for an argument or input that nothing reads', () => {
    expect(run(sum, ({ input }, { dim, keepdim }) => input.sum(dim, { keepdims: keepdim }))).not.toThrow()
    expect(run(sum, ({ input }, { dim }) => input.sum(dim))).toThrow(/no such option: keepdim/)
  })

  test('fails for a storage left behind', () => {
    const kept: Tensor[] = []
    const leaking: Op = ({ input }) => {
      kept.push(keep(input.exp()))
      return input.exp()
    }
    expect(run({ ...exp, grad_outputs: [] }, leaking)).toThrow(/storages are left behind/)
    dispose(kept)
  })

  test('that must be rejected fails for a result, and for an error that is not typed', () => {
    const c = recorded('errors', 'matmul-shape')
    expect(run(c, ({ input, other }) => input.matmul(other))).not.toThrow()
    expect(run(c, ({ input }) => input)).toThrow(/nothing was thrown/)
    const untyped: Op = () => {
      throw new TypeError('x is not a function')
    }
    expect(run(c, untyped)).toThrow(/an untyped error/)
    expect(run(c, () => new Array<Tensor>(-1))).toThrow(/an untyped error/)
    const taken = recorded('errors', 'mse-broadcast-warn')
    expect(run(taken, () => taken.rest.no.such)).toThrow(/was thrown/)
  })

  test('with a view has the gradient of the input before it', () => {
    const c = recorded('shape', 'view/exp/2')
    expect(c.pre.input).toBeDefined()
    expect(run(c, families.shape['torch.exp'] as Op)).not.toThrow()
    expect(run({ ...c, pre: {} }, families.shape['torch.exp'] as Op)).toThrow(/shape/)
  })
})

describe('a file', () => {
  const failures = async (content: string, name = 'unary.json'): Promise<(string | null)[]> => {
    const folder = mkdtempSync(join(tmpdir(), 'golden-'))
    try {
      writeFileSync(join(folder, name), content)
      const outcomes = await Promise.all(readVectorFiles(folder).map(runFile))
      return outcomes.flat().map(({ failure }) => failure)
    } finally {
      rmSync(folder, { recursive: true })
    }
  }

  test('counts unknown ops and families as failed', async () => {
    expect(await failures('{"cases":[{"id":"a","op":"torch.nothing"}]}')).toEqual(["unknown op 'torch.nothing'"])
    expect(await failures('{"cases":[{"id":"a","op":"constructor"}]}')).toEqual(["unknown op 'constructor'"])
    expect(await failures('{"family":"toString","cases":[{"id":"a","op":"x"}]}')).toEqual(["unknown family 'toString'"])
  })

  test('counts as failed what cannot be read', async () => {
    expect(await failures('{"cases":[')).toEqual([expect.stringContaining('cannot be read')])
    expect(await failures('[]')).toEqual([expect.stringContaining('not an object')])
    expect(await failures('{"family":"unary"}')).toEqual([expect.stringContaining('"cases" is not an array')])
    expect(await failures('{"cases":[null,7,{},{"id":"a","op":"torch.exp"}]}')).toEqual(
      Array(4).fill(expect.any(String)),
    )
    const broken = { dtype: 'f32', shape: [2], data: 'AAAA' }
    const cases = [broken, { ...broken, shape: 'x' }, { ...broken, dtype: 'f8' }, null].map((input, i) => ({
      id: `${i}`,
      op: 'torch.exp',
      inputs: { input },
      outputs: [broken],
    }))
    expect(await failures(JSON.stringify({ cases }))).toEqual(
      cases.map(() => expect.stringContaining('recorded tensor')),
    )
  })

  test('without cases is no vector file', async () => {
    expect(await failures('{"datasets":{}}', '_data.json')).toEqual([])
  })
})
