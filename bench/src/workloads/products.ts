// Matrix products, convolution, pooling.
import { valueAndGrad } from '@x/autograd'
import * as nn from '@x/nn'
import { conv2d, maxPool2d } from '@x/tensor/conv'
import { type Definition, define, type Foreign } from '../workload.ts'

/** tfjs keeps channels last and its Wasm backend knows no other order: it gets its data so. */
const convTfjs = {
  start: (tf: Foreign, { x, w }: Foreign) => {
    const [images, kernels] = [tf.transpose(x, [0, 2, 3, 1]), tf.transpose(w, [2, 3, 1, 0])]
    const step = () => tf.conv2d(images, kernels, 1, 'same')
    return { step, read: () => tf.transpose(step(), [0, 3, 1, 2]) }
  },
}

export const products: readonly Definition<string>[] = [
  define({
    name: 'matmul',
    section: 'matmul',
    small: [8, 8, 8],
    tiny: [7, 9, 5],
    large: [
      [64, 64, 64],
      [256, 256, 256],
      [512, 512, 512],
      [1024, 1024, 1024],
      [128, 768, 3072],
      [32, 784, 128],
      [1, 768, 3072],
    ],
    target: ([m]) => (m > 1 ? 1.35 : undefined),
    flops: ([m, k, n]) => 2 * m * k * n,
    bytes: ([m, k, n]) => 4 * (m * k + k * n + m * n),
    data: (random, [m, k, n]) => ({ a: random.normal([m, k]), b: random.normal([k, n]) }),
    ours: ({ a, b }) => a.matmul(b),
    tfjs: (tf, { a, b }) => tf.matMul(a, b),
    ort: (graph, { a, b }) => graph.node('MatMul', [a, b]),
    jax: (jax, { a, b }) => jax.numpy.matmul(a, b),
    numpy: (np, { a, b }) => np.matmul(a, b),
    mlMatrix: (_, { a, b }) => a.mmul(b),
  }),
  define({
    name: 'matmul aᵀb',
    section: 'matmul',
    tiny: [7, 9, 5],
    large: [256, 256, 256],
    target: () => 1.35,
    flops: ([m, k, n]) => 2 * m * k * n,
    data: (random, [m, k, n]) => ({ a: random.normal([k, m]), b: random.normal([k, n]) }),
    ours: ({ a, b }) => a.mT.matmul(b),
    tfjs: (tf, { a, b }) => tf.matMul(a, b, true, false),
    ort: (graph, { a, b }) => graph.node('Gemm', [a, b], { transA: 1 }),
    jax: (jax, { a, b }) => jax.numpy.matmul(jax.numpy.transpose(a), b),
    numpy: (np, { a, b }) => np.matmul(np.own(np.transpose(a)), b),
  }),
  define({
    name: 'matmul abᵀ',
    section: 'matmul',
    tiny: [7, 9, 5],
    large: [256, 256, 256],
    target: () => 1.35,
    flops: ([m, k, n]) => 2 * m * k * n,
    data: (random, [m, k, n]) => ({ a: random.normal([m, k]), b: random.normal([n, k]) }),
    ours: ({ a, b }) => a.matmul(b.mT),
    tfjs: (tf, { a, b }) => tf.matMul(a, b, false, true),
    ort: (graph, { a, b }) => graph.node('Gemm', [a, b], { transB: 1 }),
    jax: (jax, { a, b }) => jax.numpy.matmul(a, jax.numpy.transpose(b)),
    numpy: (np, { a, b }) => np.matmul(a, np.own(np.transpose(b))),
  }),
  define({
    name: 'matmul in a batch of 16',
    section: 'matmul',
    tiny: [5, 4, 3],
    large: [64, 64, 64],
    flops: ([m, k, n]) => 32 * m * k * n,
    data: (random, [m, k, n]) => ({ a: random.normal([16, m, k]), b: random.normal([16, k, n]) }),
    ours: ({ a, b }) => a.matmul(b),
    tfjs: (tf, { a, b }) => tf.matMul(a, b),
    ort: (graph, { a, b }) => graph.node('MatMul', [a, b]),
    jax: (jax, { a, b }) => jax.numpy.matmul(a, b),
    numpy: (np, { a, b }) => np.matmul(a, b),
  }),
  define({
    name: 'linear with relu',
    section: 'matmul',
    small: [4, 8, 8],
    large: [64, 784, 256],
    flops: ([m, k, n]) => 2 * m * k * n,
    data: (random, [m, k, n]) => ({
      x: random.normal([m, k]),
      w: random.weights([n, k], k),
      b: random.weights([n], k),
    }),
    ours: ({ x, w, b }) => nn.linear(x, w, b, { activation: 'relu' }),
    // tfjs's fused.matMul adds wrong biases to a transposed product on its Wasm backend.
    tfjs: (tf, { x, w, b }) => tf.relu(tf.add(tf.matMul(x, w, false, true), b)),
    ort: (graph, { x, w, b }) => graph.node('Relu', [graph.node('Gemm', [x, w, b], { transB: 1 })]),
    jax: (jax, { x, w, b }) => jax.nn.relu(jax.numpy.matmul(x, jax.numpy.transpose(w)).add(b)),
    numpy: (np, { x, w, b }) => np.maximum(np.own(np.add(np.own(np.matmul(x, np.own(np.transpose(w)))), b)), 0),
  }),
  define({
    name: 'linear without bias and gradients',
    section: 'matmul',
    tiny: [4, 8, 6],
    large: [64, 784, 256],
    flops: ([m, k, n]) => 6 * m * k * n,
    tolerance: 1e-4,
    data: (random, [m, k, n]) => ({ x: random.normal([m, k]), w: random.weights([n, k], k) }),
    ours: ({ x, w }) => valueAndGrad(() => nn.linear(x, w, null).square().sum(), [x, w]).grads,
    tfjs: (tf, { x, w }) =>
      tf.grads((x: Foreign, w: Foreign) => tf.sum(tf.square(tf.matMul(x, w, false, true))))([x, w]),
    jax: (jax, given) =>
      jax.grad(({ x, w }: Foreign) => jax.numpy.sum(jax.numpy.square(jax.numpy.matmul(x, jax.numpy.transpose(w)))))(
        given,
      ),
  }),

  ...(
    [
      ['conv2d 3x3 64→64', [1, 64, 56, 64], 4],
      ['conv2d 3x3 1→32', [8, 1, 28, 32], 2],
    ] as const
  ).map(([name, size, target]) =>
    define({
      name,
      section: 'conv',
      tiny: [2, size[1], 6, 3],
      large: size,
      target: () => target,
      flops: ([n, c, side, o]) => 2 * n * o * side * side * c * 9,
      tolerance: 1e-4,
      data: (random, [n, c, side, o]) => ({
        x: random.normal([n, c, side, side]),
        w: random.weights([o, c, 3, 3], c * 9),
      }),
      ours: ({ x: images, w }) => conv2d(images, w, { padding: 1 }),
      tfjs: convTfjs,
      ort: (graph, { x, w }) => graph.node('Conv', [x, w], { kernel_shape: [3, 3], pads: [1, 1, 1, 1] }),
      jax: (jax, { x, w }) => jax.lax.conv(x, w, [1, 1], 'SAME'),
    }),
  ),
  define({
    name: 'conv2d 3x3 with bias',
    section: 'conv',
    small: [1, 1, 8, 1],
    data: (random, [n, c, side, o]) => ({
      x: random.normal([n, c, side, side]),
      w: random.weights([o, c, 3, 3], c * 9),
      b: random.weights([o], c * 9),
    }),
    ours: ({ x, w, b }) => nn.conv2d(x, w, b, { padding: 1 }),
    ort: (graph, { x, w, b }) => graph.node('Conv', [x, w, b], { kernel_shape: [3, 3], pads: [1, 1, 1, 1] }),
  }),
  define({
    name: 'conv2d 3x3 32→64, stride 2',
    section: 'conv',
    tiny: [2, 3, 7, 4],
    large: [8, 32, 28, 64],
    flops: ([n, c, side, o]) => 2 * n * o * Math.ceil(side / 2) ** 2 * c * 9,
    tolerance: 1e-4,
    data: (random, [n, c, side, o]) => ({
      x: random.normal([n, c, side, side]),
      w: random.weights([o, c, 3, 3], c * 9),
    }),
    ours: ({ x: images, w }) => conv2d(images, w, { padding: 1, stride: 2 }),
    ort: (graph, { x, w }) => graph.node('Conv', [x, w], { kernel_shape: [3, 3], pads: [1, 1, 1, 1], strides: [2, 2] }),
    jax: (jax, { x, w }) =>
      jax.lax.convGeneralDilated(
        x,
        w,
        [2, 2],
        [
          [1, 1],
          [1, 1],
        ],
      ),
  }),
  define({
    name: 'conv2d 1x1 64→128',
    section: 'conv',
    tiny: [2, 3, 5, 4],
    large: [8, 64, 28, 128],
    flops: ([n, c, side, o]) => 2 * n * o * side * side * c,
    tolerance: 1e-4,
    data: (random, [n, c, side, o]) => ({ x: random.normal([n, c, side, side]), w: random.weights([o, c, 1, 1], c) }),
    ours: ({ x: images, w }) => conv2d(images, w),
    tfjs: convTfjs,
    ort: (graph, { x, w }) => graph.node('Conv', [x, w], { kernel_shape: [1, 1] }),
    jax: (jax, { x, w }) => jax.lax.conv(x, w, [1, 1], 'SAME'),
  }),
  define({
    name: 'conv2d 3x3 depthwise',
    section: 'conv',
    tiny: [2, 4, 6],
    large: [8, 64, 28],
    flops: ([n, c, side]) => 2 * n * c * side * side * 9,
    tolerance: 1e-4,
    data: (random, [n, c, side]) => ({ x: random.normal([n, c, side, side]), w: random.weights([c, 1, 3, 3], 9) }),
    ours: ({ x: images, w }) => conv2d(images, w, { padding: 1, groups: images.shape[1] }),
    ort: (graph, { x, w }) =>
      graph.node('Conv', [x, w], { kernel_shape: [3, 3], pads: [1, 1, 1, 1], group: graph.shapeOf(x)[1] }),
  }),
  define({
    name: 'conv2d 3x3 32→64 and gradients',
    section: 'conv',
    tiny: [2, 3, 6, 4],
    large: [8, 32, 14, 64],
    flops: ([n, c, side, o]) => 6 * n * o * side * side * c * 9,
    tolerance: 1e-4,
    data: (random, [n, c, side, o]) => ({
      x: random.normal([n, c, side, side]),
      w: random.weights([o, c, 3, 3], c * 9),
    }),
    ours: ({ x: images, w }) => valueAndGrad(() => conv2d(images, w, { padding: 1 }).square().sum(), [images, w]).grads,
    tfjs: (tf, { x, w }) => {
      const loss = (x: Foreign, w: Foreign) =>
        tf.sum(tf.square(tf.conv2d(tf.transpose(x, [0, 2, 3, 1]), tf.transpose(w, [2, 3, 1, 0]), 1, 'same')))
      return tf.grads(loss)([x, w])
    },
    jax: (jax, given) =>
      jax.grad(({ x, w }: Foreign) => jax.numpy.sum(jax.numpy.square(jax.lax.conv(x, w, [1, 1], 'SAME'))))(given),
  }),
  define({
    name: 'maxPool2d 2x2',
    section: 'conv',
    small: [1, 1, 8],
    large: [32, 32, 28],
    data: (random, [n, c, side]) => ({ x: random.normal([n, c, side, side]) }),
    ours: ({ x: images }) => maxPool2d(images, 2),
    ort: (graph, { x }) => graph.node('MaxPool', [x], { kernel_shape: [2, 2], strides: [2, 2] }),
    jax: (jax, { x }) => jax.lax.reduceWindow(x, (window: Foreign) => jax.numpy.max(window), [2, 2], [2, 2]),
  }),
  define({
    name: 'maxPool2d 2x2 and gradient',
    section: 'conv',
    small: [1, 1, 8],
    large: [32, 32, 28],
    tolerance: 1e-4,
    data: (random, [n, c, side]) => ({ x: random.normal([n, c, side, side]) }),
    ours: ({ x: images }) => valueAndGrad(() => maxPool2d(images, 2).square().sum(), images).grads,
  }),
]
