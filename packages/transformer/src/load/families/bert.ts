// Configurations of BERT, by the head that is wanted.
import { Bert, type BertConfig, BertForMaskedLM, BertForSequenceClassification } from '../../models/bert.ts'
import type { Architecture } from '../architectures.ts'
import type { Config } from '../settings.ts'

function read(c: Config): BertConfig {
  const kind = c.string('positionEmbeddingType', 'absolute')
  if (kind !== 'absolute') throw c.problem(`positions of the kind '${kind}' are not known here, only 'absolute'`)
  const labels = c.object('id2label')
  return {
    vocabSize: c.number('vocabSize'),
    hiddenSize: c.number('hiddenSize'),
    numHiddenLayers: c.number('numHiddenLayers'),
    numAttentionHeads: c.number('numAttentionHeads'),
    intermediateSize: c.number('intermediateSize'),
    maxPositionEmbeddings: c.number('maxPositionEmbeddings', 512),
    typeVocabSize: c.number('typeVocabSize', 2),
    layerNormEps: c.number('layerNormEps', 1e-12),
    hiddenAct: c.string('hiddenAct', 'gelu'),
    numLabels: c.optional('numLabels') ?? (labels ? Object.keys(labels).length : 2),
  }
}

const shared = {
  prefix: 'bert',
  renamed: [
    [/gamma$/, 'weight'],
    [/beta$/, 'bias'],
  ] as const,
}
const positions = /position_ids$/

export const bert: readonly Architecture[] = [
  {
    ...shared,
    names: ['BertModel'],
    modelTypes: ['bert'],
    ignored: [positions, /^cls\./, /^classifier\./],
    // Files for sentence embeddings have none.
    build: (c, make) => new Bert(read(c), { ...make, pooler: c.boolean('pooler', true) }),
  },
  {
    ...shared,
    names: ['BertForMaskedLM', 'BertForPreTraining'],
    ignored: [positions, /pooler/, /^cls\.seq_relationship\./, /^cls\.predictions\.decoder\./],
    build: (c, make) => new BertForMaskedLM(read(c), make),
  },
  {
    ...shared,
    names: ['BertForSequenceClassification'],
    ignored: [positions, /^cls\./],
    build: (c, make) => new BertForSequenceClassification(read(c), make),
  },
]
