import type { Exchange, Message, MessageState, Step } from './message.ts'

type PacketStep = Extract<Step, { kind: 'packet' }>

/** What a remark is taken from. */
interface Parts extends Pick<Message, 'publisher' | 'subscribers'> {
  /** Client Identifiers of those that are not connected and will get it. */
  readonly awaited: readonly string[]
  readonly note: string
}

/** One line about a message: why it is in this state. */
export function remarkOf(state: MessageState, parts: Parts): string {
  const { publisher, subscribers, awaited, note } = parts
  const all = publisher === undefined ? subscribers : [publisher, ...subscribers]
  const first = (wanted: Exchange['state']) => all.find((exchange) => exchange.state === wanted) as Exchange
  switch (state) {
    case 'held':
      return heldRemark(first('held'))
    case 'lost':
      return lostRemark(first('lost'))
    case 'refused':
      return refusedRemark(first('refused'))
    case 'delivered again':
      return againRemark(all) || note
    case 'queued':
      return awaited.length === 1
        ? `${awaited[0] || 'a subscriber'} is offline`
        : `${awaited.length} subscribers are offline`
    case 'waiting':
      return waitingRemark(first('waiting'))
    case 'complete':
      return note
  }
}

function packets(exchange: Exchange): PacketStep[] {
  return exchange.steps.filter((step) => step.kind === 'packet')
}

function named(type: string, packetId: number | undefined): string {
  return packetId === undefined ? type : `${type} ${packetId}`
}

function by(step: PacketStep): string {
  return step.by === '' ? '' : ` by ${step.by}`
}

function client({ clientId, steps }: Exchange): string {
  return clientId === '' ? `connection ${steps[0]?.connection ?? 0}` : clientId
}

function heldRemark(exchange: Exchange): string {
  const held = packets(exchange).find(({ fate }) => fate === 'held')
  if (held === undefined) return ''
  const to = held.direction === 'to client' ? client(exchange) : 'the broker'
  return `${named(held.type, held.packetId)} to ${to} is held`
}

function lostRemark(exchange: Exchange): string {
  const dropped = packets(exchange).findLast(({ fate }) => fate === 'dropped')
  if (dropped !== undefined) return `${dropped.type} dropped${by(dropped)}`
  if (exchange.qos === 0) return 'PUBLISH lost'
  const cut = exchange.steps.findLast((step) => step.kind === 'connection' && step.what === 'lost')
  if (cut?.kind === 'connection') return `${cut.text}, no session to go on with`
  return `Packet Identifier ${exchange.packetId} was used again too early`
}

function refusedRemark(exchange: Exchange): string {
  const refusal = packets(exchange).findLast(({ code }) => code !== undefined)
  if (refusal?.code === undefined) return ''
  const who = refusal.direction === 'to client' ? 'the broker' : client(exchange)
  return `${who} refuses it: Reason Code 0x${refusal.code.toString(16)}`
}

/** Why somebody got it again: an answer was lost, or a packet was sent more than once. */
function againRemark(all: readonly Exchange[]): string {
  const steps = all.flatMap(packets)
  const lost = steps.find(({ fate, type }) => fate === 'dropped' && type !== 'PUBLISH')
  if (lost !== undefined) return `${lost.type} lost`
  const duplicated = steps.find(({ fate, type }) => fate === 'duplicated' && type === 'PUBLISH')
  if (duplicated !== undefined) return `PUBLISH duplicated${by(duplicated)}`
  const again = steps.find(({ type, dup }) => type === 'PUBLISH' && dup)
  return again === undefined ? '' : 'PUBLISH sent again'
}

function waitingRemark(exchange: Exchange): string {
  const { expects, packetId, steps } = exchange
  if (expects === undefined) return ''
  const last = steps.at(-1)
  if (last?.kind === 'connection' && last.what === 'lost') return `${client(exchange)} is offline`
  const lost = packets(exchange).findLast(({ fate }) => fate === 'dropped')
  const why = lost === undefined ? '' : `${lost.type} lost, `
  return `${why}waits for ${named(expects, packetId)}`
}
