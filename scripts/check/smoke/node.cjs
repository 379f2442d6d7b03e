// Node, require.
for (const name of ['@x/tensor', '@x/autograd', '@x/nn', '@x/transformer', '@x/rl']) require(name)
require('./smoke.js').smoke({ threads: 2 }).then(console.log)
