import type {
  PublishProperties,
  SubscribeProperties,
  UnsubscribeProperties,
} from '../../../app/script-api/properties.ts'
import type { OutgoingMessage } from './encode-publish.ts'

/** What a script asks of its client; the `call` comes back with the outcome. */
export type Request =
  | ({ readonly type: 'publish'; readonly call: number } & OutgoingMessage)
  | {
      readonly type: 'subscribe'
      readonly call: number
      readonly filter: string
      readonly qos: 0 | 1 | 2
      readonly noLocal?: boolean | undefined
      readonly retainAsPublished?: boolean | undefined
      readonly retainHandling?: 0 | 1 | 2 | undefined
      readonly properties?: SubscribeProperties | undefined
    }
  | {
      readonly type: 'unsubscribe'
      readonly call: number
      readonly filter: string
      readonly properties?: UnsubscribeProperties | undefined
    }

interface Pending {
  readonly request: Request
  readonly octets: number
  /** It went out on the connection that stands, or at QoS 1 and 2 on one before. */
  sent: boolean
}

/** What waits for a connection or for an acknowledgement is bounded: a device has little memory. */
export const mostPending = { calls: 10_000, octets: 16 * 1024 * 1024 }

/** The calls of a client that have no outcome yet, in order. */
export class PendingCalls {
  readonly #calls = new Map<number, Pending>()
  #octets = 0

  get size(): number {
    return this.#calls.size
  }

  /** @param kept what an earlier life has left in flash, which is pending as well */
  hasRoomFor(request: Request, kept: { readonly size: number; readonly octets: number }): boolean {
    if (this.#calls.size + kept.size >= mostPending.calls) return false
    return this.#octets + kept.octets + octetsOf(request) <= mostPending.octets
  }

  add(request: Request, sent = false): void {
    const octets = octetsOf(request)
    this.#calls.set(request.call, { request, octets, sent })
    this.#octets += octets
  }

  markSent(call: number): void {
    const pending = this.#calls.get(call)
    if (pending !== undefined) pending.sent = true
  }

  /** Takes one out; false when it is not there any more. */
  remove(call: number): boolean {
    const pending = this.#calls.get(call)
    if (pending === undefined) return false
    this.#calls.delete(call)
    this.#octets -= pending.octets
    return true
  }

  get unsent(): Request[] {
    return [...this.#calls.values()].filter(({ sent }) => !sent).map(({ request }) => request)
  }

  get sent(): Request[] {
    return [...this.#calls.values()].filter(({ sent }) => sent).map(({ request }) => request)
  }
}

function octetsOf(request: Request): number {
  if (request.type === 'publish') return messageOctets(request)
  return Buffer.byteLength(request.filter) + propertyOctets(request.properties)
}

export function messageOctets({ payload, properties, topic }: OutgoingMessage): number {
  return payload.length + Buffer.byteLength(topic) + propertyOctets(properties)
}

/** What a pair takes by itself, and each number of a list: both are cheap to make and add up. */
const overhead = { pair: 64, number: 8 }

/** What may be long: the rest of the properties is numbers. */
function propertyOctets(properties: PublishProperties | undefined): number {
  if (properties === undefined) return 0
  const { contentType = '', correlationData = [], responseTopic = '', userProperties = [] } = properties
  let octets = Buffer.byteLength(contentType) + Buffer.byteLength(responseTopic)
  octets += correlationData.length * overhead.number
  for (const [name, text] of userProperties) {
    octets += overhead.pair + Buffer.byteLength(name) + Buffer.byteLength(text)
  }
  return octets
}

/** How much of a topic a message shows. */
const mostShown = 200

/** For a message about it. */
export function described(request: Request): string {
  return request.type === 'publish'
    ? `publish to '${shortened(request.topic)}' at QoS ${request.qos}`
    : `${request.type} '${shortened(request.filter)}'`
}

/** A part of a text holds the whole of it in memory, and messages may wait in great numbers: so it is written anew. */
function shortened(topic: string): string {
  return topic.length <= mostShown ? topic : `${Buffer.from(topic.slice(0, mostShown)).toString()}…`
}

/** What a device is told of calls that went down with its connection. @param lost one at least */
export function lostWords(lost: readonly [Request, ...Request[]]): string {
  const what = lost.length === 1 ? 'this was' : `${lost.length} calls were`
  const more = lost.length === 1 ? '' : ', …'
  return `the connection was lost before ${what} complete: ${described(lost[0])}${more}`
}
