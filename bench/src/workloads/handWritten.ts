// One training step of a small network the way one writes it without a library: loops over typed arrays.
import type { HostArray } from '../hostArray.ts'
import type { Program } from '../workload.ts'

/** Fully connected layers with tanh between, mean squared error, Adam. w0 [out, in], b0 [out], w1 … */
export function handWrittenStep(given: Readonly<Record<string, HostArray>>, lr: number): Program<Float32Array> {
  const { x, y, ...weights } = given
  const [samples] = x.shape
  const depth = Object.keys(weights).length / 2
  const layers = Array.from({ length: depth }, (_, i) => layer(weights[`w${i}`], weights[`b${i}`], samples))
  const [input, target] = [x.data as Float32Array, y.data as Float32Array]
  let t = 0

  const step = (): Float32Array => {
    let output = input
    layers.forEach((l, i) => {
      forward(l, output, samples, i + 1 < depth)
      output = l.z
    })
    const dz = layers[depth - 1].dz
    let loss = 0
    for (let i = 0; i < output.length; i++) {
      const error = output[i] - target[i]
      loss += error * error
      dz[i] = (2 * error) / output.length
    }
    for (let i = depth - 1; i >= 0; i--) backward(layers[i], i > 0 ? layers[i - 1] : null, input, samples)
    t++
    const rate = (lr * Math.sqrt(1 - 0.999 ** t)) / (1 - 0.9 ** t)
    const eps = 1e-8 * Math.sqrt(1 - 0.999 ** t)
    for (const l of layers) {
      adam(l.w, rate, eps)
      adam(l.b, rate, eps)
    }
    return Float32Array.of(loss / output.length)
  }
  return { step }
}

interface Parameter {
  readonly value: Float32Array
  readonly gradient: Float32Array
  readonly m: Float32Array
  readonly v: Float32Array
}

interface Layer {
  readonly w: Parameter
  readonly b: Parameter
  readonly inner: number
  readonly out: number
  /** Output [samples, out] after the activation, and the gradient before it. */
  readonly z: Float32Array
  readonly dz: Float32Array
}

function parameter({ data }: HostArray): Parameter {
  const zeros = (): Float32Array => new Float32Array(data.length)
  return { value: Float32Array.from(data), gradient: zeros(), m: zeros(), v: zeros() }
}

function layer(w: HostArray, b: HostArray, samples: number): Layer {
  const [out, inner] = w.shape
  const z = (): Float32Array => new Float32Array(samples * out)
  return { w: parameter(w), b: parameter(b), inner, out, z: z(), dz: z() }
}

function forward({ w, b, inner, out, z }: Layer, x: Float32Array, samples: number, activated: boolean): void {
  for (let s = 0; s < samples; s++) {
    for (let o = 0; o < out; o++) {
      let sum = b.value[o]
      for (let i = 0; i < inner; i++) sum += w.value[o * inner + i] * x[s * inner + i]
      z[s * out + o] = activated ? Math.tanh(sum) : sum
    }
  }
}

function backward({ w, b, inner, out, dz }: Layer, below: Layer | null, input: Float32Array, samples: number): void {
  const x = below ? below.z : input
  w.gradient.fill(0)
  b.gradient.fill(0)
  below?.dz.fill(0)
  for (let s = 0; s < samples; s++) {
    for (let o = 0; o < out; o++) {
      const d = dz[s * out + o]
      b.gradient[o] += d
      for (let i = 0; i < inner; i++) w.gradient[o * inner + i] += d * x[s * inner + i]
      if (below) for (let i = 0; i < inner; i++) below.dz[s * inner + i] += d * w.value[o * inner + i]
    }
    if (below) for (let i = s * inner; i < (s + 1) * inner; i++) below.dz[i] *= 1 - x[i] * x[i]
  }
}

/** Adam with the corrections folded into rate and eps. */
function adam({ value, gradient, m, v }: Parameter, rate: number, eps: number): void {
  for (let i = 0; i < value.length; i++) {
    const g = gradient[i]
    m[i] = 0.9 * m[i] + 0.1 * g
    v[i] = 0.999 * v[i] + 0.001 * g * g
    value[i] -= (rate * m[i]) / (Math.sqrt(v[i]) + eps)
  }
}
