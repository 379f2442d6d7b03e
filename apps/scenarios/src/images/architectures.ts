// LeNet, a residual and an inception network on the same digits: size, cost, accuracy.
import { Adam, accuracy, crossEntropy, DataLoader, type Module, TensorDataset } from '@x/nn'
import { InceptionNet, LeNet, ResNet } from '@x/nn/models'
import { type Callback, fit, summary } from '@x/nn/training'
import { Generator, manualSeed } from '@x/tensor'
import { heldOut } from '../digits/digits.ts'
import { bundledDigits, CLASSES, toInput, toTarget } from '../digits/images.ts'
import { type Curve, defineScenario, type Shown } from '../scenario.ts'

const NETWORKS: Readonly<Record<string, (generator: Generator) => Module>> = {
  LeNet: (generator) => new LeNet(CLASSES, { side: 8, kernel: 3, generator }),
  ResNet: (generator) => new ResNet(CLASSES, { generator }),
  Inception: (generator) => new InceptionNet(CLASSES, { generator }),
}

export const architectures = defineScenario({
  name: 'architectures',
  topic: 'Images',
  title: 'LeNet, residual and inception networks',
  about:
    'Three famous ways to build a network for images, made small for digits of 8 × 8 pixels and trained with fit(). The ' +
    'tables show what each layer does to the shape and what it costs.',
  options: { epochs: { kind: 'number', about: 'passes over the 1,438 digits', default: 12, least: 1, most: 1000 } },
  async *run({ options, seed, quick, breathe }): AsyncGenerator<Shown> {
    const { train, test } = heldOut('digits', bundledDigits())
    const data = new TensorDataset(toInput(train), toTarget(train.labels))
    const validation = [{ x: toInput(test), y: toTarget(test.labels) }]
    const epochs = quick ? Math.min(options.epochs, 8) : options.epochs
    const curves: Curve[] = []
    const rows: (string | number)[][] = []
    for (const [name, build] of Object.entries(NETWORKS)) {
      manualSeed(seed)
      const generator = new Generator(seed)
      const model = build(generator)
      const { layers, parameters, multiplies } = summary(model, [1, 1, 8, 8])
      yield {
        kind: 'table',
        title: name,
        columns: ['layer', 'kind', 'output', 'parameters', 'multiplies'],
        rows: layers.map((l) => [l.path, l.kind, l.output.slice(1).join(' × '), l.parameters, l.multiplies]),
      }
      const optimizer = new Adam(model.parameters(), { lr: 3e-3 })
      const loader = new DataLoader(data, { batchSize: 32, shuffle: true, seed })
      const callbacks: Callback[] = [{ readOnly: true, onStep: breathe }]
      const settings = { loss: crossEntropy, optimizer, epochs, validation, metrics: { accuracy }, callbacks }
      const began = performance.now()
      const history = await fit(model, loader, settings)
      const seconds = (performance.now() - began) / 1000
      curves.push({ name, ...history.series('accuracy') })
      yield { kind: 'plot', id: 'accuracy', title: 'accuracy on the test digits', x: 'epoch', y: 'accuracy', curves }
      rows.push([
        name,
        parameters,
        multiplies,
        `${(100 * history.last.accuracy).toFixed(1)} %`,
        `${seconds.toFixed(1)} s`,
      ])
      const text = `${name}: ${(100 * history.last.accuracy).toFixed(1)} % of the test digits`
      yield { kind: 'claim', text, holds: history.last.accuracy > 0.92 }
      for (const owner of [model, optimizer, generator, loader.generator]) owner.dispose()
    }
    yield {
      kind: 'table',
      title: 'side by side',
      columns: ['network', 'parameters', 'multiplies', 'accuracy', 'time'],
      rows,
    }
    for (const x of [data.x, data.y, validation[0].x, validation[0].y]) x.dispose()
  },
})
