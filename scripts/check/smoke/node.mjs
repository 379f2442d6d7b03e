// Node, import: everything that the packages export.
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { smoke } from './smoke.js'

for (const name of ['@x/tensor', '@x/autograd', '@x/nn', '@x/transformer', '@x/rl']) {
  const { exports } = JSON.parse(readFileSync(fileURLToPath(import.meta.resolve(`${name}/package.json`)), 'utf8'))
  for (const path of Object.keys(exports)) {
    const specifier = name + path.slice(1)
    if (path.endsWith('.wasm')) new WebAssembly.Module(readFileSync(fileURLToPath(import.meta.resolve(specifier))))
    else if (!path.endsWith('.json')) await import(specifier)
  }
}
console.log(await smoke({ threads: 2 }))
