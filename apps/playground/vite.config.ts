// How the page is built and served: from the packages' sources, with a relative base so that any folder of a server will do.
import { defaultClientConditions, defineConfig, type UserConfig } from 'vite'

/** With these, a page may share memory among threads. */
const isolation = { 'Cross-Origin-Opener-Policy': 'same-origin', 'Cross-Origin-Embedder-Policy': 'require-corp' }

const config: UserConfig = defineConfig({
  root: import.meta.dirname,
  base: './',
  resolve: { conditions: ['@x/source', ...defaultClientConditions] },
  worker: { format: 'es' },
  build: {
    target: 'es2023',
    emptyOutDir: true,
    rollupOptions: {
      input: ['index.html', 'gallery.html', 'generate.html'].map((page) => `${import.meta.dirname}/${page}`),
    },
  },
  server: { headers: isolation },
  preview: { headers: isolation },
  // Found late, it would reload the page under its user.
  optimizeDeps: { include: ['@assemblyscript/loader', 'uplot'] },
})

export default config
