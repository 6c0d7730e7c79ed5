import type { MessageSummary } from '../../../app/contract/messages.ts'

export type Qos = MessageSummary['qos']

/** Which messages the list shows. */
export interface MessageFilter {
  readonly qos: ReadonlySet<Qos>
  /** Looked for in the topic and in the Client Identifiers, in any case; empty means all. */
  readonly text: string
}

export const allMessages: MessageFilter = { qos: new Set<Qos>([0, 1, 2]), text: '' }

export function isAll({ qos, text }: MessageFilter): boolean {
  return qos.size === 3 && text.trim() === ''
}

export function filterMessages(messages: readonly MessageSummary[], filter: MessageFilter): readonly MessageSummary[] {
  if (isAll(filter)) return messages
  const text = filter.text.trim().toLowerCase()
  return messages.filter((message) => filter.qos.has(message.qos) && (text === '' || mentions(message, text)))
}

function mentions({ topic, publisherId, subscriberIds }: MessageSummary, text: string): boolean {
  if (topic.toLowerCase().includes(text)) return true
  if (publisherId?.toLowerCase().includes(text) === true) return true
  return subscriberIds.some((id) => id.toLowerCase().includes(text))
}

/** Turns one QoS on or off. The last one cannot be turned off: that shows all others instead. */
export function toggleQos(filter: MessageFilter, qos: Qos): MessageFilter {
  const next = new Set(filter.qos)
  if (!next.delete(qos)) next.add(qos)
  if (next.size === 0) for (const other of [0, 1, 2] as const) if (other !== qos) next.add(other)
  return { ...filter, qos: next }
}
