// Integers beyond what core has, and division with a rest.

export * from './division'
export * from './integers'
