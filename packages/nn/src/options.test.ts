// Every function, class and method that takes options refuses those that there are not; a new export has to say which it is.
import { ones, tensor, zeros } from '@x/tensor'
import { expect, test } from 'vitest'
import * as data from './data.ts'
import * as nn from './index.ts'
import * as metrics from './metrics.ts'
import * as models from './models.ts'
import * as schedules from './schedules.ts'
import * as training from './training.ts'

type Given = Record<string, unknown>

const classes = tensor([0, 1], { dtype: 'int32' })
const x = ones([2, 3])
const sequences = ones([2, 4, 8])
const images = ones([1, 4, 8, 8])
const signs = tensor([1, -1])
const weights = (): nn.SGD => new nn.SGD([tensor([1])])

/** Constructs a class, whose last argument are the options. */
const made = (type: unknown, ...args: readonly unknown[]): ((o: Given) => unknown) => {
  const Class = type as new (...args: readonly unknown[]) => unknown
  return (o) => new Class(...args, o)
}
/** Calls a function, whose last argument are the options. */
const called = (fn: unknown, ...args: readonly unknown[]): ((o: Given) => unknown) => {
  return (o) => (fn as (...args: readonly unknown[]) => unknown)(...args, o)
}

const optimizers = ['ASGD', 'Adadelta', 'Adagrad', 'Adam', 'AdamW', 'Adamax', 'LBFGS', 'NAdam', 'RAdam', 'RMSprop', 'Rprop', 'SGD'] as const // biome-ignore format: a list
const losses = ['BCELoss', 'BCEWithLogitsLoss', 'CTCLoss', 'CosineEmbeddingLoss', 'CrossEntropyLoss', 'GaussianNLLLoss', 'HingeEmbeddingLoss', 'HuberLoss', 'KLDivLoss', 'L1Loss', 'MSELoss', 'MarginRankingLoss', 'MultiMarginLoss', 'NLLLoss', 'PoissonNLLLoss', 'SmoothL1Loss', 'SoftMarginLoss', 'TripletMarginLoss'] as const // biome-ignore format: a list
const activations = ['CELU', 'ELU', 'GELU', 'Hardshrink', 'Hardtanh', 'LeakyReLU', 'PReLU', 'Softplus', 'Softshrink'] as const // biome-ignore format: a list
const dropouts = ['AlphaDropout', 'Dropout', 'Dropout1d', 'Dropout2d', 'Dropout3d', 'FeatureAlphaDropout'] as const
const norms = ['BatchNorm1d', 'BatchNorm2d', 'BatchNorm3d', 'InstanceNorm1d', 'InstanceNorm2d', 'InstanceNorm3d', 'LayerNorm', 'LocalResponseNorm', 'RMSNorm'] as const // biome-ignore format: a list
const convolutions = ['Conv1d', 'Conv2d', 'Conv3d', 'ConvTranspose1d', 'ConvTranspose2d'] as const
const pools = ['AdaptiveMaxPool1d', 'AdaptiveMaxPool2d', 'AvgPool1d', 'AvgPool2d', 'MaxPool1d', 'MaxPool2d', 'MaxUnpool1d', 'MaxUnpool2d', 'Unfold'] as const // biome-ignore format: a list
const recurrent = ['GRU', 'GRUCell', 'LSTM', 'LSTMCell', 'RNN', 'RNNCell'] as const
const of = (names: readonly (keyof typeof nn)[], ...args: readonly unknown[]): Record<string, (o: Given) => unknown> =>
  Object.fromEntries(names.map((name) => [name, made(nn[name], ...args)]))
const calls = (names: readonly (keyof typeof nn)[], ...args: readonly unknown[]) =>
  Object.fromEntries(names.map((name) => [name, called(nn[name], ...args)]))

