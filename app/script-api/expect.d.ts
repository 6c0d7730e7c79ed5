/** What a scenario expects. */
declare module 'faultline' {
  /** How long an expectation waits for what it expects before it fails. @default '5s' */
  export interface Within {
    readonly within?: Duration
  }

  /**
   * How often. With `exactly`, and with none given where `exactly` is meant to be 1 or more, one more than that within the time
   * in which something can still come fails it; with `never`, it waits the whole of `within`.
   *
   * Of each client and device the newest 100,000 messages are kept, with 64 MiB of payloads. Where more had come before an
   * expectation could look at them, it says so: `exactly` and `never` do not hold then.
   */
  export interface HowOften extends Within {
    /** So many, and no more come while a handshake of that client is unfinished, nor for half a second after the last; at most 100,000. */
    readonly exactly?: number
    /** At most 100,000. @default 1 */
    readonly atLeast?: number
    /** Nothing of the kind may come within the whole time. */
    readonly never?: boolean
  }

  /** A message: each part that is given has to fit. */
  export interface MessagePattern {
    /** A Topic Filter, or a regular expression. */
    readonly topic?: string | RegExp
    /**
     * Text that it is, a regular expression for its text, octets that it is, or JSON that it contains: an object may have more. All
     * of it is looked at, however long it is, and as deep as is wanted: 100 levels at most.
     */
    readonly payload?:
      | string
      | RegExp
      | Uint8Array
      | number
      | boolean
      | null
      | readonly unknown[]
      | { readonly [key: string]: unknown }
    readonly qos?: QoS
    readonly retain?: boolean
    readonly dup?: boolean
    /** Properties of MQTT 5. */
    readonly properties?: {
      readonly contentType?: string
      readonly responseTopic?: string
      readonly correlationData?: string | Uint8Array
      readonly messageExpiryInterval?: number
      readonly payloadFormatIndicator?: boolean
      readonly subscriptionIdentifier?: number
      /** Those that are wanted have to be there, one that is wanted twice twice; there may be more. */
      readonly userProperties?: UserProperties
    }
  }

  /**
   * One step of a handshake as `toShow` writes it: a packet's name, ` DUP` where that flag is set, and what became of it: `✕` it
   * was dropped, `‖` it is held, `≈` it was changed, `×2` it went on twice. `~` is the loss of the connection.
   */
  export type ExchangeStep = string

  /**
   * A metric and what it must keep to, such as `{ 'delivery.duration': ['p(95) < 250ms', 'max < 2s'], 'delivery.lost': '== 0' }`.
   *
   * - times (`avg`, `min`, `med`, `max`, `p(N)`, `count`): `delivery.duration` from the first PUBLISH of the publisher until it
   *   has come to each subscriber, or from the CONNACK of one that was away (retained messages that come with a subscription
   *   do not count), `handshake.duration` of QoS 1 and 2, `connect.duration` from CONNECT to CONNACK
   * - counts: `messages.published`, `messages.delivered`, `delivery.lost` (QoS 1 and 2, not delivered to a subscriber that had a
   *   right to it), `delivery.duplicated` (taken twice by one subscriber), `connections.opened`, `connections.lost`,
   *   `packets.dropped`, `wills.published`
   *
   * In `delivery.lost` is also what the scenario's own broker has never sent: a queue was full, the Message Expiry Interval had
   * passed, the client takes no packet so large, or the Session ended while it waited, as it does with a broker that keeps nothing.
   * At a target only what it sends is seen to be lost, and of `wills.published` only the wills that a client of the scenario was
   * given: `'>= 1'` holds where one was, `'== 0'` fails then, and where there may have been others it cannot be judged.
   *
   * What cannot be judged does not hold, and says why: records of the capture are missing, messages had to be forgotten before their
   * handshakes ended, or, of `med` and `p(N)`, there are more than a million values.
   */
  export interface Thresholds {
    readonly [metric: string]: string | readonly string[]
  }

  export interface Expect {
    (actual: Watch): WatchExpectations
    (actual: WillHandle): WillExpectations
    (actual: SessionHandle): SessionExpectations
    (actual: ExchangesHandle): ExchangeExpectations
    (actual: DeviceHandle): DeviceExpectations
    (actual: ScenarioClient): ClientExpectations
    (actual: FleetHandle): FleetExpectations
    (actual: BrokerHandle): BrokerExpectations
    <Value>(actual: Value): ValueExpectations<Value>
    /** As `expect`, but the scenario goes on; it fails in the end. */
    readonly soft: Omit<Expect, 'soft' | 'poll'> & SoftCalls
    /**
     * Asks again and again until it fits, every 100 ms if not said otherwise. What does not come back within a second more than
     * `within` fails it.
     */
    poll<Value>(
      ask: () => Value | Promise<Value>,
      options?: Within & { readonly every?: Duration },
    ): ValueExpectations<Value>
  }

  interface SoftCalls {
    (actual: Watch): WatchExpectations
    (actual: WillHandle): WillExpectations
    (actual: SessionHandle): SessionExpectations
    (actual: ExchangesHandle): ExchangeExpectations
    (actual: DeviceHandle): DeviceExpectations
    (actual: ScenarioClient): ClientExpectations
    (actual: FleetHandle): FleetExpectations
    (actual: BrokerHandle): BrokerExpectations
    <Value>(actual: Value): ValueExpectations<Value>
  }

