import { writeFileSync } from 'node:fs'
import asc from 'assemblyscript/asc'

const files = {}
const { error, stderr } = await asc.main(
  [
    'nn/index.ts',
    '--baseDir',
    '/work/tmp_optim/v1',
    '--outFile',
    'nn.wasm',
    '--memoryBase',
    '16384',
    '-O3',
    '--converge',
    '--runtime',
    'stub',
    '--noAssert',
    '--enable',
    'simd',
    '--use',
    'abort=',
    '--importMemory',
    '--noExportMemory',
    '--initialMemory',
    '1',
    '--maximumMemory',
    '65536',
  ],
  { writeFile: (p, c) => void (files[p] = c) },
)
if (error) console.log(error, stderr.toString())
writeFileSync('/work/tmp_optim/nn_v1.wasm', files['nn.wasm'])
console.log(files['nn.wasm'].length)
