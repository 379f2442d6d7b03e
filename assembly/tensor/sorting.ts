// Sorting, searching and running folds.

export * from './scan'
export * from './search'
export * from './sort'