  export interface WatchExpectations {
    /**
     * A message, or each of a list. Messages since the subscription count, but none that an earlier `toReceive` has taken: what
     * one expectation has received is not given to the next.
     */
    toReceive(
      message: MessagePattern | readonly MessagePattern[],
      options?: HowOften & {
        /** A list has to come in its order, with whatever between. @default false */ readonly inOrder?: boolean
      },
    ): Promise<void>
  }

  export interface WillExpectations {
    /**
     * The broker has published it, since the last time that this was expected. Of another broker that is known only where a client
     * of the scenario is given it, and never why: to expect a `because` fails there. The newest 1000 wills of each client are kept.
     *
     * @param options.because how its connection ended, or what ended the Will Delay Interval of one that was delayed
     */
    toBePublished(options?: Within & { readonly because?: WillCause }): Promise<void>
    /**
     * It is not published within the whole time, nor was since `toBePublished` was expected the last time. Where not all that came
     * by could be looked at, that cannot be said, and it fails.
     */
    notToBePublished(options?: Within): Promise<void>
  }

  export type WillCause =
    | 'connection lost'
    | 'keep alive'
    | 'session taken over'
    | 'protocol error'
    | 'disconnect with will'
    | 'session expired'
    | 'will delay passed'
    | 'disconnected by the broker'
    | 'server shutting down'

  /** A number, or bounds. */
  export type Amount = number | { readonly atLeast?: number; readonly atMost?: number }

  /** Only the scenario's own broker can tell, while it runs: at a target, and after `broker.stop()` or `kill()`, each of them fails. */
  export interface SessionExpectations {
    /** The broker has it, connected or kept. */
    toBePresent(options?: Within): Promise<void>
    /** The broker has had it and has it no more. */
    toBeExpired(options?: Within): Promise<void>
    /** Messages that wait for its client. */
    toHaveQueued(messages: Amount, options?: Within): Promise<void>
    /** Unfinished handshakes to its client. */
    toHaveInflight(messages: Amount, options?: Within): Promise<void>
    toHaveSubscription(filter: string, options?: Within & { readonly qos?: QoS }): Promise<void>
  }

  export interface ExchangeExpectations {
    /**
     * One handshake of this client has exactly these steps, in this order. What an earlier `toShow` has found may be found again.
     * Of a run with very many messages the oldest are forgotten: where it fails, it says how many.
     */
    toShow(...steps: [ExchangeStep, ...ExchangeStep[]]): ExchangeResult
  }

  /** Awaited, it waits 5 s for it; `within` waits so long, `ofTopic` looks at messages to these topics alone. */
  export interface ExchangeResult extends PromiseLike<void> {
    within(time: Duration): ExchangeResult
    ofTopic(filter: string): ExchangeResult
  }

  export interface DeviceExpectations extends ClientExpectations {
    /** Its script's `message` has been called for such messages, since it was last switched on or before. */
    toHandle(message: MessagePattern, options?: HowOften): Promise<void>
    /** It was offline, from now on or since its last fault, and is online again. */
    toReconnect(options?: Within): Promise<void>
    /** A line of its console contains this. */
    toLog(text: string | RegExp, options?: Within): Promise<void>
    /**
     * Its script has failed, since the last time that this was expected, or stands there failed. A script that fails where
     * neither this has found it nor `crash` has asked for it fails the scenario.
     */
    toFail(options?: Within & { readonly message?: string | RegExp }): Promise<void>
  }

  export interface ClientExpectations {
    toBeOnline(options?: Within): Promise<void>
    toBeOffline(options?: Within): Promise<void>
    /**
     * The broker ended or refused its connection with this Reason or Return Code, since the last time that this was expected: of
     * MQTT 3.1.1 such as 5, of MQTT 5 such as 0x87. The newest 1000 refusals of each client are kept.
     */
    toBeRefused(options?: Within & { readonly code?: number }): Promise<void>
  }

  export interface FleetExpectations {
    toBeOnline(options?: Within & { /** @default all of them */ readonly count?: number }): Promise<void>
  }

  export interface BrokerExpectations {
    /** Clients that are connected. */
    toHaveConnections(count: Amount, options?: Within): Promise<void>
    /** PUBLISH packets a second that it takes in, over the last second. */
    toReceiveRate(messagesPerSecond: Amount, options?: Within): Promise<void>
    /** PUBLISH packets a second that it sends. */
    toSendRate(messagesPerSecond: Amount, options?: Within): Promise<void>
  }

  /** On a value that does not move; with `expect.poll` on one that does. */
  export interface ValueExpectations<Value> {
    /** The same, by `Object.is`. */
    toBe(expected: Value): Promise<void>
    /** The same in all its parts. */
    toEqual(expected: Value): Promise<void>
    toBeGreaterThan(bound: number): Promise<void>
    toBeLessThan(bound: number): Promise<void>
    /** Text contains text, a list contains an item. */
    toContain(part: unknown): Promise<void>
    toMatch(expression: RegExp): Promise<void>
  }
}
