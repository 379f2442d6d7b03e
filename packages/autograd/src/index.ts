// The public API of @x/autograd.
export { type AnomalyOptions, detectAnomaly } from './anomaly.ts'
export { AnomalyError } from './anomalyError.ts'
export type { BlockContext } from './block.ts'
export { type CheckpointOptions, checkpoint } from './checkpoint.ts'
export { type CustomGradient, customGrad, stopGradient } from './custom.ts'
export { toDot, toMermaid } from './draw.ts'
export { hvp, jvp } from './forward.ts'
export { grad, type ValueAndGrad, type ValueGradAndAux, valueAndGrad, vjp } from './grad.ts'
export {
  type Drawn,
  type Graph,
  type GraphEdge,
  type GraphNode,
  type GraphOptions,
  graph,
  type Name,
} from './graph.ts'
export { hessian, jacobian } from './jacobian.ts'
export { type GradcheckOptions, gradcheck, type NumericOptions, numericGradient } from './numeric.ts'
export type { GradientOf, HasNamedParameters, HasParameters, Tree } from './tree.ts'
