import fc from 'fast-check'
import {
  type FieldName,
  type FilterNode,
  type FilterValue,
  flagNames,
  type Operator,
} from '../../../../app/capture/filter-ast.ts'
import { fieldWords, typeNames } from '../../../../app/capture/filter-words.ts'

/** Texts that have a chance to be found in the records of these tests. */
export const topics = ['a', 'a/b', 'a/b/c', '/a', 'a/', '$SYS/a', '', 'a b', 'x,y', 'über']
export const clients = ['pump-01', 'pump-02', 'a b', 'x*y', '(z)', 'or', '$SYS/a']
export const payloads = ['', 'off', 'offline', 'OFF', 'ü', 'a b', '"', '\\', '/']
const patterns = ['off', '^O', 'a.b', '[/"]', 'l+', '\\/']
const at = { start: 0, end: 0 }

const oneOf = (list: readonly string[]) => fc.constantFrom(...list)
const anyText = fc.oneof(
  { weight: 4, arbitrary: oneOf([...topics, ...clients, ...payloads]) },
  { weight: 1, arbitrary: fc.string({ unit: 'binary' }) },
)
const pieces = fc.oneof(
  anyText.map((text) => [text]),
  fc.array(fc.oneof(anyText, oneOf(['', 'pump-', '0', 'a'])), { minLength: 1, maxLength: 3 }),
)
const topicFilter = fc
  .tuple(fc.array(oneOf(['a', 'b', '+', '', '$SYS', 'x y', 'ü"']), { minLength: 1, maxLength: 4 }), fc.boolean())
  .map(([levels, rest]) => [...levels, ...(rest ? ['#'] : [])].join('/'))

function value(field: FieldName, operator: Operator): fc.Arbitrary<FilterValue> {
  const words = fieldWords[field]
  const text = (value: fc.Arbitrary<string[]>) => value.map((pieces): FilterValue => ({ kind: 'text', pieces, ...at }))
  const number = (value: fc.Arbitrary<number>) =>
    value.map((number): FilterValue => ({ kind: 'number', number, ...at }))
  if (words.kind === 'choice') return text(oneOf(words.choices).map((choice) => [choice]))
  if (words.kind === 'time') return number(fc.nat(20))
  if (words.kind === 'number')
    return number(fc.nat(Math.min(words.most, 20)).map((number) => Math.max(words.least, number)))
  if (operator === '~') {
    const pattern = fc.tuple(oneOf(patterns), oneOf(['', 'i', 'imsu']))
    return fc.oneof(
      text(anyText.map((text) => [text])),
      pattern.map(([source, flags]): FilterValue => ({ kind: 'pattern', source, flags, ...at })),
    )
  }
  if (words.kind === 'topic') return text(fc.oneof(topicFilter, oneOf(topics)).map((topic) => [topic]))
  return text(words.kind === 'glob' ? pieces : anyText.map((text) => [text]))
}

const test = fc
  .constantFrom(...(Object.keys(fieldWords) as FieldName[]))
  .chain((field) => fc.tuple(fc.constant(field), fc.constantFrom(...fieldWords[field].operators)))
  .chain(([field, operator]) => {
    const most = ['=', '!=', '~'].includes(operator) ? 3 : 1
    return fc
      .array(value(field, operator), { minLength: 1, maxLength: most })
      .map((values): FilterNode => ({ kind: 'test', field, operator, values, ...at }))
  })

const leaf: fc.Arbitrary<FilterNode> = fc.oneof(
  { weight: 4, arbitrary: test },
  {
    weight: 1,
    arbitrary: oneOf(typeNames).map(
      (type): FilterNode => ({
        kind: 'test',
        field: 'type',
        operator: '=',
        values: [{ kind: 'text', pieces: [type], ...at }],
        ...at,
      }),
    ),
  },
  { weight: 1, arbitrary: fc.constantFrom(...flagNames).map((flag): FilterNode => ({ kind: 'flag', flag, ...at })) },
  { weight: 1, arbitrary: anyText.map((text): FilterNode => ({ kind: 'text', text, ...at })) },
)

/** Any filter but the empty one, as the reader would give it; its positions are all 0. */
export const filterTree: fc.Arbitrary<FilterNode> = fc.letrec<{ node: FilterNode }>((tie) => {
  const parts = fc.array(tie('node'), { minLength: 2, maxLength: 3 })
  return {
    node: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      leaf,
      fc.record({ kind: fc.constantFrom('and' as const, 'or' as const), parts }).map((node) => ({ ...node, ...at })),
      tie('node').map((part): FilterNode => ({ kind: 'not', part, ...at })),
    ),
  }
}).node

/** The tree without its positions. */
export function shape(node: FilterNode): unknown {
  return JSON.parse(
    JSON.stringify(node, (key, value: unknown) => (key === 'start' || key === 'end' ? undefined : value)),
  )
}
