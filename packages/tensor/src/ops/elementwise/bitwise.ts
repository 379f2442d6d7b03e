// Integers and truth as bits.
import { family as discrete } from '../../backend/discreteKernels.ts'
import { family } from '../../backend/tensorKernels.ts'
import { MOVING } from '../../dtype.ts'
import type { TensorLike } from '../../record.ts'
import { Tensor } from '../../tensor.ts'
import { type Binary, binaryOp, type Unary } from './elementwise.ts'
import { integral } from './rules.ts'
import { logicalNot } from './unary.ts'

const bits = (name: string): Binary =>
  binaryOp(name, { kernels: family(name, { bits: true }), cast: integral(name), native: MOVING })
/** The bits that both have; of bool, whether both are true. @throws DTypeError for floats */
export const bitwiseAnd: Binary = bits('bitwiseAnd')
/** The bits that either has; of bool, whether either is true. @throws DTypeError for floats */
export const bitwiseOr: Binary = bits('bitwiseOr')
/** The bits that exactly one has; of bool, whether exactly one is true. @throws DTypeError for floats */
export const bitwiseXor: Binary = bits('bitwiseXor')

const shift = (name: string): Binary => binaryOp(name, { kernels: discrete(name), cast: integral(name) })
/** The bits moved b places up, with zeros below: a · 2ᵇ modulo the width. Shifts by less than 0 or the width give 0. */
export const bitwiseLeftShift: Binary = shift('bitwiseLeftShift')
/** ⌊a / 2ᵇ⌋: the bits moved b places down, with copies of the sign above. Shifts by less than 0 move all of them out. */
export const bitwiseRightShift: Binary = shift('bitwiseRightShift')

/** All bits inverted, −x − 1; of bool, whether false. @throws DTypeError for floats */
export const bitwiseNot: Unary = (x: TensorLike) =>
  x instanceof Tensor && x.dtype === 'bool' ? logicalNot(x) : bitwiseXor(x, -1)
