import { source } from '@x/assembly/worker'
import { Worker } from 'node:worker_threads'
console.log(source.slice(0, 200))
new Worker(source, { eval: true, execArgv: [], stdout: false, stderr: false })
