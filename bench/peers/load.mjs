// Imports a peer from the node_modules beside this file.
export const load = (name) => import(name)
