// Einstein's summation: an equation of letters becomes views, sums, products and matrix products.
import { ShapeError } from '../../errors.ts'
import { wrongKind } from '../../options.ts'
import { requireTensor } from '../../record.ts'
import { type Shape, show, sizeOf } from '../../shape.ts'
import type { Tensor } from '../../tensor.ts'
import { mul } from '../elementwise/binary.ts'
import { sum } from '../reductions/reduce.ts'
import { diagonal } from '../shape/diagonal.ts'
import { permute, reshape, squeeze } from '../shape/view.ts'
import { matmul } from './matmul.ts'

/** A tensor whose axes have names, a character each: letters of the equation, and what `REST` says. */
interface Term {
  readonly x: Tensor
  readonly axes: string
}

/** The axes that an ellipsis stands for are named by the characters before this one, the last axis by the last of them. */
const REST = 0x400

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
 * import { ones } from '@x/tensor'
 * import { einsum } from '@x/tensor/linalg'
 * einsum('bqhd,bkhd->bhqk', ones([2, 3, 4, 8]), ones([2, 5, 4, 8])).shape // [2, 4, 3, 5]
 * einsum('ii', ones([3, 3])).item() // 3
 */
export function einsum(equation: string, ...operands: readonly Tensor[]): Tensor {
  const { parts, result } = read(equation, operands.length)
  const named = parts.map((part, i) => spelledOut(part, operands[i], i))
  const rest = [...new Set(named.join(''))].filter((name) => name > 'z').sort()
  const out = result.replace('…', rest.join(''))
  const lengths = lengthsOf(equation, named, operands)
  const shapeOf = (names: string): Shape => [...names].map((name) => lengths.get(name) as number)
  let terms = operands.map((x, i) => {
    const t = diagonals({ x, axes: named[i] })
    // Without axes of length 1 that others of their name stretch: the product is the same without them.
    const short = [...t.axes].filter((name, d) => t.x.shape[d] !== lengths.get(name))
    return dropping(t, short.join(''), squeeze)
  })
  terms = terms.map((t) => dropping(t, without(t.axes, out + namesOf(terms.filter((other) => other !== t))), sum))
  while (terms.length > 1) terms = contractTwo(terms, out, shapeOf)
  return ordered(terms[0], out)
}

/** What the equation says: the axes of each operand and of the result, an ellipsis as the character `…`. */
function read(equation: string, count: number): { parts: readonly string[]; result: string } {
  if (typeof equation !== 'string') throw wrongKind('einsum', 'equation', equation, 'string such as ij,jk->ik')
  const wrong = (why: string): RangeError => new RangeError(`einsum: '${equation}': ${why}`)
  const [left, right, ...more] = equation.replaceAll(' ', '').replaceAll('...', '…').split('->')
  const parts = left.split(',')
  if (more.length > 0) throw wrong('has more than one ->')
  if (parts.length !== count) throw wrong(`names ${parts.length} operands, but there are ${count}`)
  for (const part of right === undefined ? parts : [...parts, right]) {
    if (!/^[a-z]*…?[a-z]*$/i.test(part))
      throw wrong(`'${part}' is not of letters a to z and A to Z, with at most one ellipsis`)
  }
  const all = parts.join('')
  const repeats =
    (names: string) =>
    (name: string): boolean =>
      names.indexOf(name) !== names.lastIndexOf(name)
  if (right === undefined) {
    const once = [...all].filter((name) => name !== '…' && !repeats(all)(name))
    return { parts, result: `…${once.sort().join('')}` }
  }
  for (const name of right) {
    if (repeats(right)(name)) throw wrong(`the result has ${name} twice`)
    if (!all.includes(name)) throw wrong(`the result has ${name}, which no operand has`)
  }
  return { parts, result: right }
}

/** The names of an operand's axes, an ellipsis spelled out. */
function spelledOut(part: string, x: Tensor, i: number): string {
  requireTensor('einsum', `operand ${i}`, x)
  const rest = x.ndim - without(part, '…').length
  if (part.includes('…') ? rest < 0 : rest !== 0) {
    throw new ShapeError(`einsum: operand ${i} ${show(x.shape)} has ${x.ndim} axes, but is named '${part}'`)
  }
  return part.replace('…', String.fromCharCode(...Array.from({ length: rest }, (_, k) => REST - rest + k)))
}

