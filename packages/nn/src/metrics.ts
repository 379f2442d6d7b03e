// @x/nn/metrics: how good predictions are, beside the loss.
export { accuracy } from './metrics/accuracy.ts'
export {
  type Average,
  classScores,
  confusionMatrix,
  precisionRecallF1,
  type Scores,
  topKAccuracy,
} from './metrics/classification.ts'
export { type RocCurve, rocAuc, rocCurve } from './metrics/ranking.ts'
export { meanAbsoluteError, meanSquaredError, perplexity, r2Score } from './metrics/regression.ts'
