// What runs in the worker that `loadInWorker` starts.
import { noTorch } from '../load/torchReader.ts'
import { serveModelWith } from './serve.ts'

serveModelWith(noTorch)
