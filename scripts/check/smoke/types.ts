// What TypeScript sees of the declarations, without Node's types and without skipLibCheck.
import { valueAndGrad } from '@x/autograd'
import { Linear } from '@x/nn'
import { make } from '@x/rl'
import { softmax, type Tensor, tensor } from '@x/tensor'
import { loadInWorker, type WorkerModel } from '@x/transformer/worker'

const x: Tensor = softmax(tensor([[1, 2]]))
export const shape: readonly number[] = new Linear(2, 3).forward(x).shape
export const observation: Float32Array = make('CartPole-v1').reset({ seed: 0 })[0]
export const loss: Tensor = valueAndGrad(() => x.mul(x).sum(), [x]).value
export const model: () => Promise<WorkerModel> = () => loadInWorker('model.gguf', { threads: 2 })
