// Puts what a scenario shows on the page, in order; what has an id is drawn again where it stands.
import type { Shown } from '@x/scenarios'
import { drawBoard, drawDrawing, drawHeatmap, drawImages, drawTable } from './fields.ts'
import { drawGraph } from './graph.ts'
import { drawPoints, LinePlot } from './plots.ts'

export class Stage {
  private readonly element: HTMLElement
  private readonly frames = new Map<string, HTMLElement>()
  private readonly plots = new Map<string, LinePlot>()
  /** The newest of what is to be drawn, by id: at most once per frame. */
  private readonly due = new Map<string, Shown>()

  constructor(element: HTMLElement) {
    this.element = element
  }

  clear(): void {
    this.element.replaceChildren()
    this.frames.clear()
    this.plots.clear()
    this.due.clear()
  }

  show(item: Shown): void {
    if ('id' in item) {
      if (this.due.size === 0) requestAnimationFrame(() => this.paint())
      this.frame(item.id, item.title)
      this.due.set(item.id, item)
    } else if (item.kind === 'heading') this.add('h3', item.text)
    else if (item.kind === 'text') this.add('p', item.text).className = 'said'
    else if (item.kind === 'claim') this.add('p', item.text).className = item.holds ? 'claim holds' : 'claim fails'
    else if (item.kind === 'table') {
      this.add('h4', item.title)
      drawTable(this.add('div', ''), item)
    }
  }

  /** Draws what waits. */
  paint(): void {
    for (const [id, item] of this.due) this.draw(id, item)
    this.due.clear()
  }

  private draw(id: string, item: Shown): void {
    const frame = this.frames.get(id)
    if (!frame) return
    switch (item.kind) {
      case 'plot': {
        const plot = this.plots.get(id) ?? new LinePlot(frame)
        this.plots.set(id, plot)
        plot.show(item)
        break
      }
      case 'points':
        drawPoints(frame, item)
        break
      case 'heatmap':
        drawHeatmap(frame, item)
        break
      case 'images':
        drawImages(frame, item)
        break
      case 'board':
        drawBoard(frame, item)
        break
      case 'drawing':
        drawDrawing(frame, item)
        break
      case 'graph':
        drawGraph(frame, item)
    }
  }

  /** The place of what has an id, made when it is first shown. */
  private frame(id: string, title: string): void {
    const known = this.frames.get(id)
    if (known?.previousElementSibling) {
      known.previousElementSibling.textContent = title
      return
    }
    this.add('h4', title)
    const frame = this.add('div', '')
    frame.dataset.id = id
    this.frames.set(id, frame)
  }

  private add(tag: string, text: string): HTMLElement {
    const made = Object.assign(document.createElement(tag), { textContent: text })
    this.element.append(made)
    return made
  }
}
