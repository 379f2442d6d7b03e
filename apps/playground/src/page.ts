// Access to the elements of a page, and how numbers look on it.

/** The element with this id. @throws Error when the page has none of that kind */
export function byId<T extends HTMLElement = HTMLElement>(
  id: string,
  kind: new () => T = HTMLElement as unknown as new () => T,
): T {
  const element = document.getElementById(id)
  if (!(element instanceof kind)) throw new Error(`the page has no ${kind.name} #${id}`)
  return element
}

export const percent = (share: number): string => `${(100 * share).toFixed(1)} %`

export const count = (value: number): string => Math.round(value).toLocaleString('en')

/** Milliseconds with three significant digits. */
export const milliseconds = (ms: number): string => `${ms.toPrecision(3)} ms`
