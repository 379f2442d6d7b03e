// Two networks against each other: one forges digits, the other judges them.
import { valueAndGrad } from '@x/autograd'
import { Adam } from '@x/nn'
import { Gan } from '@x/nn/models'
import { Generator, manualSeed, rand, tidy } from '@x/tensor'
import { defineScenario, type Shown } from '../scenario.ts'
import { digitImages, PIXELS, realDigits, strangeness } from './digits.ts'
import { BATCH, loop } from './train.ts'

const LATENT = 16

export const gan = defineScenario({
  name: 'gan',
  topic: 'Generating',
  title: 'Adversarial networks',
  about:
    'A forger turns noise into images, a judge tells them from real digits, and each learns from the other. The losses do ' +
    'not fall as elsewhere: they hold each other in balance while the forgeries get better.',
  options: { steps: { kind: 'number', about: 'training steps', default: 6000, least: 10, most: 200_000 } },
  async *run({ options: { steps }, seed, quick, breathe }): AsyncGenerator<Shown> {
    manualSeed(seed)
    const generator = new Generator(seed)
    const model = new Gan(PIXELS, LATENT, { generator })
    const [forger, judge] = [model.forger.parameters(), model.judge.parameters()]
    const betas = [0.5, 0.999] as const
    const [ofForger, ofJudge] = [new Adam(forger, { lr: 5e-4, betas }), new Adam(judge, { lr: 5e-4, betas })]
    const data = realDigits()
    const noise = tidy(() => strangeness(rand([200, PIXELS], { generator }), data))
    yield digitImages(
      'before',
      'forgeries before the training',
      tidy(() => model.sample(10, { generator })),
    )
    yield* loop({
      data,
      steps: quick ? Math.min(steps, 5000) : steps,
      generator,
      breathe,
      names: ['judge', 'forger'],
      unit: 'nats',
      step: (batch) => {
        const forged = model.sample(BATCH)
        const judged = valueAndGrad(() => model.judgeLoss(batch, forged, { real: 0.9 }), judge)
        ofJudge.step(judged.grads)
        const fooled = valueAndGrad(() => model.forgerLoss(model.sample(BATCH)), forger)
        ofForger.step(fooled.grads)
        return [judged.value, fooled.value]
      },
    })
    const drawn = model.sample(20, { generator })
    yield digitImages('samples', 'forgeries', drawn)
    const strange = tidy(() => strangeness(model.sample(200, { generator }), data))
    const text = `distance to the nearest real digit: ${strange.toFixed(2)} (real ones 1, noise ${noise.toFixed(2)})`
    yield { kind: 'claim', text, holds: strange < 1.7 }
    for (const owner of [model, ofForger, ofJudge, generator, data, drawn]) owner.dispose()
  },
})
