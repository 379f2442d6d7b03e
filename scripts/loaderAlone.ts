// A plugin of esbuild, for whoever bundles @x/tensor from its sources.
import { readFile } from 'node:fs/promises'
import type { Plugin } from 'esbuild'

/** What is left out of the loader, and what stands there instead. */
const LEFT_OUT = [
  [
    'const exports = postInstantiate(extended, instance);\n  return { module, instance, exports };',
    'return { module, instance };',
  ],
  ['const extended = preInstantiate(imports);', ''],
  ['= new TextDecoder(', '= /* @__PURE__ */ new TextDecoder('],
] as const

/**
 * Of @assemblyscript/loader comes along what makes an instance. What it adds to imports and exports is for strings, arrays
 * and classes, which kernels do not have: they import a memory and nothing else.
 */
export const loaderAlone: Plugin = {
  name: 'loader-alone',
  setup({ onLoad }) {
    onLoad({ filter: /@assemblyscript[\\/]loader[\\/]index\.js$/ }, async ({ path }) => {
      let contents = await readFile(path, 'utf8')
      for (const [from, to] of LEFT_OUT) {
        if (!contents.includes(from))
          throw new Error(`the loader is not the one that the build knows: it has no ${from}`)
        contents = contents.replaceAll(from, to)
      }
      return { contents, loader: 'js' }
    })
  },
}
