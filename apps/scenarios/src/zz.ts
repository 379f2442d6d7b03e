import { memoryStats } from '@x/tensor'
import { digits } from './index.ts'

for await (const e of digits({
  backend: (process.argv[2] ?? 'js') as 'js',
  epochs: +(process.argv[3] ?? 12),
  seed: +(process.argv[4] ?? 0),
  speed: process.argv[5] !== 'no',
}))
  if (e.kind !== 'step')
    console.log(
      e.kind,
      JSON.stringify(e, (k, v) => (v instanceof Uint8Array ? v.length : k === 'examples' ? v.length : v)),
    )
console.log(memoryStats())
