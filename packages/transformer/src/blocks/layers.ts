// Layers of models: made with first numbers for training, or with none for checkpoints, whose tensors take their place.
import { Embedding, LayerNorm, Linear, type Module, parameter, RMSNorm } from '@x/nn'
import { Generator, normal, ones, type Shape, Tensor, zeros } from '@x/tensor'
import { checkOptions, empty, lasting, sizeOf } from '@x/tensor/op'

export interface LinearSize {
  /** Whether there is a bias. Default true. */
  bias?: boolean
  /** Factor of the standard deviation of the first weights. Default 1. */
  scale?: number
}

/** Makes the layers of a model. */
export interface LayerMaker {
  linear(inFeatures: number, outFeatures: number, size?: LinearSize): Linear
  embedding(rows: number, size: number): Embedding
  layerNorm(size: number, eps: number, bias?: boolean): LayerNorm
  rmsNorm(size: number, eps: number): RMSNorm
  /** A parameter that belongs to no layer, zeros at first. */
  zeros(shape: Shape): Tensor
}

/** Where the numbers of a parameter come from. */
interface Source {
  normal(shape: Shape, scale?: number): Tensor
  full(shape: Shape, value: 0 | 1): Tensor
}

/** A layer of the smallest size with tensors of the right size in the place of its own, which it need not fill then. */
function withTensors<M extends Module>(
  make: (generator: Generator) => M,
  tensors: Readonly<Record<string, Tensor>>,
): M {
  // Its first numbers, which nobody wants, come out of nobody's stream.
  const generator = new Generator(0)
  const layer = make(generator)
  generator.dispose()
  for (const [field, x] of Object.entries(tensors)) {
    const own = layer[field as keyof M]
    if (own instanceof Tensor) own.dispose()
    ;(layer as Record<string, unknown>)[field] = x
  }
  return layer
}

const makerOf = ({ normal, full }: Source): LayerMaker => ({
  linear: (inFeatures, outFeatures, { bias = true, scale } = {}) =>
    withTensors((generator) => new Linear(1, 1, { bias, generator }), {
      weight: normal([outFeatures, inFeatures], scale),
      ...(bias && { bias: full([outFeatures], 0) }),
    }),
  embedding: (rows, size) =>
    withTensors((generator) => new Embedding(1, 1, { generator }), { weight: normal([rows, size]) }),
  layerNorm: (size, eps, bias = true) => new LayerNorm(size, { eps, bias }),
  rmsNorm: (size, eps) => new RMSNorm(size, { eps }),
  zeros: (shape) => full(shape, 0),
})

export interface InitialOptions {
  /** Where the first numbers come from. Default: the generator that `manualSeed` seeds. */
  generator?: Generator
  /** Standard deviation of weights where the model does not say another. Default 0.02. */
  std?: number
}

/**
 * Whoever is to make the layers of a model: the given one, or one for training, with normal weights, biases 0, norms 1.
 * @throws RangeError for an option that there is not
 */
export function layersFor(
  model: string,
  options: InitialOptions | LayerMaker,
  others: readonly string[] = [],
): LayerMaker {
  if ('linear' in options) return options
  checkOptions(model, options, ['generator', 'std', ...others])
  const { generator, std = 0.02 } = options
  return makerOf({
    normal: (shape, scale = 1) => parameter(normal(shape, { mean: 0, std: std * scale, generator })),
    full: (shape, value) => parameter(value ? ones(shape) : zeros(shape)),
  })
}

/** A parameter that has a shape and no memory yet. */
function placeholder(shape: Shape): Tensor {
  const { storage } = lasting(() => empty([0], 'float32', true))
  const x = new Tensor(storage, 'float32', shape)
  x.role = 'parameter'
  return x
}

/** Whether a parameter still waits for its numbers. */
export const isUnset = (x: Tensor): boolean => x.storage.bytes === 0 && sizeOf(x.shape) > 0

/** Layers for checkpoints: their weights have shapes alone until they are loaded. */
export const unset: LayerMaker = makerOf({ normal: placeholder, full: placeholder })
