/** A device's MQTT client: how it connects, what it sends, and what arrives. */
declare module 'faultline' {
  /**
   * How the device's MQTT client connects.
   *
   * ```ts
   * client: {
   *   protocolVersion: 5,
   *   cleanStart: false,
   *   sessionExpiryInterval: '1h',
   *   keepAlive: '10s',
   *   will: { topic: `plant/${id}/status`, payload: 'offline', qos: 1, retain: true, willDelayInterval: '30s' },
   *   reconnect: { after: '1s', factor: 2, max: '30s', jitter: 0.3 },
   * }
   * ```
   */
  export interface ClientOptions {
    /** 3 is MQTT 3.1, 4 is MQTT 3.1.1, 5 is MQTT 5. @default 4 */
    readonly protocolVersion?: 3 | 4 | 5
    /** The Client Identifier, up to 65535 octets. @default the device's id */
    readonly clientId?: string
    /**
     * False goes on with the session that the broker has kept: subscriptions and queued messages survive. It is Clean
     * Session in MQTT 3.1.1; in MQTT 5 it is Clean Start, and how long a session is kept says `sessionExpiryInterval`.
     *
     * @default true
     */
    readonly cleanStart?: boolean
    /**
     * How long the client may be silent before the broker takes it for dead, after half as much again: whole seconds up to
     * 65535, 0 is off. A broker with MQTT 5 may set another one (`properties.serverKeepAlive` of `connected`).
     *
     * @default '60s'
     */
    readonly keepAlive?: Duration
    readonly username?: string
    /** Needs a `username`, except with MQTT 5, which also takes a token as a password alone. */
    readonly password?: string
    /** The Will Message: the broker publishes it when the connection ends without DISCONNECT. */
    readonly will?: Will
    /** When to try again after the connection was lost. `false` never tries. */
    readonly reconnect?: ReconnectPolicy | false
    /**
     * Where the client keeps its half of the session: messages of QoS 1 and 2 whose handshake is not finished, or that wait
     * for a connection, and what is half received at QoS 2. The loss of the network harms neither. With `'ram'` all of it is
     * gone when the device loses its power; with `'flash'` it is sent again after power on, with DUP. `'flash'` needs a
     * session that outlives its connection: `cleanStart: false`, and in MQTT 5 a `sessionExpiryInterval`.
     *
     * @default 'ram'
     */
    readonly store?: 'ram' | 'flash'

    /**
     * MQTT 5. How long the broker keeps the session after the connection has ended: whole seconds up to 4294967294, or
     * `'never'` for a session that never expires. @default 0: it ends with the connection
     */
    readonly sessionExpiryInterval?: Duration | 'never'
    /** MQTT 5. How many messages of QoS 1 and 2 the broker may send before one is acknowledged, 1 to 65535. @default 65535 */
    readonly receiveMaximum?: number
    /** MQTT 5. The largest packet that the client takes, in octets, at least 1. @default any size */
    readonly maximumPacketSize?: number
    /** MQTT 5. How many Topic Aliases the broker may use for what it sends, 0 to 65535. @default 0 */
    readonly topicAliasMaximum?: number
    /**
     * MQTT 5. Gives a Topic Alias to each topic that is published to, as far as the broker takes them, so that the topic is
     * sent once. The one that was used longest ago makes room for a new topic. @default false
     */
    readonly topicAliases?: boolean
    /** MQTT 5. Asks for `responseInformation` in CONNACK; `client.request` uses it. @default false */
    readonly requestResponseInformation?: boolean
    /** MQTT 5. False asks the broker to leave reason strings out where it may. @default true */
    readonly requestProblemInformation?: boolean
    /** MQTT 5. User Properties of CONNECT. */
    readonly userProperties?: UserProperties
  }

  /** Named texts of MQTT 5 whose meaning is the sender's. A list gives the same name several times. */
  export interface UserProperties {
    readonly [name: string]: string | readonly string[]
  }

  export interface Will extends MessageProperties {
    readonly topic: string
    /** Up to 65535 octets. */
    readonly payload: Payload
    /** @default 0 */
    readonly qos?: QoS
    /** @default false */
    readonly retain?: boolean
    /**
     * MQTT 5. How long the broker waits before it publishes the will; a reconnect in time means that it never does. Whole
     * seconds. It is published earlier when the session expires. @default 0
     */
    readonly willDelayInterval?: Duration
  }

  /** What MQTT 5 can say about a message besides its payload. With another version these options are refused. */
  export interface MessageProperties {
    /** True: the payload is UTF-8 text. @default false */
    readonly payloadFormatIndicator?: boolean
    /** How long the broker may keep the message for somebody who is not there, in whole seconds. @default for ever */
    readonly messageExpiryInterval?: Duration
    /** What the payload is, such as `'application/json'`. */
    readonly contentType?: string
    /** The topic to which a response shall be published. `client.request` sets it. */
    readonly responseTopic?: string
    /** What the response shall carry, so that it can be told which request it is for; up to 65535 octets. */
    readonly correlationData?: string | Uint8Array
    readonly userProperties?: UserProperties
  }

