// onnxruntime-web on its Wasm backend, one thread: every workload becomes a small ONNX model.
import { load } from '../../peers/load.mjs'
import type { Engine, Numbers } from '../engine.ts'
import type { HostArray } from '../hostArray.ts'
import type { Foreign } from '../workload.ts'

/** ONNX's operator set 20 has all that the workloads use; the format's version 9 belongs to it. */
const OPSET = 20
const IR_VERSION = 9
/** TensorProto.DataType */
const TYPES = { float32: 1, int32: 6, int64: 7, bool: 9 } as const

export async function openOrt(): Promise<Engine> {
  const ort = await load('onnxruntime-web')
  const { onnx } = (await load('onnx-proto')).default
  ort.env.wasm.numThreads = 1
  ort.env.logLevel = 'error'

  return {
    async start({ ort: build }, values) {
      const graph = new Graph(onnx, values)
      const y = (build as Foreign)(graph, Object.fromEntries(Object.keys(values).map((name) => [name, name])))
      const session = await ort.InferenceSession.create(graph.bytes(y), {
        executionProviders: ['wasm'],
        graphOptimizationLevel: 'all',
      })
      const feeds = Object.fromEntries(
        Object.entries(values).map(([name, { dtype, data, shape }]) => [name, new ort.Tensor(dtype, data, shape)]),
      )
      return {
        operations: 1,
        run: () => session.run(feeds).then(ignore),
        results: async () => [numbersOf((await session.run(feeds))[y])],
        close: () => session.release(),
      }
    },
  }
}

const ignore = (): void => {}

const numbersOf = ({ data }: Foreign): Numbers =>
  data instanceof BigInt64Array ? Float64Array.from(data, Number) : data

/** Collects nodes and writes them as a model. */
export class Graph {
  private readonly onnx: Foreign
  private readonly values: Readonly<Record<string, HostArray>>
  private readonly nodes: Foreign[] = []
  private readonly constants: Foreign[] = []

  constructor(onnx: Foreign, values: Readonly<Record<string, HostArray>>) {
    this.onnx = onnx
    this.values = values
  }

  /** Adds a node; returns the name of its result. */
  node(opType: string, input: readonly string[], attributes: Readonly<Record<string, unknown>> = {}): string {
    const name = `t${this.nodes.length}`
    const attribute = Object.entries(attributes).map(([key, value]) => this.attribute(key, value))
    this.nodes.push({ opType, input, output: [name], attribute, name: `${opType}${this.nodes.length}` })
    return name
  }

  /** A reduction over `axes`, which ONNX takes as a tensor. */
  reduce(opType: string, x: string, axes: readonly number[]): string {
    const name = `axes${this.constants.length}`
    const rawData = new Uint8Array(BigInt64Array.from(axes, BigInt).buffer)
    this.constants.push({ name, dataType: TYPES.int64, dims: [axes.length], rawData })
    return this.node(opType, [x, name], { keepdims: 0 })
  }

  shapeOf(x: string): readonly number[] {
    return this.values[x].shape
  }

  bytes(result: string): Uint8Array {
    const { ModelProto } = this.onnx
    const input = Object.entries(this.values).map(([name, { dtype, shape }]) => ({
      name,
      type: { tensorType: { elemType: TYPES[dtype], shape: { dim: shape.map((dimValue) => ({ dimValue })) } } },
    }))
    const graph = { name: 'workload', node: this.nodes, input, output: [{ name: result }], initializer: this.constants }
    const model = { irVersion: IR_VERSION, opsetImport: [{ domain: '', version: OPSET }], graph }
    return ModelProto.encode(ModelProto.fromObject(model)).finish()
  }

  private attribute(name: string, value: unknown): object {
    const type = this.onnx.AttributeProto.AttributeType
    if (typeof value === 'string') return { name, type: type.STRING, s: new TextEncoder().encode(value) }
    if (Array.isArray(value)) return { name, type: type.INTS, ints: value }
    return Number.isInteger(value) ? { name, type: type.INT, i: value } : { name, type: type.FLOAT, f: value }
  }
}
