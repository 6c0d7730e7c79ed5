import type { ExchangeSnapshot, MessageSnapshot } from '../../../app/contract/messages.ts'
import { describeBreakpoint } from '../../../app/faults/describe-rule.ts'
import type { PacketType } from '../../../app/mqtt/control-packet.ts'
import { formatLength, formatSince } from './times.ts'

export type Step = ExchangeSnapshot['steps'][number]
export type PacketStep = Extract<Step, { kind: 'packet' }>
export type ConnectionStep = Extract<Step, { kind: 'connection' }>
export type WordTone = 'text' | 'quiet' | 'amber' | 'red' | 'blue' | 'faint'

/** A run of text in one colour. */
export interface Words {
  readonly text: string
  readonly tone: WordTone
}

/** Who takes part in an exchange beside the broker. */
export function clientName(exchange: ExchangeSnapshot): string {
  return exchange.clientId === '' ? `connection ${exchange.steps[0]?.connection ?? 0}` : exchange.clientId
}

/** Who published a message, or left it as a will; undefined where nobody did. */
export function publisherName(message: MessageSnapshot): string | undefined {
  if (message.publisher !== undefined) return clientName(message.publisher)
  if (message.origin === 'retained' || message.origin === 'broker' || message.publisherId === '') return undefined
  return message.publisherId
}

/** What stands over an arrow, such as `PUBLISH id 19 QoS 2 DUP`. */
export function labelOf(step: PacketStep, retain: boolean): Words[] {
  const tone = step.fate === 'dropped' ? 'red' : step.fate === 'held' ? 'blue' : 'text'
  const words: Words[] = [{ text: nameOf(step), tone }]
  if (step.type === 'PUBLISH' && step.dup) words.push({ text: 'DUP', tone: 'amber' })
  if (step.type === 'PUBLISH' && retain) words.push({ text: 'RETAIN', tone })
  if (step.code !== undefined) words.push({ text: formatCode(step.code), tone: 'red' })
  if (step.fate === 'held') words.push({ text: 'held', tone })
  if (step.fate === 'duplicated' || step.fate === 'changed') words.push({ text: step.fate, tone: 'amber' })
  return words
}

function nameOf({ type, packetId, qos }: PacketStep): string {
  if (type !== 'PUBLISH') return packetId === undefined ? type : `${type} ${packetId}`
  const id = packetId === undefined ? '' : ` id ${packetId}`
  return `${type}${id}${qos === undefined ? '' : ` QoS ${qos}`}`
}

function formatCode(code: number): string {
  return `0x${code.toString(16).padStart(2, '0')}`
}

/** What stands beneath an arrow: what was done to the packet, and what follows from it. */
export function notesOf(step: PacketStep): Words[] {
  const fate = fateOf(step)
  const notes: Words[] = fate === undefined ? [] : [fate]
  if (step.remark !== undefined && step.remark !== '') notes.push({ text: step.remark, tone: 'quiet' })
  return notes
}

function fateOf({ fate, by, delay }: PacketStep): Words | undefined {
  const late = delay > 0 ? `, ${formatLength(delay)} late` : ''
  switch (fate) {
    case undefined:
      return undefined
    case 'held':
      return { text: heldBy(by), tone: 'quiet' }
    case 'dropped':
      return { text: `dropped${byWhom(by)}`, tone: 'quiet' }
    case 'delayed':
      return { text: `delayed${delay > 0 ? ` ${formatLength(delay)}` : ''}${byWhom(by)}`, tone: 'quiet' }
    case 'duplicated':
      return { text: `sent more than once${byWhom(by)}${late}`, tone: 'quiet' }
    case 'changed':
      return { text: `changed on its way${byWhom(by)}${late}`, tone: 'quiet' }
  }
}

/** What holds a packet is told by the text of a breakpoint's filter, or it is held with all others. */
function heldBy(by: string): string {
  if (by === '' || by === 'hold everything') return 'everything is held'
  return `breakpoint: ${by === 'every packet' ? by : describeBreakpoint(by).replace(/^hold /, '')}`
}

/** Rules are told by their names, which read strangely without quotes. */
function byWhom(by: string): string {
  if (by === '') return ''
  if (by === 'connection closed') return `: ${by}`
  return by === 'you' || by.startsWith('the ') ? ` by ${by}` : ` by “${by}”`
}

/** The whole step in one sentence, for those who do not see the arrow. */
export function sentenceOf(step: PacketStep, retain: boolean, client: string, since: number): string {
  const [from, to] = step.direction === 'to broker' ? [client, 'the broker'] : ['the broker', client]
  const label = labelOf(step, retain).map(({ text }) => text)
  const notes = notesOf(step).map(({ text }) => text)
  const end = step.fate === 'dropped' ? 'It never arrives' : step.fate === 'held' ? 'It has not arrived' : ''
  const rest = [end, ...notes].filter((part) => part !== '').map((part) => `. ${part}`)
  return `${formatSince(since)}: ${from} to ${to}: ${label.join(' ')}${rest.join('')}`
}

/** What happened to a client's connection, with the client's name where the text does not say it. */
export function connectionWords(step: ConnectionStep, client: string): string {
  return step.text.includes(client) ? step.text : `${client}: ${step.text}`
}

/** The packet that an exchange waits for, or will once the one that is held has arrived. */
export function expectedPacket(exchange: ExchangeSnapshot): PacketType | undefined {
  if (exchange.state !== 'held') return exchange.state === 'waiting' ? exchange.expects : undefined
  const held = exchange.steps.findLast((step) => step.kind === 'packet' && step.fate === 'held')
  return held?.kind === 'packet' ? answerTo(held.type, exchange.qos) : undefined
}

function answerTo(type: PacketType, qos: ExchangeSnapshot['qos']): PacketType | undefined {
  if (type === 'PUBLISH') return qos === 0 ? undefined : qos === 1 ? 'PUBACK' : 'PUBREC'
  if (type === 'PUBREC') return 'PUBREL'
  return type === 'PUBREL' ? 'PUBCOMP' : undefined
}

/** Whether a packet of an exchange goes from whoever sends the message to whoever receives it. */
export function goesForward(type: PacketType): boolean {
  return type === 'PUBLISH' || type === 'PUBREL'
}
