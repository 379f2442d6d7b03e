// Linear layers as fused ops: product, bias and activation in one go.
import { ShapeError, type Tensor } from '@x/tensor'
import {
  checkOptions,
  defineOp,
  dense,
  flipped,
  floating,
  isHeld,
  type KernelFamily,
  matmulInto,
  type OpFunction,
  type OpRecord,
  pointer,
  requireTensor,
  run,
  show,
  sizeOf,
  tensorFamily,
} from '@x/tensor/op'
import { ACTIVATION_CODE, activationGrad, type FusedActivation, isCurve } from './activation.ts'
import { family } from './kernels.ts'
import { oneOf } from './options.ts'

const biasKernels = family('biasActivation')
/** Passes behind that of the bias, by tensor's own kernels: the fastest that there are. */
const passes: Readonly<Partial<Record<FusedActivation, KernelFamily>>> = {
  gelu: tensorFamily('gelu'),
  geluTanh: tensorFamily('geluTanh'),
  tanh: tensorFamily('tanh'),
  sigmoid: tensorFamily('sigmoid'),
}

interface Activated {
  readonly activation: FusedActivation
}

/** dz: the gradient before the activation. Whoever differentiates it again needs to know what z came from. */
const beforeActivation: OpRecord<Activated>['prepare'] = ({ x, w, b, y, z, dy }, { activation }) => {
  return { dz: activationGrad(y, dy, activation, z && isHeld() ? linear(x, w, b ?? null) : z) }
}

function linearOp(name: string, inputs: readonly string[]): OpFunction<Activated> {
  return defineOp<Activated>({
    name,
    inputs,
    cast: floating,
    shape: ([x, w]) => [x.shape[0], w.shape[0]],
    multiplies: ([, w], y) => y.size * w.shape[1],
    extra: ([x, w], { activation }) =>
      isCurve(activation) ? [{ name: 'z', dtype: x.dtype, shape: [x.shape[0], w.shape[0]] }] : [],
    launch: ([x, w, b], y, { activation }, [z]) => {
      const sum = z ?? y
      matmulInto(x, flipped(w), sum)
      const isRelu = Number(activation === 'relu')
      const [rows, n] = y.shape
      if (b || isRelu) run(biasKernels[y.dtype], rows, y.size * 2, pointer(sum), b ? pointer(dense(b)) : 0, n, isRelu)
      const pass = passes[activation]?.[y.dtype]
      if (pass) run(pass, y.size, y.size * 16, pointer(sum), pointer(y))
    },
    prepare: beforeActivation,
    grad: {
      x: ({ w, dz }) => dz.matmul(w),
      w: ({ x, dz }) => dz.mT.matmul(x),
      ...(inputs.includes('b') && { b: ({ dz }) => dz.sum(0) }),
    },
  })
}

const linearWithBias = linearOp('linear', ['x', 'w', 'b'])
const linearWithout = linearOp('linearNoBias', ['x', 'w'])

/** Options of `linear`. */
export interface LinearOptions {
  /** Applied to the result, relu in the pass that adds the bias. Default 'identity'. */
  activation?: FusedActivation
}

/**
 * f(x·wᵀ + b): x [..., in], w [out, in], b [out] or null → [..., out].
 * @throws ShapeError
 * @example
 * import { tensor } from '@x/tensor'
 * import { linear } from '@x/nn'
 * linear(tensor([1, 2]), tensor([[3, 4]]), tensor([1])).toArray() // [12]
 * linear(tensor([1, 2]), tensor([[-3, 1]]), null, { activation: 'relu' }).toArray() // [0]
 */
export function linear(x: Tensor, w: Tensor, b: Tensor | null, options: LinearOptions = {}): Tensor {
  checkOptions('linear', options, ['activation'])
  const { activation = 'identity' } = options
  if (!(activation in ACTIVATION_CODE)) oneOf('linear: activation', activation, Object.keys(ACTIVATION_CODE))
  requireTensor('linear', 'x', x)
  requireTensor('linear', 'w', w)
  const [out, inner] = w.shape
  if (w.ndim !== 2 || x.ndim === 0 || x.shape[x.ndim - 1] !== inner || (b && (b.ndim !== 1 || b.size !== out))) {
    throw new ShapeError(
      `linear: x ${show(x.shape)} and w ${show(w.shape)} ([out, in]) and b ${b ? show(b.shape) : 'null'} do not fit`,
    )
  }
  // Curves are fused in float32 alone.
  if (isCurve(activation) && [x, w].some(({ dtype }) => dtype !== 'float32')) return linear(x, w, b)[activation]()
  const rows = x.ndim === 2 ? x : x.reshape([sizeOf(x.shape.slice(0, -1)), inner])
  const y = b ? linearWithBias([rows, w, b], { activation }) : linearWithout([rows, w], { activation })
  return x.ndim === 2 ? y : y.reshape([...x.shape.slice(0, -1), out])
}
