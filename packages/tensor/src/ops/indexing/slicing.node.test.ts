// Indexing against its definition, element by element, on random shapes and indices; assignment against both.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import * as x from '../../index.ts'

/** An index as the definition reads it: lists of positions have a shape of their own. */
type Plain =
  | number
  | null
  | '...'
  | { start: number; count: number; step: number }
  | { shape: number[]; list: number[] }
  | { mask: number[][] }

const sizeOf = (shape: readonly number[]): number => shape.reduce((n, d) => n * d, 1)
const everyPosition = (shape: readonly number[]): number[][] =>
  shape.reduce<number[][]>((all, n) => all.flatMap((at) => Array.from({ length: n }, (_, i) => [...at, i])), [[]])

/** The shape of x[index], and which element of x stands at each place. */
function definition(shape: readonly number[], index: readonly Plain[]): { shape: number[]; from: number[] } {
  const isList = (i: Plain): i is { shape: number[]; list: number[] } =>
    typeof i === 'object' && i !== null && 'list' in i
  const used = index.filter((i) => i !== null && i !== '...').length
  const full = (index.includes('...') ? index : [...index, '...' as const]).flatMap((i): Plain[] =>
    i !== '...' ? [i] : new Array(shape.length - used).fill({ start: 0, count: -1, step: 1 }),
  )
  const fancy = full.some(isList)
  const lists = full.filter(isList)
  const rank = Math.max(0, ...lists.map((l) => l.shape.length))
  const together = Array.from({ length: rank }, (_, k) =>
    lists.reduce((n, l) => {
      const d = l.shape[l.shape.length - rank + k] ?? 1
      return d === 1 ? n : d
    }, 1),
  )
  // The place of the lists: where their block begins, or in front if there are several.
  const seen = (index.includes('...') ? index : [...index, '...' as const]).map(
    (i) => isList(i) || typeof i === 'number',
  )
  const blocks = seen.filter((is, k) => is && !seen[k - 1]).length
  const outer: number[] = []
  let before = -1
  let axis = 0
  for (const i of full) {
    if (isList(i) || typeof i === 'number') {
      if (before < 0) before = outer.length
      axis++
    } else if (i === null) outer.push(1)
    else {
      const { count } = i as { count: number }
      outer.push(count < 0 ? shape[axis] : count)
      axis++
    }
  }
  const at = fancy ? (blocks > 1 ? 0 : before) : 0
  const result = fancy ? [...outer.slice(0, at), ...together, ...outer.slice(at)] : outer
  const from = everyPosition(result).map((place) => {
    const chosen = fancy ? place.slice(at, at + rank) : []
    const rest = fancy ? [...place.slice(0, at), ...place.slice(at + rank)] : [...place]
    let flat = 0
    let k = 0
    for (const i of full) {
      if (i === null) {
        rest.shift()
        continue
      }
      const n = shape[k++]
      let p: number
      if (typeof i === 'number') p = i
      else if (isList(i)) {
        const own = i.shape.map((d, a) => (d === 1 ? 0 : chosen[rank - i.shape.length + a]))
        p = i.list[own.reduce((f, c, a) => f * i.shape[a] + c, 0)]
      } else {
        const { start, step } = i as { start: number; step: number }
        p = start + step * (rest.shift() as number)
      }
      flat = flat * n + (p < 0 ? p + n : p)
    }
    return flat
  })
  return { shape: result, from }
}

/** A shape, an index as `at` takes it, and the same for the definition. */
const anyIndex = fc.array(fc.integer({ min: 1, max: 4 }), { maxLength: 4 }).chain((shape) =>
  fc
    .record({
      together: fc.array(fc.integer({ min: 0, max: 3 }), { maxLength: 2 }),
      kinds: fc.array(fc.constantFrom('slice', 'slice', 'position', 'list', 'list', 'mask', 'none', '...'), {
        maxLength: 6,
      }),
      seed: fc.array(fc.nat(), { minLength: 64, maxLength: 64 }),
    })
    .map(({ together, kinds, seed }) => {
      let draws = 0
      const draw = (n: number): number => seed[draws++ % seed.length] % n
      const given: x.Index[] = []
      const plain: Plain[] = []
      const consumes = (kind: string): boolean => kind !== 'none' && kind !== '...'
      const skipped = Math.max(0, shape.length - kinds.filter(consumes).length)
      let axis = 0
      for (const kind of kinds) {
        if (kind === 'none') {
          given.push(null)
          plain.push(null)
        } else if (kind === '...') {
          if (plain.includes('...')) continue
          axis += skipped
          given.push('...')
          plain.push('...')
        } else if (axis < shape.length) {
          const n = shape[axis++]
          if (kind === 'position') {
            const p = draw(2 * n) - n
            given.push(p)
            plain.push(p)
          } else if (kind === 'slice') {
            const step = [1, 2, -1, -2][draw(4)]
            const start = draw(n)
            const count = Math.min(draw(4), Math.ceil((step > 0 ? n - start : start + 1) / Math.abs(step)))
            const stop = start + count * step
            given.push(x.slice(start, stop < 0 ? null : stop, step))
            plain.push({ start, count, step: count === 0 ? 1 : step })
            if (count === 0 && step < 0) given[given.length - 1] = x.slice(0, 0)
          } else if (kind === 'list') {
            const own = together.slice(draw(together.length + 1)).map((d) => (draw(3) === 0 ? 1 : d))
            const list = Array.from({ length: sizeOf(own) }, () => draw(2 * n) - n)
            given.push(x.tensor(Int32Array.from(list), { shape: own }))
            plain.push({ shape: own, list })
          } else {
            // As many as fit the others: a mask of one axis is the list of its positions.
            const count = together.length > 0 ? together[together.length - 1] : draw(n + 1)
            if (count > n) return { shape: [], given: [], plain: [] }
            const list = Array.from({ length: n }, (_, i) => i).slice(0, count)
            given.push(
              x.tensor(
                Uint8Array.from({ length: n }, (_, i) => Number(i < count)),
                { dtype: 'bool' },
              ),
            )
            plain.push({ shape: [count], list })
            if (together.length === 0) together = [count]
          }
        }
      }
      return { shape, given, plain }
    }),
)

test('picks and puts what the definition says', () => {
  fc.assert(
    fc.property(anyIndex, fc.boolean(), ({ shape, given, plain }, isTransposed) =>
      x.tidy(() => {
        const axes = shape.map((_, i) => shape.length - 1 - i)
        const row = x.arange(sizeOf(shape), undefined, { dtype: 'float64' }).reshape(shape)
        const own = (): x.Tensor => (isTransposed ? row.permute(axes).copy().permute(axes) : row.copy())
        const want = definition(shape, plain)
        const picked = own().at(...given)
        expect([picked.shape, [...picked.data()]]).toEqual([want.shape, want.from])

        const values = x.arange(100, 100 + want.from.length, { dtype: 'float64' }).reshape(want.shape)
        const put = [...row.data()]
        const added = [...row.data()]
        want.from.forEach((at, k) => {
          put[at] = 100 + k
          added[at] += 100 + k
        })
        expect([...x.indexPut(own(), given, values).data()]).toEqual(put)
        expect([...x.indexPut(own(), given, values, { accumulate: true }).data()]).toEqual(added)
        const [a, b] = [own(), own()]
        x.set(a, given, values)
        x.set(b, given, values, { accumulate: true })
        expect([[...a.data()], [...b.data()]]).toEqual([put, added])
      }),
    ),
    { numRuns: 400, seed: 1 },
  )
})
