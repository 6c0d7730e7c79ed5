/** What a scenario expects. */
declare module 'faultline' {
  /** How long an expectation waits for what it expects before it fails. @default '5s' */
  export interface Within {
    readonly within?: Duration
  }

  /**
   * How often. With `exactly`, and with none given where `exactly` is meant to be 1 or more, one more than that within the time
   * in which something can still come fails it; with `never`, it waits the whole of `within`.
   */
  export interface HowOften extends Within {
    /** So many, and no more come while a handshake of that client is unfinished, nor for half a second after the last. */
    readonly exactly?: number
    /** @default 1 */
    readonly atLeast?: number
    /** Nothing of the kind may come within the whole time. */
    readonly never?: boolean
  }

  /** A message: each part that is given has to fit. */
  export interface MessagePattern {
    /** A Topic Filter, or a regular expression. */
    readonly topic?: string | RegExp
    /** Text that it is, a regular expression for its text, octets that it is, or JSON that it contains: an object may have more. */
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
      readonly userProperties?: UserProperties
    }
  }

  /**
   * One step of a handshake as `toShow` writes it: a packet's name, ` DUP` where that flag is set, and what became of it: `✕` it
   * was dropped, `‖` it is held, `≈` it was changed, `×2` it went on twice. `~` is the loss of the connection.
   */
  export type ExchangeStep = string

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
    /** Asks again and again until it fits, every 100 ms if not said otherwise. */
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
     * of the scenario is given it, and never why: to expect a `because` fails there.
     *
     * @param options.because how its connection ended, or what ended the Will Delay Interval of one that was delayed
     */
    toBePublished(options?: Within & { readonly because?: WillCause }): Promise<void>
    /** It is not published within the whole time, nor was since `toBePublished` was expected the last time. */
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

  /** Only the scenario's own broker can tell: at a target each of them fails. */
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
     * MQTT 3.1.1 such as 5, of MQTT 5 such as 0x87.
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
