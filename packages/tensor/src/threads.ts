// @x/tensor/threads: an entry of its own, because a page that computes on one thread should not download the pool.
export { setNumThreads, type ThreadsStatus, threadsStatus } from './backend/threads.ts'
