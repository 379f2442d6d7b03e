// Pooling, patches and images of another size; products by equations.
import { valueAndGrad } from '@x/autograd'
import { avgPool2d, conv1d, convTranspose2d, fold, interpolate, unfold } from '@x/tensor/conv'
import { einsum } from '@x/tensor/linalg'
import { type Definition, define, type Foreign } from '../workload.ts'

export const images: readonly Definition<string>[] = [
  define({
    name: 'einsum bqhd,bkhd->bhqk',
    section: 'matmul',
    tiny: [2, 5, 3, 4],
    large: [8, 128, 8, 64],
    flops: ([b, t, h, d]) => 2 * b * h * t * t * d,
    data: (random, shape) => ({ q: random.normal(shape), k: random.normal(shape) }),
    ours: ({ q, k }) => einsum('bqhd,bkhd->bhqk', q, k),
    tfjs: (tf, { q, k }) => tf.matMul(tf.transpose(q, [0, 2, 1, 3]), tf.transpose(k, [0, 2, 1, 3]), false, true),
    ort: (graph, { q, k }) => graph.node('Einsum', [q, k], { equation: 'bqhd,bkhd->bhqk' }),
    jax: (jax, { q, k }) => jax.numpy.einsum('bqhd,bkhd->bhqk', q, k),
  }),
  define({
    name: 'conv1d 5, 64→64',
    section: 'conv',
    tiny: [2, 3, 9, 4],
    large: [8, 64, 256, 64],
    flops: ([n, c, length, o]) => 2 * n * o * length * c * 5,
    tolerance: 1e-4,
    data: (random, [n, c, length, o]) => ({ x: random.normal([n, c, length]), w: random.weights([o, c, 5], c * 5) }),
    ours: ({ x, w }) => conv1d(x, w, { padding: 2 }),
    ort: (graph, { x, w }) => graph.node('Conv', [x, w], { kernel_shape: [5], pads: [2, 2] }),
  }),
  define({
    name: 'convTranspose2d 4x4 64→32, stride 2',
    section: 'conv',
    tiny: [2, 3, 4, 2],
    large: [8, 64, 14, 32],
    flops: ([n, c, side, o]) => 2 * n * c * side * side * o * 16,
    tolerance: 1e-4,
    data: (random, [n, c, side, o]) => ({
      x: random.normal([n, c, side, side]),
      w: random.weights([c, o, 4, 4], c * 4),
    }),
    ours: ({ x, w }) => convTranspose2d(x, w, { stride: 2, padding: 1 }),
    ort: (graph, { x, w }) =>
      graph.node('ConvTranspose', [x, w], { kernel_shape: [4, 4], pads: [1, 1, 1, 1], strides: [2, 2] }),
  }),
  define({
    name: 'avgPool2d 2x2',
    section: 'conv',
    small: [1, 1, 8],
    large: [32, 32, 28],
    data: (random, [n, c, side]) => ({ x: random.normal([n, c, side, side]) }),
    ours: ({ x }) => avgPool2d(x, 2),
    ort: (graph, { x }) => graph.node('AveragePool', [x], { kernel_shape: [2, 2], strides: [2, 2] }),
  }),
  define({
    name: 'avgPool2d 2x2 and gradient',
    section: 'conv',
    tiny: [1, 1, 8],
    large: [32, 32, 28],
    tolerance: 1e-4,
    data: (random, [n, c, side]) => ({ x: random.normal([n, c, side, side]) }),
    ours: ({ x }) => valueAndGrad(() => avgPool2d(x, 2).square().sum(), x).grads,
  }),
  define({
    name: 'unfold 3x3 and fold',
    section: 'conv',
    tiny: [1, 2, 5],
    large: [8, 32, 28],
    data: (random, [n, c, side]) => ({ x: random.normal([n, c, side, side]) }),
    ours: ({ x }) => fold(unfold(x, 3, { padding: 1 }), [x.shape[2], x.shape[3]], 3, { padding: 1 }),
  }),
  define({
    name: 'interpolate bilinear to twice the size',
    section: 'conv',
    tiny: [1, 2, 5],
    large: [4, 16, 56],
    data: (random, [n, c, side]) => ({ x: random.normal([n, c, side, side]) }),
    ours: ({ x }) => interpolate(x, { scaleFactor: 2, mode: 'bilinear' }),
    tfjs: {
      start: (tf: Foreign, { x }: Foreign) => {
        const images = tf.transpose(x, [0, 2, 3, 1])
        const side = 2 * x.shape[2]
        const step = () => tf.image.resizeBilinear(images, [side, side], false, true)
        return { step, read: () => tf.transpose(step(), [0, 3, 1, 2]) }
      },
    },
  }),
  define({
    name: 'interpolate bilinear and gradient',
    section: 'conv',
    tiny: [1, 2, 5],
    large: [4, 16, 56],
    tolerance: 1e-4,
    data: (random, [n, c, side]) => ({ x: random.normal([n, c, side, side]) }),
    ours: ({ x }) => valueAndGrad(() => interpolate(x, { scaleFactor: 2, mode: 'bilinear' }).square().sum(), x).grads,
  }),
]
