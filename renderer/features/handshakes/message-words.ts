import type { MessageSummary } from '../../../app/contract/messages.ts'
import type { ChipTone } from '../../ui/chip.tsx'
import { formatCount, formatPlural } from '../../ui/format.ts'
import { formatLength } from './times.ts'

/** How a message is shown in the list. */
export interface MessageWords {
  readonly chip: { readonly tone: ChipTone; readonly text: string }
  /** From whom to whom, and how; never empty. */
  readonly line: string
  /** What does not fit into that line; empty where all of it does. */
  readonly more: string
}

/** A live list asks for all of its messages again with each that comes. */
const known = new WeakMap<MessageSummary, { readonly lineLength: number; readonly words: MessageWords }>()

/** @param lineLength as many characters as surely fit into one line of the list */
export function describeMessage(message: MessageSummary, lineLength: number): MessageWords {
  const before = known.get(message)
  if (before?.lineLength === lineLength) return before.words
  const words = wordsFor(message, lineLength)
  known.set(message, { lineLength, words })
  return words
}

function wordsFor(message: MessageSummary, lineLength: number): MessageWords {
  const parts = [`${sourceOf(message)} ${targetOf(message)}`, qosOf(message)]
  const last = message.remark === '' ? (figureOf(message) ?? '') : message.remark
  const line = [...parts, last].filter((part) => part !== '').join(' · ')
  const likely = message.match === 'likely' ? ' · likely'.length : 0
  if (last === '' || line.length + likely <= lineLength) return { chip: chipOf(message), line, more: '' }
  return { chip: chipOf(message), line: parts.join(' · '), more: last }
}

function sourceOf({ origin, publisherId }: MessageSummary): string {
  if (origin === 'retained') return 'retained'
  if (origin === 'broker') return 'broker'
  const name = publisherId === undefined || publisherId === '' ? 'unseen client' : publisherId
  return origin === 'will' ? `will of ${name}` : name
}

function targetOf({ subscriberIds, subscribers, state, origin, target }: MessageSummary): string {
  const [only] = subscriberIds
  if (subscribers === 1) return `→ ${only === undefined || only === '' ? '1 subscriber' : only}`
  if (subscribers > 1) return `→ ${formatPlural(subscribers, 'subscriber')}`
  if (origin === 'publish' && (state === 'lost' || state === 'refused')) return '✕ broker'
  // Of another broker only its clients that pass a Link are seen.
  return target === '' ? '→ no subscriber' : '→ subscribers not seen'
}

function qosOf({ qos, retain }: MessageSummary): string {
  return retain ? `QoS ${qos} retain` : `QoS ${qos}`
}

/** The Packet Identifier while it matters, then how long it took. */
function figureOf({ state, packetId, duration }: MessageSummary): string | undefined {
  if (state === 'complete' || state === 'delivered again') return duration > 0 ? formatLength(duration) : undefined
  return packetId === undefined ? undefined : `id ${packetId}`
}

const tones: Record<MessageSummary['state'], ChipTone> = {
  held: 'blue',
  lost: 'red',
  refused: 'red',
  'delivered again': 'amber',
  queued: 'amber',
  waiting: 'grey',
  complete: 'green',
}

function chipOf({ state, origin, deliveries }: MessageSummary): MessageWords['chip'] {
  if (state === 'delivered again') return { tone: 'amber', text: `delivered ×${formatCount(deliveries)}` }
  if (state === 'complete' && origin === 'will') return { tone: 'purple', text: 'will' }
  return { tone: tones[state], text: state }
}
