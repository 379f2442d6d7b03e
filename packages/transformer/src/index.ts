// The public API of @x/transformer.

export * from './tokenizers.ts'
