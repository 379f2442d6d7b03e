// @x/rl/a3c-worker: the script of A3C's workers. A script of your own imports it after what registers its environments.
import { type A3CJob, runA3C } from './a3cWork.ts'
import { onJob } from './thread.ts'

onJob(async (message, tell) => {
  const { a3c: job } = message as { a3c: A3CJob }
  try {
    await Promise.all(job.modules.map((address) => import(/* @vite-ignore */ /* webpackIgnore: true */ address)))
    runA3C(job, tell)
  } catch (error) {
    tell(error instanceof Error ? error : new Error(String(error)))
  }
})
