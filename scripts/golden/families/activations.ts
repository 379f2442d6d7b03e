// Activations.
import * as nn from '@x/nn'
import type { Table } from './table.ts'

export const activations: Table = {
  'torch.nn.functional.relu': ({ input }) => input.relu(),
  'torch.nn.functional.sigmoid': ({ input }) => input.sigmoid(),
  'torch.nn.functional.tanh': ({ input }) => input.tanh(),
  'torch.nn.functional.gelu': ({ input }, { approximate }) =>
    approximate === 'tanh' ? input.geluTanh() : input.gelu(),
  'torch.nn.functional.relu6': ({ input }) => nn.relu6(input),
  'torch.nn.functional.leaky_relu': ({ input }, { negative_slope }) =>
    nn.leakyRelu(input, { negativeSlope: negative_slope }),
  'torch.nn.functional.prelu': ({ input, weight }) => nn.prelu(input, weight),
  'torch.nn.functional.threshold': ({ input }, { threshold, value }) => nn.threshold(input, threshold, value),
  'torch.nn.functional.hardtanh': ({ input }, { min_val, max_val }) =>
    nn.hardtanh(input, { minVal: min_val, maxVal: max_val }),
  'torch.nn.functional.hardsigmoid': ({ input }) => nn.hardsigmoid(input),
  'torch.nn.functional.hardswish': ({ input }) => nn.hardswish(input),
  'torch.nn.functional.hardshrink': ({ input }, { lambd }) => nn.hardshrink(input, { lambda: lambd }),
  'torch.nn.functional.softshrink': ({ input }, { lambd }) => nn.softshrink(input, { lambda: lambd }),
  'torch.nn.functional.elu': ({ input }, { alpha }) => nn.elu(input, { alpha }),
  'torch.nn.functional.selu': ({ input }) => nn.selu(input),
  'torch.nn.functional.celu': ({ input }, { alpha }) => nn.celu(input, { alpha }),
  'torch.nn.functional.silu': ({ input }) => nn.silu(input),
  'torch.nn.functional.softplus': ({ input }, { beta, threshold }) => nn.softplus(input, { beta, threshold }),
  'torch.nn.functional.logsigmoid': ({ input }) => nn.logSigmoid(input),
  'torch.nn.functional.mish': ({ input }) => nn.mish(input),
  'torch.nn.functional.softsign': ({ input }) => nn.softsign(input),
  'torch.nn.functional.tanhshrink': ({ input }) => nn.tanhshrink(input),
  'torch.nn.functional.softmax': ({ input }, { dim }) => input.softmax(dim),
  'torch.nn.functional.log_softmax': ({ input }, { dim }) => input.logSoftmax(dim),
  'torch.nn.functional.softmin': ({ input }, { dim }) => nn.softmin(input, dim),
  'torch.nn.functional.glu': ({ input }, { dim }) => nn.glu(input, dim),
  'torch.nn.functional.normalize': ({ input }, { p, dim, eps }) => nn.normalize(input, { p, axis: dim, eps }),
  'torch.nn.functional.cosine_similarity': ({ x1, x2 }, { dim, eps }) =>
    nn.cosineSimilarity(x1, x2, { axis: dim, eps }),
  'torch.nn.functional.pairwise_distance': ({ x1, x2 }, { p, eps, keepdim: keepdims }) =>
    nn.pairwiseDistance(x1, x2, { p, eps, keepdims }),
}
