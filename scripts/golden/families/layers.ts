// Layers in functional form.

import { conv2d, dropout, layerNorm, linear } from '@x/nn'
import { ones, type Tensor, zeros } from '@x/tensor'
import { maxPool2d } from '@x/tensor/conv'
import { Mismatch } from '../compare.ts'
import type { Case } from '../read.ts'
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
  'torch.nn.functional.linear': ({ input, weight, bias }) => linear(input, weight, bias ?? null),
  'torch.nn.functional.conv2d': ({ input, weight, bias }, { stride, padding, dilation, groups }) =>
    conv2d(input, weight, bias ?? null, { stride, padding, dilation, groups }),
  'torch.nn.functional.max_pool2d': ({ input }, { kernel_size, stride, padding }) =>
    maxPool2d(input, kernel_size, { stride, padding }),
  'torch.nn.functional.layer_norm': ({ input, weight, bias }, { normalized_shape: shape, eps }, { dtype }) =>
    layerNorm(input, weight ?? ones(shape, { dtype }), bias ?? zeros(shape, { dtype }), { eps }),
  'torch.nn.functional.embedding': ({ input, weight }) => weight.take(input),
  'torch.nn.functional.dropout': { check: checkDropout },
}
