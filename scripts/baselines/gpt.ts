// The small GPT of the baselines, under the names of its recorded checkpoint.
import { Embedding, init, LayerNorm, Linear, Module, scaledDotProductAttention } from '@x/nn'
import { arange, type Generator, geluTanh, type Tensor } from '@x/tensor'

const [D, H] = [64, 4]

class Block extends Module {
  readonly n1 = new LayerNorm(D)
  readonly a: Linear
  readonly p: Linear
  readonly n2 = new LayerNorm(D)
  readonly f: Linear
  readonly o: Linear

  constructor(generator: Generator) {
    super()
    this.a = new Linear(D, 3 * D, { generator })
    this.p = new Linear(D, D, { generator })
    this.f = new Linear(D, 4 * D, { generator })
    this.o = new Linear(4 * D, D, { generator })
  }

  override forward(x: Tensor): Tensor {
    const [B, T] = x.shape
    const heads = this.a
      .forward(this.n1.forward(x))
      .reshape([B, T, 3, H, D / H])
      .permute([2, 0, 3, 1, 4])
    const mixed = scaledDotProductAttention(heads.at(0), heads.at(1), heads.at(2), { isCausal: true }) // [B, H, T, D/H]
    const y = x.add(this.p.forward(mixed.transpose(1, 2).reshape([B, T, D])))
    return y.add(this.o.forward(geluTanh(this.f.forward(this.n2.forward(y)))))
  }
}

/** Tokens [B, T ≤ 64] → logits [B, T, V]. */
export class SmallGpt extends Module {
  readonly wte: Embedding
  readonly wpe: Embedding
  readonly b: Block[]
  readonly n = new LayerNorm(D)
  readonly h: Linear

  constructor(vocabulary: number, generator: Generator) {
    super()
    this.wte = new Embedding(vocabulary, D, { generator })
    this.wpe = new Embedding(64, D, { generator })
    this.b = [new Block(generator), new Block(generator)]
    this.h = new Linear(D, vocabulary, { bias: false, generator })
    this.apply((m) => {
      if (m instanceof Embedding || m instanceof Linear) init.normal(m.weight, { std: 0.02, generator })
      if (m instanceof Linear && m.bias) init.zeros(m.bias)
    })
  }

  override forward(tokens: Tensor): Tensor {
    const positions = arange(0, tokens.shape[1], { dtype: 'int32' })
    let x = this.wte.forward(tokens).add(this.wpe.forward(positions))
    for (const block of this.b) x = block.forward(x)
    return this.h.forward(this.n.forward(x))
  }
}
