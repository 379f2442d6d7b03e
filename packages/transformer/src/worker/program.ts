// The worker's program when this package runs from its sources. The build puts all of it into one text in the place of
// this file (scripts/buildPackage.ts): a page's bundler need not know of it, and workers know no import maps.

export const program: {
  /** For Node. */
  readonly address: () => URL
  /** For pages; bundlers look for this very expression. */
  readonly start: () => Worker
} = {
  address: () => new URL('./main.ts', import.meta.url),
  start: () => new Worker(new URL('./main.ts', import.meta.url), { type: 'module' }),
}
