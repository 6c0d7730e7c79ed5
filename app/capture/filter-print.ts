import type { FilterNode, FilterTest, FilterValue } from './filter-ast.ts'

/** Writes a filter so that reading it again gives the same tree. */
export function printFilter(node: FilterNode): string {
  switch (node.kind) {
    case 'everything':
      return ''
    case 'and':
      return node.parts.map((part) => inside(part, ['and', 'or'])).join(' ')
    case 'or':
      return node.parts.map((part) => inside(part, ['or'])).join(' or ')
    case 'not':
      return `not ${inside(node.part, ['and', 'or'])}`
    case 'flag':
      return node.flag
    case 'text':
      return writeQuoted([node.text])
    case 'test':
      return printTest(node)
  }
}

function inside(node: FilterNode, inBrackets: readonly FilterNode['kind'][]): string {
  const text = printFilter(node)
  return inBrackets.includes(node.kind) ? `(${text})` : text
}

function printTest({ field, operator, values }: FilterTest): string {
  const unit = field === 'time' ? 'ns' : ''
  return `${field}${operator === '=' ? ':' : operator}${values.map((value) => printValue(value, operator) + unit).join(',')}`
}

function printValue(value: FilterValue, operator: string): string {
  switch (value.kind) {
    case 'text':
      return writeText(value.pieces, operator)
    case 'pattern':
      return `/${value.source}/${value.flags}`
    case 'number':
      return String(value.number)
  }
}

/** A value as it may stand behind an operator: as it is, or in quotes where it must. */
export function writeText(pieces: readonly string[], operator: string): string {
  const word = pieces.join('*')
  const plain = word !== '' && !/[\s(),"]/.test(word) && !pieces.some((piece) => piece.includes('*'))
  return plain && !(operator === '~' && word.startsWith('/')) ? word : writeQuoted(pieces)
}

const escapes: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' }

function writeQuoted(pieces: readonly string[]): string {
  const escaped = pieces.map((piece) =>
    piece.replace(/["\\*]/g, '\\$&').replace(/[\p{Cc}\u2028\u2029]/gu, (sign) => escapes[sign] ?? unicode(sign)),
  )
  return `"${escaped.join('*')}"`
}

function unicode(sign: string): string {
  return `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`
}
