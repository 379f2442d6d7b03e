// The page's colours, for what is drawn by script; style.css defines them for light and dark.

/** Calls `redraw` whenever the scheme changes between light and dark. */
export function onSchemeChange(redraw: () => void): void {
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', redraw)
}

/** The value of a custom property, such as `--accent`, under the present scheme. */
export function colour(name: string): string {
  const probe = document.createElement('i')
  probe.style.color = `var(${name})`
  document.body.append(probe)
  const { color } = getComputedStyle(probe)
  probe.remove()
  return color
}
