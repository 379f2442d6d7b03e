// Layers in functional form.

import {
  batchNorm,
  dropout,
  embedding,
  embeddingBag,
  groupNorm,
  instanceNorm,
  layerNorm,
  linear,
  rmsNorm,
  rotaryEmbedding,
  sinusoidalPositions,
} from '@x/nn'
import { ones, type Tensor } from '@x/tensor'
import { Mismatch } from '../compare.ts'
import type { Case } from '../read.ts'
import { images } from './images.ts'
import { camelCase } from './optim.ts'
import type { Args, Table } from './table.ts'

/** The recorded contract of dropout on n ones: the share of zeros, the value of the others, and the borders of p. */
function checkDropout({ rest }: Case, precision: 'float64' | 'float32'): void {
  const zerosIn = (y: Tensor): number => y.eq(0).sum().item()
  for (const { p, n, lo, hi, survivor } of rest.cases) {
    const x = ones([n], { dtype: precision })
    const y = dropout(x, p)
    const share = zerosIn(y) / n
    if (!(share >= lo && share <= hi)) throw new Mismatch(`p ${p}: a share of ${share} is zero, not ${lo} to ${hi}`)
    const [least, most] = [y.eq(0).where(1, y).min().item(), y.max().item()]
    if (!(p === 0 || (Math.abs(most - survivor) < 1e-6 * survivor && least > 0))) {
      throw new Mismatch(`p ${p}: survivors are up to ${most}, not ${survivor}`)
    }
    if (zerosIn(dropout(x, 0)) !== 0 || zerosIn(dropout(x, 1)) !== n)
      throw new Mismatch('p 0 or p 1 is not all or none')
  }
}

/** A copy where rows are scaled down in place, for a case is run more than once. */
const table = (weight: Tensor, { max_norm }: Args): Tensor => (max_norm === undefined ? weight : weight.copy())

export const layers: Table = {
  ...images,
  'torch.nn.functional.linear': ({ input, weight, bias }) => linear(input, weight, bias ?? null),
  'torch.nn.functional.batch_norm': ({ input, weight, bias, ...running }, { training, momentum, eps }) => {
    // Copies, for they move.
    const [runningMean, runningVar] = [running.running_mean?.copy(), running.running_var?.copy()]
    const y = batchNorm(input, { runningMean, runningVar, weight, bias, training, momentum, eps })
    return runningMean && runningVar ? [y, runningMean, runningVar] : [y]
  },
  'torch.nn.functional.layer_norm': ({ input, weight, bias }, { normalized_shape: normalizedShape, eps }) =>
    layerNorm(input, weight ?? null, bias ?? null, { eps, normalizedShape }),
  'rms_norm (manual: x*rsqrt(mean(x^2)+eps)*weight)': ({ input, weight }, { normalized_shape: normalizedShape, eps }) =>
    rmsNorm(input, weight, { eps, normalizedShape }),
  'torch.nn.functional.group_norm': ({ input, weight, bias }, { num_groups, eps }) =>
    groupNorm(input, num_groups, { weight, bias, eps }),
  'torch.nn.functional.instance_norm': (
    { input, weight, bias, ...running },
    { use_input_stats: useInputStats, momentum, eps },
    { outputs },
  ) => {
    const [runningMean, runningVar] = [running.running_mean?.copy(), running.running_var?.copy()]
    const y = instanceNorm(input, { runningMean, runningVar, weight, bias, useInputStats, momentum, eps })
    return outputs.length === 1 ? y : [y, runningMean, runningVar]
  },
  'torch.nn.functional.embedding': ({ input, weight }, args) => embedding(input, table(weight, args), camelCase(args)),
  'torch.nn.functional.embedding_bag': ({ input, weight, offsets, per_sample_weights }, args) =>
    embeddingBag(input, table(weight, args), { offsets, perSampleWeights: per_sample_weights, ...camelCase(args) }),
  'sinusoidal positional encoding: pe[p,2i]=sin(p/10000^(2i/d)), pe[p,2i+1]=cos(same)': (
    _,
    { max_len: length, d_model: size, base },
    { dtype },
  ) => sinusoidalPositions(length, size, { base, dtype }),
  'rotary embedding [B,T,H,D]': ({ x }, { style, base }) => rotaryEmbedding(x, { style, base }),
  'torch.nn.functional.dropout': { check: checkDropout },
}
