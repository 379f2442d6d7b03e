// What most programs that train need: all kernels but those of recurrent layers and of attention.

export * from './activation'
export * from './batchNorm'
export * from './crossEntropy'
export * from './dropout'
export {
  layerNorm_f32,
  layerNorm_f64,
  layerNormGrad_f32,
  layerNormGrad_f64,
  layerNormGradScale_f32,
  layerNormGradScale_f64,
} from './norm'
export * from './optim'
