// The gallery: lists the scenarios, asks for their options, runs one in the worker and shows what it shows.
import { type Scenario, type ScenarioOption, scenarios, TOPICS } from '@x/scenarios'
import { onSchemeChange } from '../colours.ts'
import { byId } from '../page.ts'
import type { FromWorker, ToWorker } from './messages.ts'
import { Stage } from './show.ts'

const worker = new Worker(new URL('./worker.ts', import.meta.url), { type: 'module' })
const send = (message: ToWorker): void => worker.postMessage(message)

const stage = new Stage(byId('shown'))
const form = byId('options', HTMLFormElement)
const button = byId('run', HTMLButtonElement)
const progress = byId('progress', HTMLProgressElement)
const files = new Map<string, string>()
let chosen: Scenario = scenarios[0]
let isRunning = false

const say = (text: string): void => {
  byId('message').textContent = text || '\u00a0'
}

function state(value: 'ready' | 'running' | 'done' | 'stopped' | 'failed', text: string): void {
  isRunning = value === 'running'
  button.textContent = isRunning ? 'Stop' : 'Run'
  document.body.dataset.state = value
  say(text)
}

function list(): void {
  const topics = TOPICS.flatMap((topic) => {
    const of = scenarios.filter((scenario) => scenario.topic === topic)
    if (of.length === 0) return []
    const links = of.map(({ name, title }) =>
      Object.assign(document.createElement('a'), { href: `#${name}`, textContent: title, id: `to-${name}` }),
    )
    return [Object.assign(document.createElement('h3'), { textContent: topic }), ...links]
  })
  byId('scenarios').replaceChildren(...topics)
}

/** Shows the scenario that the address names. */
function choose(): void {
  if (isRunning) send({ kind: 'stop' })
  chosen = scenarios.find(({ name }) => `#${name}` === location.hash) ?? scenarios[0]
  for (const link of document.querySelectorAll('nav a'))
    link.toggleAttribute('aria-current', link.id === `to-${chosen.name}`)
  byId('title').textContent = chosen.title
  byId('about').textContent = chosen.about
  files.clear()
  form.replaceChildren(...Object.entries(chosen.options).map(([name, option]) => field(name, option)))
  stage.clear()
  progress.value = 0
  state('ready', '')
}

function field(name: string, option: ScenarioOption): HTMLElement {
  const label = document.createElement('label')
  label.className = 'field'
  label.append(Object.assign(document.createElement('small'), { className: 'about', textContent: option.about }))
  label.append(control(name, option))
  return label
}

function control(name: string, option: ScenarioOption): HTMLElement {
  if (option.kind === 'choice') {
    const select = Object.assign(document.createElement('select'), { name })
    select.append(...option.among.map((value) => new Option(value, value, value === option.default)))
    return select
  }
  const input = Object.assign(document.createElement('input'), { name })
  if (option.kind === 'number') {
    const { least, most, multipleOf = 1 } = option
    return Object.assign(input, {
      type: 'number',
      min: String(least),
      max: String(most),
      step: multipleOf === null ? 'any' : String(multipleOf),
      value: String(option.default),
    })
  }
  input.type = 'file'
  input.onchange = async () => {
    const [file] = input.files ?? []
    if (file) files.set(name, await file.text())
    else files.delete(name)
  }
  return input
}

function run(): void {
  const values = [...new FormData(form)].filter((entry): entry is [string, string] => typeof entry[1] === 'string')
  stage.clear()
  progress.value = 0
  state('running', '')
  const threads = crossOriginIsolated ? Math.min(2, navigator.hardwareConcurrency || 1) : 1
  send({
    kind: 'run',
    scenario: chosen.name,
    options: { ...Object.fromEntries(values), ...Object.fromEntries(files) },
    seed: 0,
    threads,
  })
}

function hear(message: FromWorker): void {
  switch (message.kind) {
    case 'shown':
      if (message.item.kind === 'progress') {
        const { done, of, note } = message.item
        progress.max = of
        progress.value = done
        say(note)
      } else stage.show(message.item)
      break
    case 'threads':
      byId('threads').textContent = message.text
      break
    case 'done':
      stage.paint()
      progress.value = progress.max
      state('done', `Done in ${message.seconds.toFixed(1)} s.`)
      break
    case 'stopped':
      if (isRunning) state('stopped', 'Stopped.')
      break
    case 'failed':
      state('failed', message.message)
  }
}

worker.onmessage = (event: MessageEvent<FromWorker>) => hear(event.data)
worker.onerror = (event) => state('failed', event.message || 'The worker did not start.')
button.onclick = () => (isRunning ? send({ kind: 'stop' }) : run())
addEventListener('hashchange', choose)
onSchemeChange(() => stage.repaint())
list()
choose()
