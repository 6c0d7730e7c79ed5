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

  hasRoomFor(request: Request): boolean {
    return this.#calls.size < mostPending.calls && this.#octets + octetsOf(request) <= mostPending.octets
  }

  add(request: Request, sent = false): void {
    this.#calls.set(request.call, { request, sent })
    this.#octets += octetsOf(request)
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
    this.#octets -= octetsOf(pending.request)
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
  const carried = request.type === 'publish' ? request.payload.length : 0
  return request.properties === undefined ? carried : carried + propertyOctets(request.properties)
}

/** What may be long: the rest of the properties is numbers. */
function propertyOctets(properties: PublishProperties): number {
  const { contentType = '', correlationData = [], responseTopic = '', userProperties = [] } = properties
  const pairs = userProperties.reduce((sum, [name, value]) => sum + name.length + value.length, 0)
  return contentType.length + correlationData.length + responseTopic.length + pairs
}

/** For a message about it. */
export function described(request: Request): string {
  return request.type === 'publish'
    ? `publish to '${request.topic}' at QoS ${request.qos}`
    : `${request.type} '${request.filter}'`
}
