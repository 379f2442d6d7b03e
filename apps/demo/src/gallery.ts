// Any scenario of the gallery in the terminal: what replaces itself is drawn once, when something else follows.
import { readFileSync } from 'node:fs'
import { toMermaid } from '@x/autograd'
import { pace } from '@x/nn/training'
import { type Chosen, chosen, type Scenario, type ScenarioOptions, type Shown } from '@x/scenarios'
import { UsageError } from './commandLine.ts'
import { type Progress, progress } from './progress.ts'
import { board, bold, claim, dim, heatmap, images, plot, points, table } from './terminal.ts'

/**
 * Runs the scenario and prints what it shows.
 * @param given its options as texts, files as paths
 * @returns whether all that it claims holds
 * @throws UsageError for wrong options
 */
export async function showScenario(
  scenario: Scenario,
  given: Readonly<Record<string, string>>,
  seed: number,
): Promise<boolean> {
  const options = withFiles(scenario.options, checked(scenario, given))
  console.log(`${bold(scenario.title)}\n${scenario.about}\n`)
  const printer = new Printer()
  let holds = true
  for await (const item of scenario.run({ options, seed, quick: false, breathe: pace() })) {
    if (item.kind === 'claim') holds &&= item.holds
    printer.show(item)
  }
  printer.flush()
  return holds
}

function checked(scenario: Scenario, given: Readonly<Record<string, string>>): Chosen<ScenarioOptions> {
  try {
    return chosen(scenario, given)
  } catch (error) {
    throw new UsageError(`${(error as Error).message}.`)
  }
}

/** The texts of the files whose paths were given. */
function withFiles(known: ScenarioOptions, values: Chosen<ScenarioOptions>): Chosen<ScenarioOptions> {
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => [
      name,
      known[name].kind === 'file' && value !== undefined ? readFileSync(value as string, 'utf8') : value,
    ]),
  )
}

class Printer {
  /** What may still be replaced, by id. */
  private readonly waiting = new Map<string, Shown>()
  private bar: Progress | undefined
  private note = ''

  show(item: Shown): void {
    if (item.kind === 'progress') {
      this.progress(item)
      return
    }
    if ('id' in item) {
      this.waiting.set(item.id, item)
      return
    }
    this.flush()
    console.log(drawn(item))
  }

  flush(): void {
    this.endBar()
    for (const item of this.waiting.values()) console.log(`${drawn(item)}\n`)
    this.waiting.clear()
  }

  private progress({ done, of, note }: Extract<Shown, { kind: 'progress' }>): void {
    this.bar ??= progress(of)
    this.note = note
    this.bar.step(done, note)
    if (done >= of) this.endBar()
  }

  private endBar(): void {
    this.bar?.end()
    if (this.bar && this.note) console.log(dim(this.note))
    this.bar = undefined
    this.note = ''
  }
}

function drawn(item: Shown): string {
  const width = Math.min(process.stdout.columns ?? 80, 100)
  switch (item.kind) {
    case 'heading':
      return `\n${bold(item.text)}`
    case 'text':
      return item.text
    case 'plot':
      return plot(item, width)
    case 'points':
      return points(item)
    case 'table':
      return table(item)
    case 'heatmap':
      return heatmap(item)
    case 'images':
      return images(item, width)
    case 'board':
      return board(item)
    case 'drawing':
      return `${bold(item.title)}\n${item.text}`
    case 'graph':
      return `${bold(item.title)} ${dim('(Mermaid)')}\n${dim(toMermaid(item.graph))}`
    case 'claim':
      return claim(item)
    case 'progress':
      return ''
  }
}
