// Losses.
import * as nn from '@x/nn'
import type { Table } from './table.ts'

export const losses: Table = {
  'torch.nn.functional.mse_loss': ({ input, target }, { reduction }) => nn.mseLoss(input, target, { reduction }),
  'torch.nn.functional.l1_loss': ({ input, target }, { reduction }) => nn.l1Loss(input, target, { reduction }),
  'torch.nn.functional.smooth_l1_loss': ({ input, target }, { beta, reduction }) =>
    nn.smoothL1Loss(input, target, { beta, reduction }),
  'torch.nn.functional.huber_loss': ({ input, target }, { delta, reduction }) =>
    nn.huberLoss(input, target, { delta, reduction }),
  'torch.nn.functional.kl_div': ({ input, target }, { log_target, reduction }) =>
    nn.klDiv(input, target, { logTarget: log_target, reduction }),
  'torch.nn.functional.poisson_nll_loss': ({ input, target }, { log_input, full, eps, reduction }) =>
    nn.poissonNllLoss(input, target, { logInput: log_input, full, eps, reduction }),
  'torch.nn.functional.gaussian_nll_loss': ({ input, target, var: variance }, { full, eps, reduction }) =>
    nn.gaussianNllLoss(input, target, variance, { full, eps, reduction }),
  'torch.nn.functional.binary_cross_entropy': ({ input, target, weight }, { reduction }) =>
    nn.binaryCrossEntropy(input, target, { weight, reduction }),
  'torch.nn.functional.binary_cross_entropy_with_logits': (
    { input, target, weight, pos_weight: posWeight },
    { reduction },
  ) => nn.binaryCrossEntropyWithLogits(input, target, { weight, posWeight, reduction }),
  'torch.nn.functional.soft_margin_loss': ({ input, target }, { reduction }) =>
    nn.softMarginLoss(input, target, { reduction }),
  'torch.nn.functional.cross_entropy': (
    { input, target, weight },
    { reduction, ignore_index: ignoreIndex, label_smoothing: labelSmoothing },
  ) => nn.crossEntropy(input, target, { weight, reduction, ignoreIndex, labelSmoothing }),
  'torch.nn.functional.nll_loss': ({ input, target, weight }, { reduction, ignore_index: ignoreIndex }) =>
    nn.nllLoss(input, target, { weight, reduction, ignoreIndex }),
  'torch.nn.functional.multi_margin_loss': ({ input, target, weight }, { p, margin, reduction }) =>
    nn.multiMarginLoss(input, target, { weight, p, margin, reduction }),
  'torch.nn.functional.cosine_embedding_loss': ({ input1, input2, target }, { margin, reduction }) =>
    nn.cosineEmbeddingLoss(input1, input2, target, { margin, reduction }),
  'torch.nn.functional.triplet_margin_loss': ({ anchor, positive, negative }, { margin, p, eps, swap, reduction }) =>
    nn.tripletMarginLoss(anchor, positive, negative, { margin, p, eps, swap, reduction }),
  'torch.nn.functional.margin_ranking_loss': ({ input1, input2, target }, { margin, reduction }) =>
    nn.marginRankingLoss(input1, input2, target, { margin, reduction }),
  'torch.nn.functional.hinge_embedding_loss': ({ input, target }, { margin, reduction }) =>
    nn.hingeEmbeddingLoss(input, target, { margin, reduction }),
  // The recorded gradient is that of the logits.
  'torch.nn.functional.ctc_loss': (
    { logits, targets, input_lengths: inputLengths, target_lengths: targetLengths },
    { blank, reduction, zero_infinity: zeroInfinity },
  ) => nn.ctcLoss(logits.logSoftmax(2), targets, { inputLengths, targetLengths, blank, reduction, zeroInfinity }),
}
