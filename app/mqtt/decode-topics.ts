import type { PacketReader, Read } from './decode-reader.ts'

/**
 * Reports what is wrong with a Topic Name.
 *
 * @param wildcards the statement that forbids them in this field.
 */
export function checkTopicName(reader: PacketReader, name: string, topic: Read<string>, wildcards?: string): void {
  const { value, start, end } = topic
  if (value === '') {
    reader.violate(reader.statement('4.7.3-1', '4.7.3-1'), `${name} is empty`, start, end)
  }
  if (/[+#]/.test(value)) {
    reader.violate(wildcards, `${name} contains a wildcard character`, start, end)
  }
}

/** Reports what is wrong with a Topic Filter [MQTT 3.1.1 §4.7, MQTT 5 §4.7, §4.8.2]. */
export function checkTopicFilter(reader: PacketReader, filter: Read<string>): void {
  const { value, start, end } = filter
  const report = (four: string | undefined, five: string, message: string) =>
    reader.violate(reader.statement(four, five), message, start, end)
  if (value === '') {
    report('4.7.3-1', '4.7.3-1', 'Topic Filter is empty')
    return
  }
  const levels = value.split('/')
  if (levels.some((level, i) => level.includes('#') && (level !== '#' || i < levels.length - 1))) {
    report('4.7.1-2', '4.7.1-1', '# in a Topic Filter stands alone and at its end, or after a / and at its end')
  }
  if (levels.some((level) => level.includes('+') && level !== '+')) {
    report('4.7.1-3', '4.7.1-2', '+ in a Topic Filter takes up a whole level')
  }
  if (reader.version === 5 && isShared(value)) checkShared(levels, report)
}

/** `$share/{ShareName}/{filter}` [MQTT 5 §4.8.2]; shared subscriptions came with MQTT 5. */
export function isShared(filter: string): boolean {
  return filter.startsWith('$share/')
}

function checkShared(
  levels: readonly string[],
  report: (four: string | undefined, five: string, message: string) => void,
): void {
  const [, shareName = '', ...filter] = levels
  if (shareName === '') {
    report(undefined, '4.8.2-1', 'the ShareName of a Shared Subscription is empty')
  } else if (/[+#]/.test(shareName)) {
    report(undefined, '4.8.2-2', 'the ShareName of a Shared Subscription contains + or #')
  }
  if (filter.join('/') === '') {
    report(undefined, '4.8.2-2', 'no Topic Filter follows the ShareName of a Shared Subscription')
  }
}
