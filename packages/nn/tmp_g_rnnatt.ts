import { valueAndGrad } from '@x/autograd'
import { randn, tidy } from '@x/tensor'
import * as nn from '@x/nn'
const time = (n: string, f: () => void) => { f(); f(); let m = 1e9; for (let i = 0; i < 30; i++) { const t = performance.now(); f(); m = Math.min(m, performance.now() - t) } console.log(n, m.toFixed(3)) }
const x = randn([512, 128]), w = randn([512, 128]).mul(0.1), b = randn([512])
for (const a of ['identity', 'relu', 'tanh', 'gelu', 'geluTanh'] as const) {
  time(a + ' fwd', () => tidy(() => { nn.linear(x, w, b, { activation: a }) }))
  time(a + ' f+b', () => tidy(() => { valueAndGrad(() => nn.linear(x, w, b, { activation: a }).sum(), [x, w, b]) }))
}
const z = randn([512, 512])
time('geluTanh op', () => tidy(() => { z.geluTanh() }))
time('geluTanh op f+b', () => tidy(() => { valueAndGrad(() => z.geluTanh().sum(), z) }))
time('gelu op f+b', () => tidy(() => { valueAndGrad(() => z.gelu().sum(), z) }))
time('add', () => tidy(() => { z.add(z) }))
