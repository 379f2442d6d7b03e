// The perceptron learns AND and OR in a few passes and can never learn XOR.
// Source: F. Rosenblatt 1958, "The perceptron"; M. Minsky and S. Papert 1969, "Perceptrons".
import { tensor, tidy } from '@x/tensor'
import { defineScenario, type Shown } from '../scenario.ts'

const INPUTS = [
  [0, 0],
  [0, 1],
  [1, 0],
  [1, 1],
]
const GATES = { AND: [0, 0, 0, 1], OR: [0, 1, 1, 1], XOR: [0, 1, 1, 0] }

interface Learned {
  readonly w: readonly number[]
  readonly b: number
  /** Mistakes in each pass. */
  readonly mistakes: readonly number[]
}

/** Passes over the four inputs: every mistake moves the weights by lr (t − y) x. */
function learn(targets: readonly number[], passes: number, lr: number): Learned {
  let w = tensor([0, 0])
  let b = 0
  const mistakes: number[] = []
  for (let pass = 0; pass < passes && mistakes.at(-1) !== 0; pass++) {
    let wrong = 0
    INPUTS.forEach((input, i) => {
      w = tidy(() => {
        const x = tensor(input)
        const y = x.mul(w).sum().item() + b > 0 ? 1 : 0
        const error = targets[i] - y
        if (error !== 0) wrong++
        b += lr * error
        return w.add(x.mul(lr * error))
      })
    })
    mistakes.push(wrong)
  }
  return { w: w.toArray() as number[], b, mistakes }
}

/** The line w·x + b = 0 as far as it runs from −½ to 1½; empty where there is none, as for w = 0. */
function boundary({ w: [u, v], b }: Learned): { x: number[]; y: number[] } {
  // Steep lines are walked upwards, others from left to right.
  const isSteep = Math.abs(u) > Math.abs(v)
  const [along, across] = isSteep ? [v, u] : [u, v]
  const inside = Array.from({ length: 41 }, (_, i) => -0.5 + i * 0.05)
    .map((at): [number, number] => [at, -(along * at + b) / across])
    .filter(([, other]) => other >= -0.5 && other <= 1.5)
  const [first, second] = [inside.map(([at]) => at), inside.map(([, other]) => other)]
  return isSteep ? { x: second, y: first } : { x: first, y: second }
}

export const perceptron = defineScenario({
  name: 'perceptron',
  topic: 'Foundations',
  title: 'Perceptron: AND, OR, and not XOR',
  about:
    'One neuron with a threshold learns AND and OR from its mistakes. XOR it cannot learn: no straight line parts the ' +
    'two classes, so it goes on making mistakes for ever.',
  options: {
    passes: { kind: 'number', about: 'passes over the four inputs at most', default: 20, least: 1, most: 1000 },
  },
  async *run({ options: { passes }, breathe }): AsyncGenerator<Shown> {
    const curves = []
    for (const [gate, targets] of Object.entries(GATES)) {
      const learned = learn(targets, passes, 1)
      await breathe()
      curves.push({ name: gate, x: learned.mistakes.map((_, i) => i + 1), y: learned.mistakes })
      const of = (target: number) => INPUTS.filter((_, i) => targets[i] === target)
      const group = (name: string, points: number[][]) => ({
        name,
        x: points.map((p) => p[0]),
        y: points.map((p) => p[1]),
      })
      yield { kind: 'heading', text: gate }
      yield {
        kind: 'points',
        id: gate,
        title: `w = [${learned.w.join(', ')}], b = ${learned.b}`,
        groups: [group('0', of(0)), group('1', of(1)), { name: 'boundary', ...boundary(learned), line: true }],
      }
      const isLearned = learned.mistakes.at(-1) === 0
      yield gate === 'XOR'
        ? { kind: 'claim', text: `XOR is not learned in ${passes} passes`, holds: !isLearned }
        : { kind: 'claim', text: `${gate} is learned in ${learned.mistakes.length} passes`, holds: isLearned }
    }
    yield { kind: 'plot', id: 'mistakes', title: 'mistakes per pass', x: 'pass', y: 'mistakes', curves }
  },
})
