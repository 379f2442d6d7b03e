// Einstein's summation: an equation of letters becomes views, sums, products and matrix products.
import { ShapeError } from '../../errors.ts'
import { requireTensor } from '../../record.ts'
import { show, sizeOf } from '../../shape.ts'
import type { Tensor } from '../../tensor.ts'
import { at, slice } from '../indexing/slicing.ts'
import { diagonal } from '../shape/diagonal.ts'
import { permute } from '../shape/view.ts'
import { matmul } from './matmul.ts'

/** A tensor whose axes have names: letters of the equation, and numbers for what an ellipsis stands for. */
interface Term {
  readonly x: Tensor
  readonly axes: readonly string[]
}

/** What the equation says: the axes of each operand and of the result, where '...' may be among them. */
interface Equation {
  readonly operands: readonly (readonly string[])[]
  readonly result: readonly string[]
}

/**
 * Sums of products, written as an equation of letters: each operand's axes are named, axes of the same name run
 * together, and those that the result does not name are summed. `ij,jk->ik` is the matrix product.
 *
 * - Without `->` the result has the letters that occur once, in alphabetical order, capitals first: `ij,jk`.
 * - A letter twice in one operand is its diagonal: `ii->i`, the trace `ii->`.
 * - `...` stands for any further axes, which broadcast: `...ij,...jk->...ik`. They come first without `->`, and are
 *   summed where the result does not name them.
 * - Axes of length 1 stretch to the others of their name.
 *
 * Two operands at a time are contracted, at each step the two whose product is smallest for its operands, by matrix
 * products. Dtypes promote. Names and order as in torch.einsum and numpy.einsum.
 * @throws RangeError for an equation that cannot be read or does not fit the number of operands
 * @throws ShapeError for an operand whose rank or lengths do not fit
 * @example
 * import { einsum, ones } from '@x/tensor'
 * einsum('bqhd,bkhd->bhqk', ones([2, 3, 4, 8]), ones([2, 5, 4, 8])).shape // [2, 4, 3, 5]
 * einsum('ii', ones([3, 3])).item() // 3
 */
export function einsum(equation: string, ...operands: readonly Tensor[]): Tensor {
  const { operands: named, result } = read(equation, operands.length)
  const wide = named.map((axes, i) => spelledOut(axes, operands[i], i))
  const most = Math.max(0, ...wide.map((axes) => axes.filter(isNumber).length))
  const rest = Array.from({ length: most }, (_, i) => String(most - 1 - i))
  const out = result.flatMap((name) => (name === '...' ? rest : [name]))
  const lengths = lengthsOf(equation, wide, operands)
  let terms = operands.map((x, i) => stretching(diagonals({ x, axes: wide[i] }), lengths))
  terms = terms.map((t, i) => summed(t, [...out, ...terms.flatMap((other, k) => (k === i ? [] : other.axes))]))
  while (terms.length > 1) terms = contractTwo(terms, out, lengths)
  return ordered(terms[0], out)
}

/** The names in an equation. */
function read(equation: string, count: number): Equation {
  const wrong = (why: string): RangeError => new RangeError(`einsum: '${equation}': ${why}`)
  if (typeof equation !== 'string') throw new TypeError('einsum: the equation comes first, as a string: ij,jk->ik')
  const [left, right, ...more] = equation.replaceAll(' ', '').split('->')
  const parts = left.split(',')
  if (more.length > 0) throw wrong('has more than one ->')
  if (parts.length !== count) throw wrong(`names ${parts.length} operands, but there are ${count}`)
  const namesOf = (part: string): readonly string[] => {
    const names: readonly string[] = part.match(/\.\.\.|[a-zA-Z]/g) ?? []
    if (names.join('') !== part) throw wrong(`'${part}' is not of letters a to z and A to Z, with at most one ellipsis`)
    if (names.indexOf('...') !== names.lastIndexOf('...')) throw wrong(`'${part}' has more than one ellipsis`)
    return names
  }
  const operands = parts.map(namesOf)
  const all = operands.flat()
  if (right === undefined) {
    const once = [...new Set(all)].filter((name) => name !== '...' && all.indexOf(name) === all.lastIndexOf(name))
    return { operands, result: [...(all.includes('...') ? ['...'] : []), ...once.sort()] }
  }
  const result = namesOf(right)
  result.forEach((name, i) => {
    if (result.indexOf(name) !== i) throw wrong(`the result has ${name} twice`)
    if (name !== '...' && !all.includes(name)) throw wrong(`the result has ${name}, which no operand has`)
  })
  return { operands, result }
}

const isNumber = (name: string): boolean => /\d/.test(name)

/** The names of an operand's axes, an ellipsis spelled out as numbers that count from its last axis. */
function spelledOut(names: readonly string[], x: Tensor, i: number): string[] {
  requireTensor('einsum', `operand ${i}`, x)
  const open = names.includes('...')
  const rest = x.ndim - names.length + (open ? 1 : 0)
  if (open ? rest < 0 : rest !== 0) {
    throw new ShapeError(`einsum: operand ${i} ${show(x.shape)} has ${x.ndim} axes, but is named '${names.join('')}'`)
  }
  return names.flatMap((name) => (name === '...' ? Array.from({ length: rest }, (_, k) => String(rest - 1 - k)) : name))
}