/** What takes options, with all else that it needs. */
const takers: Readonly<Record<string, (options: Given) => unknown>> = {
  Bilinear: made(nn.Bilinear, 2, 2, 2),
  DataLoader: made(nn.DataLoader, new nn.TensorDataset(x, x)),
  Fold: made(nn.Fold, 4, 2),
  GroupNorm: made(nn.GroupNorm, 2, 4),
  Transformer: made(nn.Transformer),
  TransformerDecoder: made(nn.TransformerDecoder, () => new nn.Identity(), 1),
  TransformerEncoder: made(nn.TransformerEncoder, () => new nn.Identity(), 1),
  Upsample: made(nn.Upsample),
  'Module.loadStateDict': called((o: Given) => new nn.Identity().loadStateDict({}, o)),
  'MultiheadAttention.forward': (o) => new nn.MultiheadAttention(8, 2).forward(sequences, sequences, sequences, o),
  'TransformerEncoderLayer.forward': (o) => new nn.TransformerEncoderLayer(8, 2).forward(sequences, o),
  'TransformerDecoderLayer.forward': (o) => new nn.TransformerDecoderLayer(8, 2).forward(sequences, sequences, o),

  ...calls(['adaptiveMaxPool1d', 'avgPool1d', 'maxPool1d'], sequences, 2),
  ...calls(['adaptiveMaxPool2d', 'avgPool2d', 'maxPool2d', 'unfold'], images, 2),
  ...calls(['lpPool1d'], sequences, 2, 2),
  ...calls(['lpPool2d'], images, 2, 2),
  ...calls(['maxUnpool1d'], sequences, zeros([2, 4, 8], { dtype: 'int32' }), 2),
  ...calls(['maxUnpool2d'], images, zeros([1, 4, 8, 8], { dtype: 'int32' }), 2),
  ...calls(['alphaDropout', 'dropout', 'featureAlphaDropout', 'dropout1d'], sequences, 0.5),
  ...calls(['dropout2d'], images, 0.5),
  ...calls(['dropout3d'], ones([1, 1, 2, 2, 2]), 0.5),
  ...calls(['attentionWeights'], sequences, sequences),
  ...calls(['scaledDotProductAttention'], sequences, sequences, sequences),
  ...calls(['batchNorm', 'instanceNorm', 'rmsNorm'], sequences),
  ...calls(['celu', 'elu', 'hardshrink', 'hardtanh', 'leakyRelu', 'normalize', 'softplus', 'softshrink'], x),
  ...calls(['conv1d'], sequences, ones([2, 4, 3]), null),
  ...calls(['conv2d'], images, ones([2, 4, 3, 3]), null),
  ...calls(['conv3d'], ones([1, 1, 4, 4, 4]), ones([1, 1, 2, 2, 2]), null),
  ...calls(['convTranspose1d'], sequences, ones([4, 2, 3]), null),
  ...calls(['convTranspose2d'], images, ones([4, 2, 3, 3]), null),
  ...calls(['binaryCrossEntropy', 'binaryCrossEntropyWithLogits', 'huberLoss', 'klDiv', 'l1Loss', 'mseLoss'], x, x),
  ...calls(['cosineSimilarity', 'pairwiseDistance', 'poissonNllLoss', 'smoothL1Loss', 'softMarginLoss'], x, x),
  ...calls(['cosineEmbeddingLoss'], x, x, signs),
  ...calls(['gaussianNllLoss', 'marginRankingLoss', 'tripletMarginLoss'], x, x, ones([2, 3])),
  ...calls(['hingeEmbeddingLoss'], signs, signs),
  ...calls(['crossEntropy', 'multiMarginLoss', 'nllLoss'], x, classes),
  ...calls(['ctcLoss'], ones([4, 2, 3]), tensor([[1], [2]], { dtype: 'int32' })),
  ...calls(['embedding'], classes, x),
  ...calls(['embeddingBag'], classes.unsqueeze(0), x),
  batchNorm: called(nn.batchNorm, sequences),
  clipGradNorm: called(nn.clipGradNorm, [x], 1),
  fanInUniform: called(nn.fanInUniform, [2], 2),
  fold: called(nn.fold, ones([1, 4, 9]), 4, 2),
  groupNorm: called(nn.groupNorm, sequences, 2),
  interpolate: called(nn.interpolate, images),
  layerNorm: called(nn.layerNorm, x, null, null),
  linear: called(nn.linear, x, x, null),
  localResponseNorm: called(nn.localResponseNorm, sequences, 2),
  packPaddedSequence: called(nn.packPaddedSequence, sequences, [2, 1, 1, 1]),
  padPackedSequence: called(nn.padPackedSequence, nn.packPaddedSequence(sequences, [2, 1, 1, 1])),
  rmsNorm: called(nn.rmsNorm, x, null),
  rotaryEmbedding: called(nn.rotaryEmbedding, sequences),
  selfAttention: called(nn.selfAttention, ones([1, 2, 12]), 2),
  sinusoidalPositions: called(nn.sinusoidalPositions, 2, 4),

  dirac: called(nn.init.dirac, ones([2, 2, 3])),
  kaimingNormal: called(nn.init.kaimingNormal, ones([2, 3])),
  kaimingUniform: called(nn.init.kaimingUniform, ones([2, 3])),
  normal: called(nn.init.normal, ones([2, 3])),
  orthogonal: called(nn.init.orthogonal, ones([2, 3])),
  sparse: called(nn.init.sparse, ones([2, 3]), 0.5),
  truncNormal: called(nn.init.truncNormal, ones([2, 3])),
  uniform: called(nn.init.uniform, ones([2, 3])),
  xavierNormal: called(nn.init.xavierNormal, ones([2, 3])),
  xavierUniform: called(nn.init.xavierUniform, ones([2, 3])),

  'CsvTable.toTensor': called((o: Given) => data.readCsv('a\n1').toTensor(['a'], o)),
  randomSplit: called(data.randomSplit, new nn.TensorDataset(x, x), [1, 1]),
  readCsv: called(data.readCsv, 'a\n1'),
  readIdx: called(data.readIdx, Uint8Array.of(0, 0, 8, 1, 0, 0, 0, 1, 5)),
  confusionMatrix: called(metrics.confusionMatrix, classes, classes),
  precisionRecallF1: called(metrics.precisionRecallF1, classes, classes),

  Autoencoder: made(models.Autoencoder, 4, 2),
  Diffusion: made(models.Diffusion, 4),
  'Diffusion.sample': (o) => new models.Diffusion(4).sample(1, o),
  Gan: made(models.Gan, 4, 2),
  'Gan.judgeLoss': (o) => new models.Gan(3, 2).judgeLoss(x, x, o),
  'Gan.sample': (o) => new models.Gan(3, 2).sample(1, o),
  InceptionBlock: made(models.InceptionBlock, 1, { one: 1, three: [1, 1], five: [1, 1], pool: 1 }),
  InceptionNet: made(models.InceptionNet, 10),
  LeNet: made(models.LeNet, 10),
  RecurrentLanguageModel: made(models.RecurrentLanguageModel, 4),
  'RecurrentLanguageModel.generate': (o) => new models.RecurrentLanguageModel(4).generate([1], 1, o),
  ResNet: made(models.ResNet, 10),
  ResidualBlock: made(models.ResidualBlock, 1, 1),
  Seq2Seq: made(models.Seq2Seq, 4, 4),
  Vae: made(models.Vae, 4, 2),
  'Vae.sample': (o) => new models.Vae(4, 2).sample(1, o),
  Word2Vec: made(models.Word2Vec, 4),

  ConstantLR: (o) => new schedules.ConstantLR(weights(), o),
  LinearLR: (o) => new schedules.LinearLR(weights(), o),
  PolynomialLR: (o) => new schedules.PolynomialLR(weights(), o),
  ReduceLROnPlateau: (o) => new schedules.ReduceLROnPlateau(weights(), o),

  earlyStopping: called(training.earlyStopping),
  evaluate: (o) => training.evaluate(new nn.Linear(3, 1), [], o),
  summary: called(training.summary, new nn.Linear(3, 1), [1, 3]),
}

