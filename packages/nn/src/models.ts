// @x/nn/models: worked models, each in one file with its source.
export { Autoencoder, type AutoencoderOptions } from './models/autoencoder.ts'
export { Diffusion, type DiffusionOptions, type SampleOptions } from './models/diffusion.ts'
export { Gan, type GanOptions } from './models/gan.ts'
export { InceptionBlock, InceptionNet, type InceptionWidths } from './models/inception.ts'
export {
  type LanguageModelState,
  RecurrentLanguageModel,
  type RecurrentLanguageModelOptions,
} from './models/languageModel.ts'
export { LeNet, type LeNetOptions } from './models/lenet.ts'
export { ResidualBlock, ResNet, type ResNetOptions } from './models/resnet.ts'
export { Seq2Seq, type Seq2SeqOptions, type Seq2SeqOutput } from './models/seq2seq.ts'
export { type Elbo, Vae, type VaeOptions, type VaeOutput } from './models/vae.ts'
export { type Neighbour, Word2Vec, type Word2VecOptions } from './models/word2vec.ts'
