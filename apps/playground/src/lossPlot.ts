// The plot of a run: the loss of every step, its running mean, and the accuracy after every epoch.
import uPlot from 'uplot'
import { colour, onSchemeChange } from './colours.ts'
import { latest } from './legend.ts'
import { count, percent } from './page.ts'

/** The running mean keeps this share of its past. */
const SMOOTHING = 0.9
const HEIGHT = 300

const threeDecimals = (value: number): string => value.toFixed(3)

export interface LossPlot {
  begin(steps: number): void
  loss(step: number, value: number): void
  accuracy(step: number, share: number): void
}

export function lossPlot(element: HTMLElement): LossPlot {
  let steps: number[] = []
  let losses: number[] = []
  let means: number[] = []
  let accuracies: (number | null)[] = []
  let last = 1
  let isDue = false
  let plot = create()

  function create(): uPlot {
    const axis = {
      stroke: colour('--muted'),
      grid: { stroke: colour('--line'), width: 1 },
      ticks: { show: false },
      font: '12px system-ui',
    }
    const options: uPlot.Options = {
      width: element.clientWidth || 480,
      height: HEIGHT,
      cursor: { y: false, points: { show: false } },
      scales: {
        x: { time: false, range: () => [0, last] },
        loss: { range: (_, __, max) => [0, Math.max(max ?? 0, 0.1)] },
        accuracy: { range: [0, 1] },
      },
      axes: [
        { ...axis, size: 32 },
        { ...axis, scale: 'loss', size: 44 },
        {
          ...axis,
          scale: 'accuracy',
          side: 1,
          size: 50,
          grid: { show: false },
          values: (_, values) => values.map((v) => `${Math.round(100 * v)} %`),
        },
      ],
      series: [
        { label: 'step', value: latest(count) },
        { label: 'loss', scale: 'loss', stroke: colour('--faint'), width: 1, value: latest(threeDecimals) },
        {
          label: 'mean loss',
          scale: 'loss',
          stroke: colour('--accent'),
          width: 2,
          value: latest(threeDecimals),
        },
        {
          label: 'test accuracy',
          scale: 'accuracy',
          stroke: colour('--good'),
          width: 2,
          spanGaps: true,
          points: { show: true, size: 5 },
          value: latest(percent),
        },
      ],
    }
    return new uPlot(options, [steps, losses, means, accuracies], element)
  }
  const paint = (): void => {
    isDue = false
    plot.setData([steps, losses, means, accuracies])
  }
  const schedule = (): void => {
    if (isDue) return
    isDue = true
    requestAnimationFrame(paint)
  }
  onSchemeChange(() => {
    plot.destroy()
    plot = create()
  })
  new ResizeObserver(() => plot.setSize({ width: element.clientWidth, height: HEIGHT })).observe(element)

  return {
    begin: (count) => {
      steps = []
      losses = []
      means = []
      accuracies = []
      last = count
      schedule()
    },
    loss: (step, value) => {
      const before = means.at(-1) ?? value
      steps.push(step)
      losses.push(value)
      means.push(SMOOTHING * before + (1 - SMOOTHING) * value)
      accuracies.push(null)
      schedule()
    },
    accuracy: (step, share) => {
      accuracies[steps.lastIndexOf(step)] = share
      schedule()
    },
  }
}
