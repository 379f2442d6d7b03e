export * from './control'
export * from './table'