/** What takes options of which some must be given. */
const requiring: Readonly<Record<string, (options: Given) => unknown>> = {
  ...of(optimizers, [tensor([1])]),
  ...of(losses),
  ...of(activations),
  ...of(dropouts, 0.5),
  ...of(norms, 4),
  ...of(convolutions, 4, 4, 3),
  ...of(pools, 2),
  ...of(['LPPool1d', 'LPPool2d'], 2, 2),
  ...of(recurrent, 3, 4),
  ...of(['Linear', 'Embedding', 'EmbeddingBag'], 3, 4),
  ...of(['MultiheadAttention', 'TransformerEncoderLayer', 'TransformerDecoderLayer'], 4, 2),
  'a group of an optimiser': (o) => new nn.Adam([{ params: [tensor([1])], ...o }]),
  'Seq2Seq.translate': (o) => new models.Seq2Seq(4, 4).translate([1], { begin: 1, end: 2, ...o }),
  CosineAnnealingLR: (o) => new schedules.CosineAnnealingLR(weights(), { tMax: 2, ...o }),
  CosineAnnealingWarmRestarts: (o) => new schedules.CosineAnnealingWarmRestarts(weights(), { t0: 2, ...o }),
  CyclicLR: (o) => new schedules.CyclicLR(weights(), { baseLr: 1, maxLr: 2, ...o }),
  ExponentialLR: (o) => new schedules.ExponentialLR(weights(), { gamma: 0.5, ...o }),
  MultiStepLR: (o) => new schedules.MultiStepLR(weights(), { milestones: [1], ...o }),
  OneCycleLR: (o) => new schedules.OneCycleLR(weights(), { maxLr: 1, totalSteps: 4, ...o }),
  SequentialLR: (o) => {
    const optimizer = weights()
    return new schedules.SequentialLR(optimizer, [new schedules.ConstantLR(optimizer)], { milestones: [], ...o })
  },
  StepLR: (o) => new schedules.StepLR(weights(), { stepSize: 1, ...o }),
  noam: (o) => schedules.noam(1, { modelSize: 4, warmup: 2, ...o }),
  checkpoint: (o) => training.checkpoint({ save: () => {}, ...o }),
  fit: (o) => training.fit(new nn.Linear(3, 1), [], { loss: nn.mseLoss, optimizer: weights(), ...o }),
}

