import { canRefuse, type RefusedPacket } from '../../../app/contract/broker.ts'
import type { Params, Result } from '../../../app/contract/contract.ts'
import { reasonName } from '../../../app/mqtt/decode-codes.ts'
import { describeCode } from '../../../app/mqtt/decode-values.ts'
import { filterProblem } from '../../../app/mqtt/topics.ts'
import type { DotTone } from '../../ui/dot.tsx'
import { formatCount, formatPlural } from '../../ui/format.ts'

export type BrokerState = Result<'broker.state'>
export type Refusal = BrokerState['refusals'][number]
export type Order = Params<'broker.refuse'>

/** The packet that answers, and whose Reason Codes it may be. */
const answers = { CONNECT: 'CONNACK', PUBLISH: 'PUBACK', SUBSCRIBE: 'SUBACK', UNSUBSCRIBE: 'UNSUBACK' } as const

/** Those that are wanted most. */
const firstCodes: readonly number[] = [0x88, 0x89, 0x8a, 0x97, 0x86, 0x87]

const allCodes = [
  ...firstCodes,
  ...Array.from({ length: 0xff }, (_, i) => i + 1).filter((i) => !firstCodes.includes(i)),
]

export const refusedPackets: readonly RefusedPacket[] = ['CONNECT', 'PUBLISH', 'SUBSCRIBE', 'UNSUBSCRIBE']

/** Reason Codes that such a packet can be refused with, in words, those that are wanted most first. */
export function codesOf(packet: RefusedPacket): readonly { readonly code: number; readonly label: string }[] {
  return allCodes
    .filter((code) => canRefuse(packet, code) && reasonName(answers[packet], code) !== undefined)
    .map((code) => ({ code, label: labelOf(packet, code) }))
}

function labelOf(packet: RefusedPacket, code: number): string {
  return describeCode(code, reasonName(answers[packet], code))
}

export function describeStore(store: BrokerState['store']): string {
  if (store.type === 'memory') return 'in memory, until the broker stops'
  return store.type === 'level' ? `LevelDB in ${store.folder}` : `Redis at ${store.url}`
}

/** Undefined where it can be written. */
export function describeFailing({ storeFailing }: Pick<BrokerState, 'storeFailing'>): string | undefined {
  if (storeFailing === undefined) return undefined
  return `It cannot be written, for ${formatCount(Math.round(storeFailing))} s now: nothing is acknowledged, and nobody is let in.`
}

/** Of the dot beside its name. @param connected false while nothing is heard of the workbench */
export function toneOfBroker(state: Pick<BrokerState, 'storeFailing'> | undefined, connected: boolean): DotTone {
  if (!connected) return 'grey'
  return state?.storeFailing === undefined ? 'green' : 'red'
}

/** What it answers: `CONNECT: 0x88 Server unavailable`. */
export function nameRefusal({ code, packet = 'CONNECT' }: Refusal): string {
  return `${packet}: ${labelOf(packet, code)}`
}

/** Whom it is for, and how often it has refused. */
export function describeRefusal({ clients, refused, times, topic }: Refusal): string {
  const whom = clients === undefined || clients === '*' ? 'every client' : clients
  const where = topic === undefined ? '' : ` · ${topic}`
  const often = times === undefined ? '' : ` of ${formatCount(times)}`
  return `${whom}${where} · ${formatCount(refused)}${often} refused`
}

/** What stands in the top bar while somebody is refused on purpose; undefined where nobody is. */
export function describeRefusals(refusals: readonly Refusal[]): string | undefined {
  return refusals.length === 0 ? undefined : formatPlural(refusals.length, 'refusal')
}

/** What somebody has typed. */
export interface RefusalForm {
  readonly packet: RefusedPacket
  readonly code: number
  readonly clients: string
  readonly topic: string
  readonly times: string
  readonly reason: string
  readonly serverReference: string
}

/** @param code one that the packet has; @default the one that is wanted most */
export function startForm(packet: RefusedPacket, code = codesOf(packet)[0]?.code ?? 0x80): RefusalForm {
  return { packet, code, clients: '', topic: '', times: '', reason: '', serverReference: '' }
}

/** Which of the fields that not every order has this one has [MQTT 5 §4.11]. */
export function fieldsOf({ code, packet }: RefusalForm) {
  return {
    topic: packet !== 'CONNECT',
    // The answers to the other two are lists of codes, whose words are about all of them.
    reason: packet === 'CONNECT' || packet === 'PUBLISH',
    serverReference: packet === 'CONNECT' && (code === 0x9c || code === 0x9d),
  }
}

/** What a client that is told no code makes of it. */
export const remarks: Readonly<Record<RefusedPacket, string>> = {
  CONNECT: '3.1.1 gets the Return Code next to it. Who is connected stays.',
  PUBLISH: 'At QoS 0, and in 3.1.1, nobody is told: the message goes nowhere.',
  SUBSCRIBE: '3.1.1 gets 0x80, Failure.',
  UNSUBSCRIBE: 'In 3.1.1 no answer says no: the connection is closed.',
}

/** The order, or what is wrong with how many times, or the topic. */
export function readForm(form: RefusalForm): { readonly order: Order } | { readonly problem: string } {
  const { code, packet } = form
  const has = fieldsOf(form)
  const times = form.times.trim() === '' ? undefined : readWhole(form.times, 1, 1_000_000)
  if (times === null) return { problem: 'how many times: a whole number from 1 to 1,000,000, or nothing' }
  const topic = has.topic && form.topic !== '' ? form.topic : undefined
  const wrong = topic === undefined ? undefined : filterProblem(topic)
  if (wrong !== undefined) return { problem: `topic: ${wrong}` }
  const given = (text: string) => text.trim() || undefined
  return {
    order: {
      packet,
      code,
      clients: given(form.clients),
      topic,
      times,
      reason: has.reason ? given(form.reason) : undefined,
      serverReference: has.serverReference ? given(form.serverReference) : undefined,
      beside: true,
    },
  }
}

/** A whole number as people write it, `1,000` as well; null where it is none, or out of range. */
export function readWhole(text: string, least: number, most: number): number | null {
  const digits = text.trim().replaceAll(/(?<=\d),(?=\d{3}(?!\d))/g, '')
  if (!/^\d+$/.test(digits)) return null
  const value = Number(digits)
  return value >= least && value <= most ? value : null
}
