// Puts what a scenario shows on the page, in order; what has an id is drawn again where it stands.
import type { Shown } from '@x/scenarios'
import { drawBoard, drawDrawing, drawHeatmap, drawImages, drawTable } from './fields.ts'
import { drawGraph } from './graph.ts'
import { LinePlot } from './plots.ts'
import { drawPoints } from './points.ts'

export class Stage {
  private readonly element: HTMLElement
  private readonly frames = new Map<string, HTMLElement>()
  private readonly plots = new Map<string, LinePlot>()
  /** The newest of each id. */
  private readonly items = new Map<string, Shown>()
  /** The ids that are to be drawn: at most once per frame. */
  private readonly due = new Set<string>()

  constructor(element: HTMLElement) {
    this.element = element
  }

  clear(): void {
    for (const plot of this.plots.values()) plot.destroy()
    this.element.replaceChildren()
    this.frames.clear()
    this.plots.clear()
    this.items.clear()
    this.due.clear()
  }

  show(item: Shown): void {
    if ('id' in item) {
      if (this.due.size === 0) requestAnimationFrame(() => this.paint())
      this.frame(item.id, item.title)
      this.items.set(item.id, item)
      this.due.add(item.id)
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
    for (const id of this.due) this.draw(id)
    this.due.clear()
  }

  /** Draws everything anew, in the present colours. */
  repaint(): void {
    for (const plot of this.plots.values()) plot.destroy()
    this.plots.clear()
    for (const id of this.items.keys()) this.draw(id)
    this.due.clear()
  }

  private draw(id: string): void {
    const [frame, item] = [this.frames.get(id), this.items.get(id)]
    if (!frame || !item) return
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
