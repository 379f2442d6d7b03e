export * from './matmul'
