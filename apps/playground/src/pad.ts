// The canvas on which a person draws.
import { onSchemeChange } from './colours.ts'
import type { Point } from './strokes.ts'

export interface Pad {
  clear(): void
}

/** Width of the pen, as a share of the pad. */
const PEN = 0.07

/**
 * Lets a pen, a finger or a mouse draw on the canvas.
 * @param changed hears of every change, at most once per frame, with all strokes so far in shares of the pad
 */
export function drawingPad(canvas: HTMLCanvasElement, changed: (strokes: readonly Point[][]) => void): Pad {
  const context = canvas.getContext('2d') as CanvasRenderingContext2D
  let strokes: Point[][] = []
  let current: Point[] | undefined
  let isDue = false

  const paint = (): void => {
    isDue = false
    const { width, height } = canvas
    context.clearRect(0, 0, width, height)
    context.strokeStyle = getComputedStyle(canvas).color
    context.lineWidth = PEN * width
    context.lineCap = 'round'
    context.lineJoin = 'round'
    for (const stroke of strokes) {
      const path = new Path2D()
      for (const { x, y } of stroke) path.lineTo(x * width, y * height)
      // A single point is a line of no length, which only shows when it is closed.
      if (stroke.length === 1) path.closePath()
      context.stroke(path)
    }
    changed(strokes)
  }
  const schedule = (): void => {
    if (isDue) return
    isDue = true
    requestAnimationFrame(paint)
  }
  const pointOf = (event: PointerEvent): Point => {
    const box = canvas.getBoundingClientRect()
    return { x: (event.clientX - box.left) / box.width, y: (event.clientY - box.top) / box.height }
  }

  canvas.addEventListener('pointerdown', (event) => {
    if (event.button !== 0) return
    canvas.setPointerCapture(event.pointerId)
    current = [pointOf(event)]
    strokes.push(current)
    schedule()
  })
  canvas.addEventListener('pointermove', (event) => {
    if (!current) return
    // A frame may hold several positions of the pen.
    const steps = event.getCoalescedEvents?.() ?? []
    current.push(...(steps.length > 0 ? steps : [event]).map(pointOf))
    schedule()
  })
  for (const end of ['pointerup', 'pointercancel']) {
    canvas.addEventListener(end, () => {
      current = undefined
    })
  }
  onSchemeChange(schedule)

  return {
    clear: () => {
      strokes = []
      current = undefined
      schedule()
    },
  }
}
