// Sorting and searching.

export * from './search'
export * from './sort'
