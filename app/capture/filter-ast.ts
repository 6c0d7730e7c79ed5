/** The filter language as a tree. Positions are offsets in the text, from 0; `end` is the one after the last character. */
export interface Span {
  readonly start: number
  readonly end: number
}

export type FilterNode =
  | ({ readonly kind: 'and' | 'or'; readonly parts: readonly FilterNode[] } & Span)
  | ({ readonly kind: 'not'; readonly part: FilterNode } & Span)
  | FilterTest
  | ({ readonly kind: 'flag'; readonly flag: FlagName } & Span)
  /** Contained in the topic, the Client Identifier or the payload. */
  | ({ readonly kind: 'text'; readonly text: string } & Span)
  /** The empty filter. */
  | ({ readonly kind: 'everything' } & Span)

/** A field against one value or more: with `=` and `~` any of them must fit, with `!=` none of them. */
export interface FilterTest extends Span {
  readonly kind: 'test'
  readonly field: FieldName
  readonly operator: Operator
  readonly values: readonly FilterValue[]
}

export type FilterValue =
  | ({
      readonly kind: 'text'
      /** The text, cut at each `*` that stands for any run of characters. */
      readonly pieces: readonly string[]
    } & Span)
  | ({ readonly kind: 'pattern'; readonly source: string; readonly flags: string } & Span)
  /** In nanoseconds where the field is a time. */
  | ({ readonly kind: 'number'; readonly number: number } & Span)

/** `:` is written for `=` as well. */
export type Operator = '=' | '!=' | '<' | '<=' | '>' | '>=' | '~'

export const fieldNames = [
  'type',
  'client',
  'topic',
  'payload',
  'from',
  'qos',
  'id',
  'bytes',
  'code',
  'number',
  'conn',
  'time',
] as const

export type FieldName = (typeof fieldNames)[number]

export const flagNames = [
  'dup',
  'retain',
  'malformed',
  'will',
  'event',
  'session-present',
  'clean-session',
  'clean-start',
] as const

export type FlagName = (typeof flagNames)[number]

/** Where a filter cannot be read, and why. */
export interface FilterError {
  /** Such as `at character 6: expected a number after "qos>="`. */
  readonly message: string
  /** Offset in the text, from 0; the text's length where something is missing at its end. */
  readonly position: number
  /** How many characters are wrong; 0 where something is missing. */
  readonly length: number
  /** What could stand there, in words. */
  readonly expected: readonly string[]
}
