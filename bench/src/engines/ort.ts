// onnxruntime-web on its Wasm backend, one thread or two: every workload becomes an ONNX model.
import { load } from '../../peers/load.mjs'
import { comparedSteps, type Engine, type Job, type Numbers } from '../engine.ts'
import type { HostArray } from '../hostArray.ts'
import type { Foreign, Program, Size, Steps } from '../workload.ts'

/** ONNX's operator set 20 has all that the workloads use; the format's version 9 belongs to it. */
const OPSET = 20
const IR_VERSION = 9
/** TensorProto.DataType */
const TYPES = { float32: 1, uint8: 2, int8: 3, int32: 6, int64: 7, bool: 9 } as const
type Type = keyof typeof TYPES
/** What the model calls the file of its large constants. */
const OUTSIDE = 'constants'

export async function openOrt(threads = 1): Promise<Engine> {
  const ort = await load('onnxruntime-web')
  const { onnx } = (await load('onnx-proto')).default
  ort.env.wasm.numThreads = threads
  ort.env.logLevel = 'error'

  return {
    async start(workload, values) {
      const { ort: build, size } = workload
      if (typeof build === 'object') {
        return jobOf(await (build as Started).start({ ort, onnx }, values, size), comparedSteps(workload))
      }
      const graph = new Graph(onnx, values)
      const y = (build as Foreign)(graph, Object.fromEntries(Object.keys(values).map((name) => [name, name])))
      const session = await graph.session(ort, y)
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

type Started = Steps<
  (library: Foreign, x: Readonly<Record<string, HostArray>>, size: Size) => Promise<Program<Foreign>>
>

const ignore = (): void => {}

/** What a workload started itself: `read` gives the numbers to compare. */
const jobOf = (program: Program<Foreign>, steps: number): Job => ({
  operations: 1,
  run: () => program.step() as unknown as Promise<void>,
  async results() {
    const found: Numbers[] = []
    for (let i = 0; i < steps; i++) {
      await program.step()
      found.push(numbersOf(program.read?.()))
    }
    return found
  },
  close: () => program.close?.(),
})

const numbersOf = ({ data }: Foreign): Numbers =>
  data instanceof BigInt64Array ? Float64Array.from(data, Number) : data

/** What enters a graph: sizes that change from run to run have a name. */
interface Input {
  readonly dtype: Type
  readonly shape: readonly (number | string)[]
}

/** Collects nodes and writes them as a model. */
export class Graph {
  /** Numbers that lie outside the model, one after the other. */
  readonly outside: Uint8Array[] = []
  private readonly onnx: Foreign
  private readonly inputs: Readonly<Record<string, Input>>
  private readonly nodes: Foreign[] = []
  private readonly constants: Foreign[] = []
  private offset = 0

  constructor(onnx: Foreign, inputs: Readonly<Record<string, Input>>) {
    this.onnx = onnx
    this.inputs = inputs
  }

  /** Adds a node; returns the name of its result. */
  node(opType: string, input: readonly string[], attributes: Readonly<Record<string, unknown>> = {}): string {
    return this.nodeOf(1, opType, input, attributes)[0]
  }

  /** Adds a node of several results; returns their names. */
  nodeOf(
    results: number,
    opType: string,
    input: readonly string[],
    attributes: Readonly<Record<string, unknown>> = {},
  ) {
    const name = `t${this.nodes.length}`
    const output = Array.from({ length: results }, (_, i) => (i === 0 ? name : `${name}_${i}`))
    const attribute = Object.entries(attributes).map(([key, value]) => this.attribute(key, value))
    this.nodes.push({ opType, input, output, attribute, name: `${opType}${this.nodes.length}` })
    return output
  }

  /** A reduction over `axes`, which ONNX takes as a tensor. */
  reduce(opType: string, x: string, axes: readonly number[]): string {
    return this.node(opType, [x, this.int64(axes)], { keepdims: 0 })
  }

  int64(values: readonly number[]): string {
    return this.constant('int64', [values.length], BigInt64Array.from(values, BigInt))
  }

  scalar(value: number): string {
    return this.constant('float32', [], Float32Array.of(value))
  }

  /** A constant: in the model, or where there is much of it, beside it. */
  constant(dtype: Type, dims: readonly number[], data: ArrayBufferView): string {
    const name = `c${this.constants.length}`
    const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
    const constant = { name, dataType: TYPES[dtype], dims }
    if (bytes.length < 4096) this.constants.push({ ...constant, rawData: bytes })
    else {
      const where = { location: OUTSIDE, offset: String(this.offset), length: String(bytes.length) }
      const externalData = Object.entries(where).map(([key, value]) => ({ key, value }))
      this.constants.push({ ...constant, dataLocation: 1, externalData })
      this.outside.push(bytes)
      this.offset += bytes.length
    }
    return name
  }

  shapeOf(x: string): readonly (number | string)[] {
    return this.inputs[x].shape
  }

  bytes(...results: string[]): Uint8Array {
    const { ModelProto } = this.onnx
    const dimOf = (d: number | string): object => (typeof d === 'string' ? { dimParam: d } : { dimValue: d })
    const input = Object.entries(this.inputs).map(([name, { dtype, shape }]) => ({
      name,
      type: { tensorType: { elemType: TYPES[dtype], shape: { dim: shape.map(dimOf) } } },
    }))
    const output = results.map((name) => ({ name }))
    const graph = { name: 'workload', node: this.nodes, input, output, initializer: this.constants }
    const opsetImport = [
      { domain: '', version: OPSET },
      { domain: 'com.microsoft', version: 1 },
    ]
    return ModelProto.encode(ModelProto.fromObject({ irVersion: IR_VERSION, opsetImport, graph })).finish()
  }

  /** A session for the model. */
  session(ort: Foreign, ...results: string[]): Promise<Foreign> {
    const data = new Uint8Array(this.offset)
    let at = 0
    for (const part of this.outside) {
      data.set(part, at)
      at += part.length
    }
    return ort.InferenceSession.create(this.bytes(...results), {
      executionProviders: ['wasm'],
      graphOptimizationLevel: 'all',
      ...(at > 0 && { externalData: [{ path: OUTSIDE, data }] }),
    })
  }

  private attribute(name: string, value: unknown): object {
    const type = this.onnx.AttributeProto.AttributeType
    if (typeof value === 'string') return { name, type: type.STRING, s: new TextEncoder().encode(value) }
    if (Array.isArray(value)) return { name, type: type.INTS, ints: value }
    return Number.isInteger(value) ? { name, type: type.INT, i: value } : { name, type: type.FLOAT, f: value }
  }
}
