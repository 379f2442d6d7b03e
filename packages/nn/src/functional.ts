// Linear and convolutional layers as fused ops: product, bias and activation in one go.
import { ShapeError, type Tensor } from '@x/tensor'
import {
  type Conv2dOptions,
  type ConvGeometry,
  convGeometry,
  convInput,
  convInto,
  conv2d as convolve,
  convWeight,
} from '@x/tensor/conv'
import {
  defineOp,
  dense,
  flipped,
  floating,
  matmulInto,
  type OpFunction,
  type OpRecord,
  pointer,
  requireTensor,
  run,
  show,
  sizeOf,
} from '@x/tensor/op'
import { ACTIVATION_CODE, activationGrad, type FusedActivation } from './activation.ts'
import { family } from './kernels.ts'

const biasKernels = family('biasActivation')
const channelKernels = family('channelBias')

interface Activated {
  readonly activation: FusedActivation
}

/** dz: the gradient before the activation. */
const beforeActivation: OpRecord<Activated>['prepare'] = ({ y, dy }, { activation }) => ({
  dz: activationGrad(y, dy, activation),
})

function linearOp(name: string, inputs: readonly string[]): OpFunction<Activated> {
  return defineOp<Activated>({
    name,
    inputs,
    cast: floating,
    shape: ([x, w]) => [x.shape[0], w.shape[0]],
    launch: ([x, w, b], y, { activation }) => {
      matmulInto(x, flipped(w), y)
      if (!b && activation === 'identity') return
      const [rows, n] = y.shape
      run(biasKernels[y.dtype], rows, y.size * 2, pointer(y), b ? pointer(dense(b)) : 0, n, ACTIVATION_CODE[activation])
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

export interface LinearOptions {
  /** Applied to the result in the same pass. Default 'identity'. */
  activation?: FusedActivation
}

/**
 * f(x·wᵀ + b): x [..., in], w [out, in], b [out] or null → [..., out].
 * @throws ShapeError
 */
export function linear(
  x: Tensor,
  w: Tensor,
  b: Tensor | null,
  { activation = 'identity' }: LinearOptions = {},
): Tensor {
  requireTensor('linear', 'x', x)
  const [out, inner] = w.shape
  if (w.ndim !== 2 || x.ndim === 0 || x.shape[x.ndim - 1] !== inner || (b && (b.ndim !== 1 || b.size !== out))) {
    throw new ShapeError(
      `linear: x ${show(x.shape)} and w ${show(w.shape)} ([out, in]) and b ${b ? show(b.shape) : 'null'} do not fit`,
    )
  }
  const rows = x.ndim === 2 ? x : x.reshape([sizeOf(x.shape.slice(0, -1)), inner])
  const y = b ? linearWithBias([rows, w, b], { activation }) : linearWithout([rows, w], { activation })
  return x.ndim === 2 ? y : y.reshape([...x.shape.slice(0, -1), out])
}

const convBias: OpFunction<ConvGeometry> = defineOp<ConvGeometry>({
  name: 'conv2dBias',
  inputs: ['x', 'w', 'b'],
  cast: floating,
  shape: (_, g) => g.y,
  launch: ([x, w, b], y, g) => {
    convInto(x, w, y, g)
    const [n, channels, height, width] = g.y
    run(channelKernels[y.dtype], n * channels, y.size, pointer(y), pointer(dense(b)), channels, height * width)
  },
  grad: {
    x: ({ w, dy }, g) => convInput([dy, w], g),
    w: ({ x, dy }, g) => convWeight([x, dy], g),
    b: ({ dy }) => dy.sum([0, 2, 3]),
  },
})

/** conv2d with a bias per output channel: b [O] or null. @throws ShapeError, RangeError */
export function conv2d(x: Tensor, w: Tensor, b: Tensor | null, options: Conv2dOptions = {}): Tensor {
  requireTensor('conv2d', 'x', x)
  if (!b) return convolve(x, w, options)
  const g = convGeometry(x, w, options)
  if (b.ndim !== 1 || b.size !== g.y[1]) throw new ShapeError(`conv2d: b ${show(b.shape)} is not [${g.y[1]}]`)
  return convBias([x, w, b], g)
}