/** What takes none. */
const without: readonly string[] = `
  AdaptiveAvgPool1d AdaptiveAvgPool2d ChainedScheduler CircularPad1d CircularPad2d ConstantPad1d ConstantPad2d CsvTable
  Flatten GLU Hardsigmoid Hardswish History Identity LRScheduler LambdaLR ListDataset LogSigmoid LogSoftmax Mish Module
  ModuleDict ModuleList Optimizer PackedSequence ParameterList ParameterOptimizer PixelShuffle PixelUnshuffle
  RateScheduler ReLU ReLU6 ReflectionPad1d ReflectionPad2d ReplicationPad1d ReplicationPad2d SELU Sequential SiLU Sigmoid
  Softmax Softmin Softsign StateDictError Subset Tanh Tanhshrink TensorDataset Threshold Unflatten ZeroPad1d ZeroPad2d
  accuracy adaptiveAvgPool1d adaptiveAvgPool2d bilinear buffer calculateFanInAndFanOut calculateGain classScores
  clipGradValue constant eye glu hardsigmoid hardswish l1Penalty l2Penalty logSigmoid meanAbsoluteError meanSquaredError
  mish ones pace parameter perplexity pixelShuffle pixelUnshuffle prelu r2Score readCifar relu6 rocAuc rocCurve selu silu
  snakeCase softmin softsign tanhshrink threshold topKAccuracy weightedSampler zeros
`
  .trim()
  .split(/\s+/)

test('every export says whether it takes options', () => {
  const exported = [nn, nn.init, data, metrics, models, schedules, training].flatMap((entry) =>
    Object.entries(entry).flatMap(([name, value]) => (typeof value === 'function' ? [name] : [])),
  )
  const listed = [...Object.keys({ ...takers, ...requiring }), ...without]
  expect([...new Set(exported)].filter((name) => !listed.includes(name))).toEqual([])
  expect(without.filter((name) => !exported.includes(name) || name in takers || name in requiring)).toEqual([])
})

test.each(Object.entries({ ...takers, ...requiring }))('%s refuses an option that there is not', async (_, call) => {
  const attempt = async (): Promise<unknown> => call({ unheardOf: 1 })
  await expect(attempt).rejects.toThrow(RangeError)
  await expect(attempt).rejects.toThrow(/^\w+: there is no option 'unheardOf'; there (is|are) \w+/)
})

test.each(Object.entries(takers))('%s does not take a number or null for options', async (_, call) => {
  for (const given of [3, null]) {
    const attempt = async (): Promise<unknown> => call(given as unknown as Given)
    await expect(attempt).rejects.toThrow(TypeError)
    await expect(attempt).rejects.toThrow(/^\w+: options are \{ \w.* \}, not /)
  }
})

