import type { Awaited } from './awaited.ts'
import type { ExchangeState, MessageState } from './message.ts'
import type { PacketRung, TrackedExchange } from './tracked-exchange.ts'

const notSeen = 'some packets were not seen'

/** What a remark is taken from. */
interface Remarked {
  readonly topic: string
  readonly note: string
  readonly exchanges: readonly TrackedExchange[]
  readonly awaited: Awaited | undefined
}

/** One line about a message: why it is in this state. */
export function remarkOf(state: MessageState, message: Remarked): string {
  // Most of what passes is complete: there is nothing to find out.
  if (state === 'complete') return message.note
  const { exchanges } = message
  const first = (wanted: ExchangeState) => exchanges.find((exchange) => exchange.state === wanted) as TrackedExchange
  switch (state) {
    case 'held':
      return heldRemark(first('held'))
    case 'lost':
      return lostRemark(first('lost'))
    case 'refused':
      return refusedRemark(first('refused'))
    case 'delivered again':
      return againRemark(exchanges) || message.note
    case 'queued':
      return queuedRemark(message)
    case 'waiting':
      // One of which it is known says more than one of which nobody can know.
      return waitingRemark(exchanges.find((one) => one.state === 'waiting' && !one.unsure) ?? first('waiting'))
  }
}

function queuedRemark({ awaited, topic }: Remarked): string {
  if (awaited === undefined) return ''
  const who =
    awaited.left === 1
      ? `${awaited.last(topic)?.clientId || 'a subscriber'} is offline`
      : `${thousands(awaited.left)} subscribers are offline`
  return awaited.unsure ? `${who}, ${notSeen}` : who
}

/** Such as `1,000`; Intl would take most of the time that a summary takes. */
function thousands(count: number): string {
  return `${count}`.replace(/\B(?=(\d{3})+$)/g, ',')
}

function packets(exchange: TrackedExchange): PacketRung[] {
  return exchange.rungs.filter((rung) => rung.kind === 'packet')
}

function named(type: string, packetId: number | undefined): string {
  return packetId === undefined ? type : `${type} ${packetId}`
}

function by(step: PacketRung): string {
  return step.by === '' ? '' : ` by ${step.by}`
}

function client({ clientId, rungs }: TrackedExchange): string {
  return clientId === '' ? `connection ${rungs[0]?.connection ?? 0}` : clientId
}

function heldRemark(exchange: TrackedExchange): string {
  const held = packets(exchange).find(({ fate }) => fate === 'held')
  if (held === undefined) return ''
  const to = held.direction === 'to client' ? client(exchange) : 'the broker'
  const remark = `${named(held.type, held.packetId)} to ${to} is held`
  return exchange.unsure ? `${remark}, ${notSeen}` : remark
}

function lostRemark(exchange: TrackedExchange): string {
  const dropped = packets(exchange).findLast(({ fate }) => fate === 'dropped')
  if (dropped !== undefined) return `${dropped.type} dropped${by(dropped)}`
  if (exchange.qos === 0) return 'PUBLISH lost'
  const cut = exchange.rungs.findLast((rung) => rung.kind === 'connection' && rung.what === 'lost')
  if (cut?.kind === 'connection') return `${cut.text}, no session to go on with`
  return `Packet Identifier ${exchange.packetId} was used again too early`
}

function refusedRemark(exchange: TrackedExchange): string {
  const refusal = packets(exchange).findLast(({ code }) => code !== undefined)
  if (refusal?.code === undefined) return ''
  const who = refusal.direction === 'to client' ? 'the broker' : client(exchange)
  return `${who} refuses it: Reason Code 0x${refusal.code.toString(16)}`
}

/** Why somebody got it again: an answer was lost, or a packet was sent more than once. */
function againRemark(all: readonly TrackedExchange[]): string {
  const steps = all.flatMap(packets)
  const lost = steps.find(({ fate, type }) => fate === 'dropped' && type !== 'PUBLISH')
  if (lost !== undefined) return `${lost.type} lost`
  const duplicated = steps.find(({ fate, type }) => fate === 'duplicated' && type === 'PUBLISH')
  if (duplicated !== undefined) return `PUBLISH duplicated${by(duplicated)}`
  const again = steps.find(({ type, dup }) => type === 'PUBLISH' && dup)
  return again === undefined ? '' : 'PUBLISH sent again'
}

function waitingRemark(exchange: TrackedExchange): string {
  if (exchange.unsure) return notSeen
  const { packetId, rungs } = exchange
  const { expects } = exchange.standing
  if (expects === undefined) return ''
  const last = rungs.at(-1)
  if (last?.kind === 'connection' && last.what === 'lost') return `${client(exchange)} is offline`
  const lost = packets(exchange).findLast(({ fate }) => fate === 'dropped')
  const why = lost === undefined ? '' : `${lost.type} lost, `
  return `${why}waits for ${named(expects, packetId)}`
}