/** How long the axis of each name is. */
function lengthsOf(
  equation: string,
  named: readonly string[],
  operands: readonly Tensor[],
): ReadonlyMap<string, number> {
  const lengths = new Map<string, number>()
  for (const [i, { shape }] of operands.entries()) {
    for (const [d, name] of [...named[i]].entries()) {
      const n = shape[d]
      const known = lengths.get(name) ?? 1
      if (known !== 1 && n !== 1 && n !== known) {
        const what = name > 'z' ? `${name.charCodeAt(0) - REST} of ...` : name
        throw new ShapeError(
          `einsum: '${equation}': axis ${what} is ${known} and ${n} long in ${operands.map((x) => show(x.shape)).join(', ')}`,
        )
      }
      lengths.set(name, known === 1 ? n : known)
    }
  }
  return lengths
}

function without(names: string, others: string): string {
  let left = ''
  for (const name of names) if (!others.includes(name)) left += name
  return left
}
const namesOf = (terms: readonly Term[]): string => terms.map((t) => t.axes).join('')

/** Without repeated names: of two equal axes the diagonal is left. */
function diagonals({ x, axes }: Term): Term {
  const axis2 = [...axes].findIndex((name, i) => axes.indexOf(name) !== i)
  if (axis2 < 0) return { x, axes }
  const name = axes[axis2]
  const axis1 = axes.indexOf(name)
  const [n, m] = [x.shape[axis1], x.shape[axis2]]
  if (n !== m) throw new ShapeError(`einsum: axis ${name} is ${n} and ${m} long in one operand: ${show(x.shape)}`)
  return diagonals({ x: diagonal(x, { axis1, axis2 }), axes: axes.replace(name, '').replace(name, '') + name })
}

/** Without the axes of these names, which `drop` takes from the tensor. */
function dropping(t: Term, names: string, drop: (x: Tensor, axes: readonly number[]) => Tensor): Term {
  if (names === '') return t
  const axes = [...names].map((name) => t.axes.indexOf(name))
  return { x: drop(t.x, axes), axes: without(t.axes, names) }
}

/** The terms with two of them replaced by their product: those whose product adds least to what there is. */
function contractTwo(terms: readonly Term[], out: string, shapeOf: (names: string) => Shape): Term[] {
  let least = Number.POSITIVE_INFINITY
  let best: () => Term[] = () => []
  for (const [i, a] of terms.entries()) {
    for (const b of terms.slice(i + 1)) {
      const others = terms.filter((t) => t !== a && t !== b)
      // Neither in the result nor in another term: summed.
      const gone = without(a.axes + b.axes, out + namesOf(others))
      const cost = sizeOf(shapeOf(without(a.axes + without(b.axes, a.axes), gone))) - a.x.size - b.x.size
      if (cost >= least) continue
      least = cost
      best = () => [...others, contract(a, b, gone, shapeOf)]
    }
  }
  return best()
}

/** The product of two terms, summed over those of the axes that `gone` names. */
function contract(a: Term, b: Term, gone: string, shapeOf: (names: string) => Shape): Term {
  const rows = without(a.axes, b.axes)
  const columns = without(b.axes, a.axes)
  const batch = without(a.axes, rows + gone)
  const inner = without(a.axes, rows + batch)
  const axes = batch + rows + columns
  const shape = shapeOf(axes)
  /** A view whose axes are those of the product, of length 1 where the term has none. */
  const aligned = (t: Term): Tensor =>
    reshape(
      ordered(t, without(axes, without(axes, t.axes))),
      shape.map((n, d) => (t.axes.includes(axes[d]) ? n : 1)),
    )
  if (inner === '') return { x: mul(aligned(a), aligned(b)), axes }
  /** A term as matrices [batch…, own, inner]: by views where each side is one axis or none, else by copying. */
  const matrices = (t: Term, own: string): Tensor => {
    const x = ordered(t, batch + own + inner)
    const [m, k] = [own, inner].map((names) => sizeOf(shapeOf(names)))
    // Where the summed axes come first already, the transposed matrix needs no copy.
    const turned = x.isContiguous ? x : ordered(t, batch + inner + own)
    return turned.isContiguous && turned !== x
      ? reshape(turned, [...shapeOf(batch), k, m]).mT
      : reshape(x, [...shapeOf(batch), m, k])
  }
  return { x: reshape(matmul(matrices(a, rows), matrices(b, columns).mT), shape), axes }
}

/** A view with the axes in the order of these names, which are all that the term has. */
const ordered = ({ x, axes }: Term, names: string): Tensor =>
  names === axes
    ? x
    : permute(
        x,
        [...names].map((name) => axes.indexOf(name)),
      )
