import { valueAndGrad } from '@x/autograd'
import { Adam, clipGradNorm, Linear, Sequential, Tanh, ReLU } from '@x/nn'
import { compile, keep, randn, tensor, tidy, zeros, uniform, Generator, arange } from '@x/tensor'
import { lasting } from '@x/tensor/op'
import { categoricalEntropy, categoricalLogProb, normalized, ppoPolicyLoss, ppoValueLoss } from '@x/rl'
const mk = (h: number, o: number, A: any = Tanh) => new Sequential(new Linear(4, h), new A(), new Linear(h, h), new A(), new Linear(h, o))
for (const h of [32, 64]) {
  const actor = mk(h, 2), critic = mk(h, 1)
  const params = [...actor.parameters(), ...critic.parameters()]
  const opt = new Adam(params, { lr: 1e-3, eps: 1e-5 })
  const g = new Generator(0)
  const act = compile((obs: any) => {
    const logits = actor.forward(obs)
    const u = uniform(logits.shape, { generator: g })
    const a = logits.sub(u.log().neg().log()).argmax(-1)
    return [a, categoricalLogProb(logits, a), critic.forward(obs).squeeze(-1)]
  })
  const obs = keep(randn([8, 4]))
  const bench = (name: string, f: () => void, n = 300) => { for (let i = 0; i < 50; i++) f(); let best = 1e9; for (let r = 0; r < 8; r++) { const t = performance.now(); for (let i = 0; i < n; i++) f(); best = Math.min(best, (performance.now() - t) / n) } console.log(h, name, (best * 1e3).toFixed(1), 'us') }
  bench('act 8', () => tidy(() => { const [a, l, v] = act(obs) as any; a.data(); l.data(); v.data() }))
  for (const mb of [64, 256]) {
    const B = 256
    const big = { obs: keep(randn([B, 4])), act: keep(zeros([B], { dtype: 'int32' })), old: keep(randn([B]).mul(0.1).sub(0.7)), adv: keep(randn([B])), ret: keep(randn([B])) }
    const step = compile((index: any) => {
      const [o, a, l, ad, r] = [big.obs, big.act, big.old, big.adv, big.ret].map((x) => x.take(index))
      const { value, grads } = valueAndGrad(() => {
        const logits = actor.forward(o)
        const lp = categoricalLogProb(logits, a)
        const pg = ppoPolicyLoss(lp, l, normalized(ad), 0.2)
        const v = ppoValueLoss(critic.forward(o).squeeze(-1), r)
        return pg.add(v.mul(0.5)).sub(categoricalEntropy(logits).mean().mul(0.01))
      }, params)
      opt.step(clipGradNorm(grads as any, 0.5).grads)
      return value
    })
    const index = keep(arange(mb, undefined, { dtype: 'int32' }))
    bench('update ' + mb, () => tidy(() => void step(index)), 100)
  }
}
