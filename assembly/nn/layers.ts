// What most models need: all kernels but those of recurrent layers, of attention and of training alone.

export * from './activation'
export * from './dropout'
export { layerNorm_f32, layerNorm_f64, layerNormGrad_f32, layerNormGrad_f64 } from './norm'