/** How long the axis of each name is. */
function lengthsOf(
  equation: string,
  named: readonly (readonly string[])[],
  operands: readonly Tensor[],
): Map<string, number> {
  const lengths = new Map<string, number>()
  named.forEach((axes, i) => {
    axes.forEach((name, d) => {
      const n = operands[i].shape[d]
      const known = lengths.get(name) ?? 1
      if (known !== 1 && n !== 1 && n !== known) {
        const what = isNumber(name) ? `axis ${-1 - Number(name)} of ...` : `axis ${name}`
        throw new ShapeError(
          `einsum: '${equation}': ${what} is ${known} and ${n} long in ${operands.map((x) => show(x.shape)).join(', ')}`,
        )
      }
      lengths.set(name, known === 1 ? n : known)
    })
  })
  return lengths
}

/** Without repeated names: of two equal axes the diagonal is left. */
function diagonals(t: Term): Term {
  const { x, axes } = t
  const second = axes.findIndex((name, i) => axes.indexOf(name) !== i)
  if (second < 0) return t
  const first = axes.indexOf(axes[second])
  const others = axes.map((_, d) => d).filter((d) => d !== first && d !== second)
  const [n, m] = [x.shape[first], x.shape[second]]
  if (n !== m) {
    throw new ShapeError(`einsum: axis ${axes[second]} is ${n} and ${m} long in one operand: ${show(x.shape)}`)
  }
  const view = diagonal(x, { axis1: first, axis2: second })
  return diagonals({ x: view, axes: [...others.map((d) => axes[d]), axes[second]] })
}

/** Without axes of length 1 that others of their name stretch: the product is the same without them. */
function stretching({ x, axes }: Term, lengths: ReadonlyMap<string, number>): Term {
  const kept = axes.map((name, d) => x.shape[d] === lengths.get(name))
  if (kept.every(Boolean)) return { x, axes }
  return { x: at(x, ...kept.map((keep) => (keep ? slice() : 0))), axes: axes.filter((_, d) => kept[d]) }
}

/** Summed over the axes that nobody needs. */
function summed({ x, axes }: Term, needed: readonly string[]): Term {
  const gone = axes.flatMap((name, d) => (needed.includes(name) ? [] : [d]))
  return gone.length === 0 ? { x, axes } : { x: x.sum(gone), axes: axes.filter((name) => needed.includes(name)) }
}

/** The terms with two of them replaced by their product: those whose product adds least to what there is. */
function contractTwo(terms: readonly Term[], out: readonly string[], lengths: ReadonlyMap<string, number>): Term[] {
  let best = { cost: Number.POSITIVE_INFINITY, i: 0, k: 1, kept: [] as string[] }
  for (let i = 0; i < terms.length; i++)
    for (let k = i + 1; k < terms.length; k++) {
      const [a, b] = [terms[i], terms[k]]
      const needed = new Set([...out, ...terms.flatMap((t, q) => (q === i || q === k ? [] : t.axes))])
      const kept = [...new Set([...a.axes, ...b.axes])].filter((name) => needed.has(name))
      const size = sizeOf(kept.map((name) => lengths.get(name) as number))
      const cost = size - a.x.size - b.x.size
      if (cost < best.cost) best = { cost, i, k, kept }
    }
  const { i, k, kept } = best
  const product = contract(terms[i], terms[k], kept)
  return [...terms.filter((_, q) => q !== i && q !== k), product]
}

/** The product of two terms, summed over the axes that they share and nobody needs. */
function contract(a: Term, b: Term, kept: readonly string[]): Term {
  const shared = a.axes.filter((name) => b.axes.includes(name))
  const batch = shared.filter((name) => kept.includes(name))
  const inner = shared.filter((name) => !kept.includes(name))
  const rows = a.axes.filter((name) => !shared.includes(name))
  const columns = b.axes.filter((name) => !shared.includes(name))
  const axes = [...batch, ...rows, ...columns]
  if (inner.length === 0) return { x: aligned(a, axes).mul(aligned(b, axes)), axes }
  const x = matmul(matrices(a, batch, rows, inner), matrices(b, batch, columns, inner).mT)
  const shape = axes.map((name) => lengthIn(a.axes.includes(name) ? a : b, name))
  return { x: x.reshape(shape), axes }
}

const lengthIn = ({ x, axes }: Term, name: string): number => x.shape[axes.indexOf(name)]

/** A view with the axes in the order of these names, which are all that the term has. */
function ordered({ x, axes }: Term, names: readonly string[]): Tensor {
  if (names.every((name, d) => axes[d] === name)) return x
  const order = names.map((name) => axes.indexOf(name))
  return permute(x, order)
}

/** A view whose axes are those named, of length 1 where the term has none. */
function aligned(t: Term, names: readonly string[]): Tensor {
  const own = names.filter((name) => t.axes.includes(name))
  const x = ordered(t, own)
  return own.length === names.length ? x : at(x, ...names.map((name) => (own.includes(name) ? slice() : null)))
}

/** A term as matrices [batch…, rows, inner]: by views where each side is one axis or none, else by copying. */
function matrices(t: Term, batch: readonly string[], rows: readonly string[], inner: readonly string[]): Tensor {
  const x = ordered(t, [...batch, ...rows, ...inner])
  const lead = batch.map(() => slice())
  if (rows.length === 0 && inner.length === 1) return at(x, ...lead, null)
  if (rows.length === 1 && inner.length === 1) return x
  const size = (names: readonly string[]): number => sizeOf(names.map((name) => lengthIn(t, name)))
  const [m, k] = [size(rows), size(inner)]
  const shape = batch.map((name) => lengthIn(t, name))
  // Where the summed axes come first already, the transposed matrix needs no copy.
  const turned = ordered(t, [...batch, ...inner, ...rows])
  return turned.isContiguous && !x.isContiguous ? turned.reshape([...shape, k, m]).mT : x.reshape([...shape, m, k])
}