  /**
   * The wait before attempt n is `after × factor^(n-1)`, at most `max`, give or take `jitter`. Jitter is drawn from the
   * workspace's seed and the device's id: the same run has the same waits, and devices that were cut off together do not
   * come back together.
   */
  export interface ReconnectPolicy {
    /** The first wait. @default '1s' */
    readonly after?: Duration
    /** At least 1. @default 2 */
    readonly factor?: number
    /** The longest wait. @default '30s' */
    readonly max?: Duration
    /** From 0 to 1: 0.3 makes each wait up to 30 % shorter or longer, seeded. @default 0 */
    readonly jitter?: number
    /** How many attempts in a row may fail before the device stays offline, at least 1. @default any number */
    readonly attempts?: number
  }

  export interface ConnectedEvent {
    readonly client: Client
    /** True when the broker still had the session: subscriptions need not be made again. */
    readonly sessionPresent: boolean
    /** What the broker has said in CONNACK; without MQTT 5 nothing. */
    readonly properties: ConnackProperties
  }

  /** Properties of CONNACK, all of MQTT 5. Times are in seconds. */
  export interface ConnackProperties extends ReasonProperties {
    /** In place of the one that was asked for; 4294967295 is for ever. */
    readonly sessionExpiryInterval?: number
    /** How many messages of QoS 1 and 2 the broker takes before it acknowledges one: the client keeps to it. */
    readonly receiveMaximum?: number
    /** The highest QoS that can be published, where it is not 2. */
    readonly maximumQoS?: 0 | 1
    readonly retainAvailable?: boolean
    /** In octets. */
    readonly maximumPacketSize?: number
    readonly assignedClientIdentifier?: string
    readonly topicAliasMaximum?: number
    readonly wildcardSubscriptionAvailable?: boolean
    readonly subscriptionIdentifiersAvailable?: boolean
    readonly sharedSubscriptionAvailable?: boolean
    /** In place of the device's own keep alive. */
    readonly serverKeepAlive?: number
    readonly responseInformation?: string
    readonly serverReference?: string
    readonly authenticationMethod?: string
    readonly authenticationData?: Uint8Array
  }

  /** What MQTT 5 can say besides a Reason Code. */
  export interface ReasonProperties {
    readonly reasonString?: string
    readonly userProperties?: UserProperties
    /** Another broker to go to. */
    readonly serverReference?: string
  }

  export interface DisconnectedEvent {
    /** Why, in words: `connection lost: it was reset`, `disconnected`, `refused: not authorized`. */
    readonly reason: string
    /** MQTT 5: the Reason Code of the broker's DISCONNECT or CONNACK. MQTT 3: the Return Code of CONNACK. */
    readonly reasonCode: number | undefined
    /** MQTT 5: what the broker said besides. */
    readonly properties: ReasonProperties
    readonly willReconnect: boolean
  }

  /**
   * The broker has refused what was asked of it: a promise of `publish`, `subscribe` or `unsubscribe` is rejected with it.
   *
   * ```ts
   * client.subscribe('secret/#').catch((error: RefusedError) => log(error.reasonCode, error.reasonString))
   * ```
   */
  export interface RefusedError extends Error {
    readonly name: 'RefusedError'
    /** 0x80 or more; undefined when it is this client that keeps to a limit of the broker (`maximumQoS`, ...). */
    readonly reasonCode: number | undefined
    readonly reasonString: string | undefined
    readonly userProperties: UserProperties | undefined
  }

  export interface MessageEvent {
    /** The Topic Name that the message was published to. */
    readonly topic: string
    readonly payload: Uint8Array
    /** The payload as UTF-8 text. */
    readonly text: string
    /** The payload read as JSON; undefined when it is not JSON, or is nested too deep (thousands of levels) to be read. */
    // biome-ignore lint/suspicious/noExplicitAny: what arrives is the business of the script
    readonly json: any
    /** The PUBLISH as it arrived. */
    readonly packet: {
      readonly qos: QoS
      readonly retain: boolean
      readonly dup: boolean
      readonly packetId: number | undefined
      /** Without MQTT 5 nothing. */
      readonly properties: ReceivedProperties
    }
    readonly client: Client
    /**
     * MQTT 5. Publishes a response to the message's Response Topic, with its Correlation Data; the QoS is that of the
     * message unless `options` say otherwise. Rejected when the message asks for no response, and as `publish` is.
     *
     * ```ts
     * async message(event) {
     *   if (event.topic === 'pump/read') await event.respond({ celsius: temperature.next() })
     * }
     * ```
     */
    respond(payload: Payload, options?: PublishOptions): Promise<void>
  }

