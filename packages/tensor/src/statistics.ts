// @x/tensor/statistics: histograms, quantiles and reductions without NaN, an entry of its own so that others need not carry it.
export {
  type BincountOptions,
  bincount,
  type HistcOptions,
  type Histogram,
  type Histogram2d,
  type Histogram2dOptions,
  type HistogramOptions,
  histc,
  histogram,
  histogram2d,
} from './ops/reductions/histogram.ts'
export {
  nancumprod,
  nancumsum,
  nanmax,
  nanmean,
  nanmin,
  nanprod,
  nanstd,
  nansum,
  nanvar,
} from './ops/reductions/nan.ts'
export {
  type AverageOptions,
  average,
  mode,
  nanquantile,
  type Quantile,
  type QuantileMethod,
  type QuantileOptions,
  quantile,
} from './ops/reductions/statistics.ts'
