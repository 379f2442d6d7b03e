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
import type { Table } from './table.ts'

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
  'torch.nn.functional.instance_norm': ({ input, weight, bias }, { eps }) => instanceNorm(input, { weight, bias, eps }),
  'torch.nn.functional.embedding': ({ input, weight }, { padding_idx: paddingIdx }) =>
    embedding(input, weight, { paddingIdx }),
  'torch.nn.functional.embedding_bag': ({ input, weight, offsets, per_sample_weights }, { mode }) =>
    embeddingBag(input, weight, { offsets, mode, perSampleWeights: per_sample_weights }),
  'sinusoidal positional encoding: pe[p,2i]=sin(p/10000^(2i/d)), pe[p,2i+1]=cos(same)': (
    _,
    { max_len: length, d_model: size, base },
    { dtype },
  ) => sinusoidalPositions(length, size, { base, dtype }),
  'rotary embedding [B,T,H,D]': ({ x }, { style, base }) => rotaryEmbedding(x, { style, base }),
  'torch.nn.functional.dropout': { check: checkDropout },
}