test.each([
  ['Dropout p', () => new nn.Dropout(1.5), 'Dropout: p 1.5 is not from 0 to 1'],
  ['dropout p', () => nn.dropout2d(images, -0.5), 'dropout2d: p -0.5 is not from 0 to 1'],
  ['a text', () => new nn.Dropout('0.5' as unknown as number), 'Dropout: p 0.5 is not from 0 to 1'],
  ['kernelSize', () => new nn.Conv2d(1, 1, 0), 'Conv2d: kernelSize 0 is not a whole number ≥ 1'],
  ['groups', () => new nn.Conv2d(3, 4, 1, { groups: 2 }), 'Conv2d: inChannels 3 is no multiple of 2'],
  ['size of a window', () => new nn.MaxPool2d(0), 'maxPool2d: size 0'],
  ['padding of a window', () => new nn.AvgPool1d(2, { padding: 2 }), 'padding [0, 2] is more than half the window'],
  ['stride of a window', () => new nn.LPPool1d(2, 2, { stride: 0 }), 'stride'],
  ['norm of a window', () => new nn.LPPool1d(0, 2), 'lpPool1d: p 0'],
  ['size of a result', () => new nn.AdaptiveAvgPool2d(0), 'adaptiveAvgPool2d: size 0'],
  ['lr', () => new nn.SGD([tensor([1])], { lr: -1 }), 'SGD: lr -1 is not in [0, Infinity)'],
  ['labelSmoothing', () => nn.crossEntropy(x, classes, { labelSmoothing: 2 }), 'labelSmoothing 2 is not from 0 to 1'],
  ['reduction', () => new nn.MSELoss({ reduction: 'avg' as 'sum' }), "reduction 'avg' is not one of mean, sum, none"],
  ['batchmean', () => nn.mseLoss(x, x, { reduction: 'batchmean' as 'sum' }), "reduction 'batchmean'"],
  ['delta', () => nn.huberLoss(x, x, { delta: 0 }), 'huberLoss: delta 0 is not positive'],
  ['minVal', () => new nn.Hardtanh({ minVal: 2 }), 'hardtanh: minVal 2 is not below maxVal 1'],
  ['lambda', () => new nn.Softshrink({ lambda: -1 }), 'softshrink: lambda -1 is not ≥ 0'],
  ['beta', () => new nn.Softplus({ beta: 0 }), 'softplus: beta 0 is not positive'],
  ['nonlinearity', () => new nn.RNN(2, 2, { nonlinearity: 'gelu' as 'relu' }), "'gelu' is not one of tanh, relu"],
  ['hiddenSize', () => new nn.GRUCell(2, 0.5), 'GRUCell: hiddenSize 0.5 is not a whole number ≥ 1'],
  ['projSize', () => new nn.LSTM(2, 2, { projSize: 2 }), 'LSTM: projSize 2 is not from 0 to 1'],
  ['activation', () => nn.linear(x, x, null, { activation: 'elu' as 'relu' }), "activation 'elu' is not one of"],
  ['cell', () => new models.RecurrentLanguageModel(2, { cell: 'CNN' as 'GRU' }), "cell 'CNN' is not one of"],
  ['gamma', () => new schedules.StepLR(weights(), { stepSize: 1, gamma: -1 }), 'StepLR: gamma -1 is not ≥ 0'],
  ['stepSize', () => new schedules.StepLR(weights(), { stepSize: 0 }), 'stepSize 0 is not a whole number ≥ 1'],
  ['batchSize', () => new nn.DataLoader(new nn.TensorDataset(x, x), { batchSize: 0 }), 'batchSize 0'],
  ['maxNorm', () => nn.clipGradNorm([x], -1), 'clipGradNorm: maxNorm -1 is not ≥ 0'],
] as const)('%s has its range', (_, call, text) => {
  expect(call).toThrow(RangeError)
  expect(call).toThrow(text)
})

test('what is no options object is not taken for none', () => {
  expect(() => nn.mseLoss(x, x, 'sum' as unknown as object)).toThrow(TypeError)
  expect(() => new nn.SGD([tensor([1])], 0.1 as unknown as object)).toThrow(TypeError)
  expect(() => new nn.LeakyReLU(0.2 as unknown as object)).toThrow('leakyRelu: options are { negativeSlope }')
  expect(() => new schedules.StepLR({} as nn.SGD, { stepSize: 1 })).toThrow('StepLR: [object Object] is no optimiser')
})
