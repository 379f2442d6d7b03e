// What becomes of a training whose loss is lost.

/** @throws RangeError with what the loss is made of, and when it happened, unless it is a finite number */
export function checkLoss(agent: string, steps: number, loss: number, parts: Readonly<Record<string, number>>): void {
  if (Number.isFinite(loss)) return
  const shown = Object.entries(parts).map(([name, value]) => `${name} ${value}`)
  throw new RangeError(`${agent}: the loss is ${loss} after ${steps} steps (${shown.join(', ')})`)
}