  /** Properties of a PUBLISH that has arrived. */
  export interface ReceivedProperties {
    readonly payloadFormatIndicator?: boolean
    /** What is left of it, in seconds. */
    readonly messageExpiryInterval?: number
    readonly contentType?: string
    readonly responseTopic?: string
    readonly correlationData?: Uint8Array
    readonly userProperties?: UserProperties
    /** Those of the subscriptions that the message arrived for. */
    readonly subscriptionIdentifiers?: readonly number[]
    readonly topicAlias?: number
  }

  export interface Client {
    /** The Client Identifier; with an empty one and MQTT 5, the one that the broker has assigned. */
    readonly id: string
    readonly connected: boolean
    /**
     * Publishes a message. The promise settles when the handshake is complete: at QoS 0 when the packet was written, at
     * QoS 1 with PUBACK, at QoS 2 with PUBCOMP. While there is no connection, messages wait for the next one.
     *
     * It is rejected for a wrong argument; with a `RefusedError` when the broker refuses the message (MQTT 5); and when the
     * connection is lost before the handshake is complete and the session does not outlive it (at QoS 0 in any case). The
     * last one need not be caught: no script can help it.
     */
    publish(topic: string, payload: Payload, options?: PublishOptions): Promise<void>
    /**
     * Subscribes. The promise gives the granted QoS; it is rejected with a `RefusedError` when the broker refuses. A
     * rejection because the connection was lost first need not be caught: `connected` runs again on the next one.
     */
    subscribe(filter: string, options?: SubscribeOptions): Promise<QoS>
    unsubscribe(filter: string, options?: UnsubscribeOptions): Promise<void>
    /**
     * MQTT 5. Publishes a message and gives the response to it: the first message with its Correlation Data on its Response
     * Topic, which is not given to `message` as well. The first request subscribes to the Response Topic.
     *
     * Rejected when there is none within `timeout`, and as `publish` is.
     *
     * ```ts
     * const { json } = await client.request('plant/clock', '', { timeout: '2s' })
     * ```
     */
    request(topic: string, payload: Payload, options?: RequestOptions): Promise<MessageEvent>
    /**
     * Disconnects in order and stays offline: `disconnected` is called with `willReconnect: false`, and the device connects
     * again when somebody tells it to, on the screen or with a reboot. The broker drops the will.
     *
     * ```ts
     * client.disconnect()
     * // MQTT 5: the broker publishes the will all the same, and forgets the session
     * client.disconnect({ reasonCode: 0x04, sessionExpiryInterval: 0, reasonString: 'maintenance' })
     * ```
     */
    disconnect(options?: DisconnectOptions): void
  }

  /** What DISCONNECT says. All of it needs MQTT 5; with another version these options are refused. */
  export interface DisconnectOptions {
    /**
     * 0x00 normal, 0x04 with Will Message (the broker publishes it), or an error: 0x80 to 0x83, 0x90, 0x93 to 0x99.
     * @default 0x00
     */
    readonly reasonCode?: number
    /**
     * How long the broker keeps the session from now on, instead of what `client.sessionExpiryInterval` said: whole seconds
     * up to 4294967294, or `'never'`. More than 0 needs a `client.sessionExpiryInterval`. @default as the client's
     */
    readonly sessionExpiryInterval?: Duration | 'never'
    /** For whoever reads the broker's log, up to 65535 octets. */
    readonly reasonString?: string
    readonly userProperties?: UserProperties
  }

  /** Everything but `qos` and `retain` needs MQTT 5. */
  export interface PublishOptions extends MessageProperties {
    /** @default 0 */
    readonly qos?: QoS
    /** The broker keeps the message for later subscribers. @default false */
    readonly retain?: boolean
    /**
     * A number from 1 to what the broker takes (`properties.topicAliasMaximum` of `connected`) that stands for the topic
     * from now on, on this connection: publish to `''` with it. `topicAliases` of the client does so by itself.
     */
    readonly topicAlias?: number
  }

  export interface RequestOptions extends Omit<PublishOptions, 'correlationData'> {
    /** How long to wait for the response, from the call. @default '10s' */
    readonly timeout?: Duration
    /** @default `responses/` and the Client Identifier, or below what the broker's `responseInformation` says */
    readonly responseTopic?: string
  }

  /** Everything but `qos` needs MQTT 5. */
  export interface SubscribeOptions {
    /** The highest QoS in which messages shall arrive. @default 0 */
    readonly qos?: QoS
    /** True: not what this client has published itself. @default false */
    readonly noLocal?: boolean
    /** True: messages keep the RETAIN flag with which they were published. @default false */
    readonly retainAsPublished?: boolean
    /** Retained messages: 0 send them, 1 only if there was no such subscription, 2 never. @default 0 */
    readonly retainHandling?: 0 | 1 | 2
    /** What messages that arrive for it shall carry, 1 to 268435455. */
    readonly subscriptionIdentifier?: number
    readonly userProperties?: UserProperties
  }

  export interface UnsubscribeOptions {
    /** MQTT 5. */
    readonly userProperties?: UserProperties
  }
}
