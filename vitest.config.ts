// The tests: `x.test.ts` runs in Node and in Chromium, `x.node.test.ts` and `x.browser.test.ts` in one of them.
import { playwright } from '@vitest/browser-playwright'
import { defaultClientConditions, defaultServerConditions } from 'vite'
import { defineConfig } from 'vitest/config'

const tests = (ending: string): string[] =>
  ['packages/*/src', 'apps/*/src', 'bench/src'].map((folder) => `${folder}/**/*.${ending}.ts`)
const source = '@x/source'
const timeouts = { testTimeout: 60_000, hookTimeout: 60_000, teardownTimeout: 20_000 }

/** With these, a page may share memory among threads. */
const isolation = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
  'Cross-Origin-Resource-Policy': 'cross-origin',
}

// What Chromium would otherwise do over the network on its own, and what a container does not offer.
const chromiumFlags = ['sandbox', 'first-run']
  .map((name) => `--no-${name}`)
  .concat(
    ['gpu', 'quic', 'background-networking', 'component-update', 'sync', 'dev-shm-usage'].map(
      (name) => `--disable-${name}`,
    ),
  )

export default defineConfig({
  test: {
    coverage: { provider: 'v8', include: ['packages/*/src/**/*.ts'], exclude: ['**/*.test.ts'] },
    projects: [
      {
        resolve: { conditions: [source, ...defaultServerConditions] },
        ssr: { resolve: { conditions: [source, ...defaultServerConditions] } },
        test: {
          name: 'node',
          environment: 'node',
          include: [...tests('test'), 'scripts/**/*.test.ts'],
          exclude: ['**/*.browser.test.ts', '**/node_modules/**'],
          pool: 'forks',
          execArgv: ['--expose-gc', `--conditions=${source}`],
          ...timeouts,
        },
      },
      {
        resolve: { conditions: [source, ...defaultClientConditions] },
        server: { headers: isolation },
        // Found late, it would reload the page under a running test.
        optimizeDeps: { include: ['@assemblyscript/loader'] },
        test: {
          name: 'browser',
          include: tests('test'),
          exclude: ['**/*.node.test.ts', '**/node_modules/**'],
          browser: {
            enabled: true,
            headless: true,
            screenshotFailures: false,
            provider: playwright({ launchOptions: { executablePath: process.env.CHROME_PATH, args: chromiumFlags } }),
            instances: [{ browser: 'chromium' }],
          },
          ...timeouts,
        },
      },
    ],
  },
})
