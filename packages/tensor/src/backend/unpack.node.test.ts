// Every module's text gives the bytes that were packed.
import { readFileSync } from 'node:fs'
import * as convolution from '@x/assembly/convolution'
import * as fft from '@x/assembly/fft'
import * as linalg from '@x/assembly/linalg'
import * as random from '@x/assembly/random'
import * as special from '@x/assembly/special'
import * as tensor from '@x/assembly/tensor'
import { expect, test, vi } from 'vitest'
import { unpack } from './unpack.ts'

const modules = Object.entries<unknown>({ ...convolution, ...fft, ...linalg, ...random, ...special, ...tensor })
test.each(modules.filter(([name]) => !name.endsWith('Text')))('%s', (name, texts) => {
  const wasm = readFileSync(new URL(`../../../../assembly/build/${name}.wasm`, import.meta.url))
  expect(Buffer.compare(unpack(texts as readonly string[]), wasm)).toBe(0)
})

test('where compiling is forbidden, the error says what to do instead', async () => {
  vi.resetModules()
  const { tensor } = await import('../index.ts')
  const refusing = vi.spyOn(WebAssembly, 'Module').mockImplementation(function refuse() {
    throw new WebAssembly.CompileError("'unsafe-eval' is not allowed")
  })
  try {
    expect(() => tensor([1, 2]).add(1)).toThrow(/content security policy .* setBackend\(js\) .* useWasm\(\)/)
  } finally {
    refusing.mockRestore()
  }
  expect(tensor([1, 2]).add(1).toArray()).toEqual([2, 3])
})
