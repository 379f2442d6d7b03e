// biome-ignore-all assist/source/organizeImports: kernels lie in the module in this order
export * from './control/cartPole'
export * from './control/mountainCar'
export * from './control/pendulum'
export * from './control/acrobot'
export * from './table'
