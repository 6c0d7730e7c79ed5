import type { PublishOptions, ReceivedMessage, ScenarioClient, SubscribeOptions, Watch } from 'faultline'
import { checkKeys, mistake, shown } from '../../mistake.ts'
import type { Ask } from '../../scenario-crossing.ts'
import { checkMqttString, checkTopicFilter, checkTopicName } from '../../topics.ts'
import { bufferOf, toWire } from '../payload.ts'
import { readPublishOptions, readSubscribeOptions } from '../send-options.ts'
import { readClientOptions } from '../settings.ts'
import { type Asks, nothing } from './asks.ts'
import { createParts, type Handles } from './handles.ts'

/** What has no meaning for a client that does nothing by itself. */
const notHere: Readonly<Record<string, string>> = {
  reconnect: 'it never reconnects by itself; call connect()',
  store: 'it keeps what is in flight until the scenario ends',
  clientId: 'it is the first argument of client(...)',
}

/** The MQTT clients that a scenario drives. */
export class Clients {
  readonly #asks: Asks
  readonly #handles: Handles
  readonly #ids = new Set<string>()

  constructor(asks: Asks, handles: Handles) {
    this.#asks = asks
    this.#handles = handles
  }

  /** Ids that others have. */
  reserve(ids: readonly string[]): void {
    for (const id of ids) this.#ids.add(id)
  }

  /** One that is there already. @param version of its protocol */
  existing(id: string, version: number): ScenarioClient {
    this.#ids.add(id)
    return this.#create(id, version, false)
  }

  readonly open = (id: unknown, options?: unknown): Promise<ScenarioClient> => {
    let version = 4
    return this.#asks.ask(
      () => {
        const checked = this.#newId(id)
        const settings = readSettings(options, checked)
        this.#ids.add(checked)
        version = settings.protocolVersion
        return { do: 'open client', id: checked, settings }
      },
      (answer) => this.#create(String(id), version, sessionIn(answer)),
    )
  }

  #newId(id: unknown): string {
    const checked = checkMqttString(id, 'the Client Identifier of client(...)')
    if (checked === '') throw mistake('the Client Identifier of client(...) must not be empty')
    if (!this.#ids.has(checked)) return checked
    throw mistake(
      `there is a '${checked}' already; a client connects again with its connect(), and a device's takeOver() connects a second client with its id`,
    )
  }

  #create(id: string, version: number, present: boolean): ScenarioClient {
    const asks = this.#asks
    let sessionPresent = present
    const client: ScenarioClient = {
      kind: 'client handle',
      id,
      ...createParts(asks, this.#handles, id),
      get sessionPresent() {
        return sessionPresent
      },
      subscribe: (filter, options) => this.#subscribe(id, version, filter, options),
      unsubscribe: (filter) => asks.ask(() => ({ do: 'unsubscribe', id, filters: filtersOf(filter) }), nothing),
      publish: (topic, payload, options) => asks.ask(() => publication(id, version, topic, payload, options), nothing),
      disconnect: () => asks.ask(() => ({ do: 'disconnect', id }), nothing),
      drop: () => asks.ask(() => ({ do: 'drop client', id }), nothing),
      connect: () =>
        asks.ask(
          () => ({ do: 'connect', id }),
          (answer) => {
            sessionPresent = sessionIn(answer)
          },
        ),
    }
    return this.#handles.add(client, { is: 'client', id })
  }

  #subscribe(id: string, version: number, filter: unknown, options: SubscribeOptions = {}): Promise<Watch> {
    let filters: readonly string[] = []
    return this.#asks.ask(
      () => {
        filters = Object.freeze(filtersOf(filter))
        const { qos, more } = readSubscribeOptions(options, version)
        return { do: 'subscribe', id, filters: [...filters], qos, ...more }
      },
      (answer) => this.#watch((answer as { watch: number }).watch, filters),
    )
  }

  #watch(number: number, filters: readonly string[]): Watch {
    const asks = this.#asks
    const watch: Watch = {
      kind: 'watch',
      filters,
      count: () => asks.ask(() => ({ do: 'read', what: 'count', of: number }), Number),
      messages: () =>
        asks.ask(
          () => ({ do: 'read', what: 'messages', of: number }),
          (answer) => answer as readonly ReceivedMessage[],
        ),
    }
    return this.#handles.add(watch, { is: 'watch', watch: number })
  }
}

function sessionIn(answer: unknown): boolean {
  return typeof answer === 'object' && answer !== null && 'sessionPresent' in answer && answer.sessionPresent === true
}

function readSettings(options: unknown, id: string): Extract<Ask, { do: 'open client' }>['settings'] {
  if (options !== undefined) checkKeys(options, Object.keys(options as object), 'client(...)')
  for (const key of Object.keys(options ?? {})) {
    const why = Object.hasOwn(notHere, key) ? notHere[key] : undefined
    if (why !== undefined) throw mistake(`a client of a scenario has no option \`${key}\`: ${why}`)
  }
  const { reconnect: _, ...settings } = readClientOptions(options, id)
  return settings
}

function filtersOf(filter: unknown): string[] {
  const filters: readonly unknown[] = Array.isArray(filter) ? filter : [filter]
  if (filters.length === 0) throw mistake('there must be a topic filter, not an empty list')
  return filters.map((each) => checkTopicFilter(each, 'the topic filter'))
}

function publication(
  id: string,
  version: number,
  topic: unknown,
  payload: unknown,
  options: PublishOptions | undefined,
): readonly [Ask, ArrayBuffer | undefined] {
  const { qos = 0, retain = false, properties } = readPublishOptions(options, version)
  const named = topic === '' && properties?.topicAlias !== undefined ? '' : checkTopicName(topic, 'the topic')
  const about = { do: 'publish', id, topic: named, qos, retain } as const
  const { text, octets } = payloadOf(payload)
  return [{ ...about, ...text, ...(properties === undefined ? {} : { properties }) }, octets]
}

/** As it crosses: text in the ask, octets beside it. */
export function payloadOf(payload: unknown): { text: { text?: string }; octets: ArrayBuffer | undefined } {
  if (payload === undefined) throw mistake(`the payload must be given, not ${shown(payload)}; '' is an empty one`)
  const wire = toWire(payload, 'the payload')
  return typeof wire === 'string' ? { text: { text: wire }, octets: undefined } : { text: {}, octets: bufferOf(wire) }
}
