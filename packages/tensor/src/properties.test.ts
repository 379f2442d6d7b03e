// Every op on random shapes, dtypes and layouts, derived from its cases: a new op is among them as soon as it has some.
import fc from 'fast-check'
import { afterAll, describe, expect, test } from 'vitest'
import { checkVariation, type Pick } from './cases/vary.ts'
import { backendName, DisposedError, keep, setBackend, Tensor, tidy, zeros } from './index.ts'
import { js } from './js/index.ts'
import { assign } from './op.ts'
import { type Checked, makeInput, type OpCases, tensorCases } from './testing.ts'

const RUNS = 20

afterAll(() => setBackend('wasm'))

/** Numbers by Marsaglia's xorshift: one seed is all that a failure has to name. */
function picking(seed: number): Pick {
  let state = seed | 1
  return (below) => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return (state >>> 0) % below
  }
}

/** Parts of other ops, which trust their caller with shapes that fit. */
const TRUSTING = ['spread']
/** Ops whose results jump where a matrix is singular or eigenvalues coincide, as they do where rows are repeated. */
const FACTORING =
  'cholesky det slogdet logAbsDet eig eigh eigvals eigvalsh inv lu luFactor matrixExp pinv qr solve solveTriangular svd svdvals lstsq cond matrixRank'.split(
    ' ',
  )

/** Ops whose cases come in several lists have one entry. */
const byOp = new Map<string, OpCases['cases'][number][]>()
for (const { op, cases } of tensorCases) byOp.set(op, [...(byOp.get(op) ?? []), ...cases])

describe.each([...byOp])('%s', (op, cases) => {
  test('on random shapes, dtypes and layouts', () => {
    let compared = 0
    const isFactoring = FACTORING.includes(op)
    const options = { js: [js], shapes: !isFactoring && !TRUSTING.includes(op), repeats: !isFactoring }
    const property = fc.property(fc.nat({ max: cases.length - 1 }), fc.noBias(fc.integer()), (i, seed) => {
      if (checkVariation(cases[i], options, picking(seed))) compared++
    })
    fc.assert(property, { seed: 20_251_120, numRuns: RUNS, endOnFailure: true })
    expect(compared, 'runs that were not refused').toBeGreaterThan(0)
  })

  test('names a disposed input', () => {
    const [c] = cases.filter(({ inputs }) => inputs.length > 0)
    if (!c) return
    for (const i of c.inputs.keys()) {
      tidy(() => {
        const inputs: Tensor[] = c.inputs.map((spec, k) => makeInput(spec, c.dtypes[0], k + 1))
        inputs[i].dispose()
        expect(() => c.run(...inputs), `input ${i} of ${c.name}`).toThrow(DisposedError)
      })
    }
  })
})

test.each<[string, Checked['run']]>([
  ['views against copies', (x) => new Tensor(x.storage, x.dtype, x.shape, null, x.offset).copy()],
  ['wasm against js', (x) => x.add(backendName() === 'js' ? 1 : 0)],
  ['storages are left behind', (x) => keep(x.add(1))],
  [
    'was changed',
    (x) => {
      assign(x, zeros([]))
      return x.add(1)
    },
  ],
])('the check sees what it is for: %s', (text, run) => {
  const broken: Checked = { name: 'broken', inputs: [{ shape: [4, 5] }], run, dtypes: ['float32'], ulp: 0 }
  const all = (): void => {
    for (let seed = 1; seed < 50; seed++) tidy(() => void checkVariation(broken, { js: [js] }, picking(seed)))
  }
  expect(all).toThrow(text)
})
