// @x/tensor/op: for packages, and users, who define ops with kernels of their own.
export {
  type FamilyOptions,
  type Kernel,
  type KernelFamily,
  type KernelMaker,
  type KernelModule,
  type KernelTable,
  kernelsOf,
} from './backend/kernels.ts'
export { run, runCheck } from './backend/launch.ts'
export { family as tensorFamily } from './backend/tensorKernels.ts'
export { depending } from './compile.ts'
export { fromBytes, toBytes } from './create.ts'
export { COMPUTING, DTYPES, floatingFor, ITEM_SIZE, isFloating, MOVING } from './dtype.ts'
export { BFLOAT16, FLOAT16, fromHalf, type HalfFormat, toHalf } from './half.ts'
export { tick } from './memory/blocks.ts'
export { heap } from './memory/heap.ts'
export { forEachTensor } from './memory/scope.ts'
export { currentOwner, freeStorage, isHeld, keepStorage, type Owner, type Storage } from './memory/storage.ts'
export { arithmetic, common, floating } from './ops/elementwise/rules.ts'
export { checkIndex } from './ops/indexing/indexing.ts'
export { flipped, matmulInto } from './ops/products/matmul.ts'
export { sumTo } from './ops/reductions/sumTo.ts'
export { assign, dense, fill, pasteTo } from './ops/shape/contiguous.ts'
export { checkOptions, requireFunction } from './options.ts'
export {
  type Application,
  announce,
  apply,
  defineOp,
  empty,
  type Gradient,
  type GradientContext,
  type Listener,
  lasting,
  listen,
  type OpFunction,
  type OpRecord,
  ops,
  requireTensor,
  scalar,
  temporary,
  unheard,
  type View,
} from './record.ts'
export { broadcastShapes, normalizeAxis, sameShape, show, sizeOf } from './shape.ts'
export { elements, pointer } from './tensor.ts'
