/** Scenarios: failure as a test. A file `name.scenario.ts` has one, as its default export. */
declare module 'faultline' {
  /**
   * Describes a scenario: devices and a broker of its own, what is done to them, and what is expected to come of it.
   *
   * ```ts
   * import { scenario } from 'faultline'
   *
   * export default scenario('a pump that loses power leaves its will', {
   *   seed: 42,
   *   devices: { pump: { script: 'pump', count: 3 } },
   * }, async ({ devices, observer, step, expect }) => {
   *   const [pump] = devices.pump
   *   const watch = await observer.subscribe('plant/+/status', { qos: 1 })
   *   await step('power is cut', () => pump.powerLoss())
   *   await expect(watch).toReceive({ topic: `plant/${pump.id}/status`, payload: 'offline' }, { within: '2s' })
   * })
   * ```
   *
   * The options are data: all of them are checked before anything starts. So is what the body calls: a name or an option that
   * there is not keeps it from running, and so does a promise that nobody waits for. Put `await` before what gives one, or
   * `void` where it is to go on by itself; only faults of links may go without. The body runs once, when every device that is
   * to be on is online; it has the time that `timeout` gives.
   *
   * A report keeps 10,000 each of lines, steps, expectations and deeds, 1000 failures, and 10,000 characters of a text, 2 million of all
   * texts of a kind; it counts the rest. At a time there are at most 1000 clients, 500 faults of links and 1000 holds; in a run, 10,000
   * subscriptions. More than 64 MB in calls that are not finished is an error of the script.
   */
  export function scenario<const Groups extends ScenarioDevices = Record<never, never>>(
    name: string,
    options: ScenarioOptions<Groups>,
    body: (context: ScenarioContext<Groups>) => void | Promise<void>,
  ): ScenarioScript

  /** What `scenario` gives; a file's default export. */
  export interface ScenarioScript {
    readonly kind: 'scenario'
  }

  export interface ScenarioOptions<Groups extends ScenarioDevices = ScenarioDevices> {
    /** Everything that is drawn comes from it; `--seed` comes before it. @default 1 */
    readonly seed?: number | string
    /**
     * How long the body may take, from 100 ms to 24 h. Before it, devices have as long to come online, but 5 s at least; where none
     * more does for 30 s, that is the end of it.
     *
     * @default '60s'
     */
    readonly timeout?: Duration
    /**
     * Groups of devices by name: `pump` with a count of 3 are `pump-01` to `pump-03`, with a count of 1 `pump`. No two devices
     * can have one name, and none that of the `observer`.
     */
    readonly devices?: Groups
    /** What the scenario's own broker is like. Not together with `target`; with `--target` it does not count, and the report says so. */
    readonly broker?: ScenarioBroker
    /** Another broker, such as `'mqtt://127.0.0.1:1884'`; `--target` comes before it. What only our own broker can do or tell is a mistake then, before anything starts; where it was not sure to be done, it is refused, or fails. */
    readonly target?: string
    /** Judged over the whole run, when the body has ended. */
    readonly thresholds?: Thresholds
  }

  export interface ScenarioDevices {
    readonly [group: string]: ScenarioDevice
  }

  export interface ScenarioDevice {
    /** `'pump'` is `devices/pump.device.ts` of the workspace that the scenario lies in. */
    readonly script: string
    /** From 0 to 10000. @default 1 */
    readonly count?: number
    /** `'off'`: it waits for `powerOn`. @default 'on' */
    readonly start?: 'on' | 'off'
  }

  /** The scenario's own broker; as `broker` in `faultline.json`. */
  export interface ScenarioBroker {
    /** Messages that wait for one Session. @default 1000000 */
    readonly maxQueued?: number
    /** What becomes of a message for a Session whose queue is full. @default 'drop oldest' */
    readonly queuePolicy?: 'drop oldest' | 'drop newest' | 'disconnect'
    /** Network Connections at a time. @default 100000 */
    readonly maxConnections?: number
    /** Unfinished handshakes towards one client, 1 to 65535. @default 1000 */
    readonly maxInflight?: number
    /** Octets of one Control Packet. */
    readonly maxPacketSize?: number
    /** The longest Keep Alive; clients of MQTT 5 are told. */
    readonly maxKeepAlive?: Duration
    /** The longest that a Session is kept without its client; clients of MQTT 5 are told. */
    readonly maxSessionExpiry?: Duration
    /** The highest QoS that clients may use. @default 2 */
    readonly maxQoS?: QoS
    /** @default true */
    readonly retainAvailable?: boolean
    /** `'level'` keeps Sessions on disk for the time of the run, so that they are there after `broker.kill()`. @default 'memory' */
    readonly store?: 'memory' | 'level'
    /**
     * Users and rules, as `broker.access` in `faultline.json`; the users of the workspace count then. Without it everybody
     * may do everything, and the observer always may.
     */
    readonly access?: object
  }

  export interface ScenarioContext<Groups extends ScenarioDevices = ScenarioDevices> {
    /** The devices of each group, in order. */
    readonly devices: { readonly [Group in keyof Groups]: DevicesOf<Groups[Group]> }
    /** The groups as a whole: also those whose script is a load fleet, which have no devices. */
    readonly fleets: { readonly [Group in keyof Groups]: FleetHandle }
    /** A client that is connected already, named `observer`. Its Session begins with the run, and is kept over a reconnect. */
    readonly observer: ScenarioClient
    /** Connects another client. Its options are those of a device's client; it never reconnects by itself. */
    client(id: string, options?: Omit<ClientOptions, 'reconnect' | 'store' | 'clientId'>): Promise<ScenarioClient>
    /** The links of a device, of a client, or of all whose Client Identifier fits a pattern: `'*'` is every link. */
    link(of: DeviceHandle | ScenarioClient | string): LinkHandle
    readonly broker: BrokerHandle
    readonly wire: WireHandle
    /** A row on the timeline and in the report; gives what the work gives. */
    step<Value>(name: string, work: () => Value | PromiseLike<Value>): Promise<Value>
    readonly expect: Expect
    /** Seeded by the scenario's seed. */
    readonly random: Random
    /** Lets time pass. An expectation waits by itself: this is for a fault that is to last. */
    wait(time: Duration): Promise<void>
  }

  /** As many devices as `count` says, the first ten of which need no check: `const [left, right] = devices.pump`. */
  export type DevicesOf<Group> = Group extends { readonly count: infer Count extends number }
    ? number extends Count
      ? readonly [DeviceHandle, ...DeviceHandle[]]
      : `${Count}` extends `${infer _}${infer _}${infer _}`
        ? readonly [...DeviceList<10>, ...DeviceHandle[]]
        : DeviceList<Count>
    : DeviceList<1>

  type DeviceList<
    Count extends number,
    Found extends readonly DeviceHandle[] = readonly [],
  > = Found['length'] extends Count ? Found : DeviceList<Count, readonly [...Found, DeviceHandle]>

  /** Whoever has a Client Identifier. */
  export interface ClientHandle {
    /** The device's id, or the client's. */
    readonly id: string
    /** Its Will Message, to be expected of. */
    readonly will: WillHandle
    /** Its Session at the broker. */
    readonly session: SessionHandle
    /** Its handshakes of QoS 1 and 2, and its messages of QoS 0. */
    readonly exchanges: ExchangesHandle
  }

  export interface DeviceHandle extends ClientHandle {
    readonly kind: 'device handle'
    /** The socket dies without DISCONNECT, and the device forgets what it held in RAM. */
    powerLoss(): Promise<void>
    /** Boots; resolves when its connection is under way. */
    powerOn(): Promise<void>
    reboot(options?: { readonly off?: Duration }): Promise<void>
    /** Its script throws. */
    crash(): Promise<void>
    /** It reads nothing, pings nothing, no timer runs, and its socket stays open, until `heal`. */
    hang(): Promise<void>
    /** Sends DISCONNECT and stays offline. */
    disconnect(): Promise<void>
    /** Connects again after `disconnect`, or at once while backing off. */
    connect(): Promise<void>
    /** A second client connects with its Client Identifier. */
    takeOver(): Promise<void>
    /** Its clock is ahead by so much; negative is behind. */
    clockSkew(by: Duration): Promise<void>
    /** Connects anew with another client certificate of the workspace. */
    useCertificate(name: string): Promise<void>
    /** Connects anew with a password that is wrong, until `heal`. */
    wrongPassword(): Promise<void>
    /** Ends `hang`, `wrongPassword`, `clockSkew` and `useCertificate`. */
    heal(): Promise<void>
    /** What it is doing now, for `expect.poll`. */
    state(): Promise<DeviceStateName>
  }

  export type DeviceStateName =
    | 'off'
    | 'booting'
    | 'connecting'
    | 'online'
    | 'backing off'
    | 'offline'
    | 'power lost'
    | 'script error'

  /** An MQTT client that the scenario drives: nothing happens at it by itself but what the protocol demands. */
  export interface ScenarioClient extends ClientHandle {
    readonly kind: 'client handle'
    /** Whether the last CONNACK said that there was a Session. */
    readonly sessionPresent: boolean
    /** Resolves when the broker has granted it; refused, it throws. */
    subscribe(filter: string | readonly string[], options?: SubscribeOptions): Promise<Watch>
    unsubscribe(filter: string | readonly string[]): Promise<void>
    /** Resolves when its handshake is finished: written, PUBACK, PUBCOMP. */
    publish(topic: string, payload: Payload, options?: PublishOptions): Promise<void>
    /** Sends DISCONNECT. */
    disconnect(): Promise<void>
    /** Ends the connection without DISCONNECT, so that its will is published. */
    drop(): Promise<void>
    /** Connects again with the same options; what was in flight is sent again. */
    connect(): Promise<void>
  }

  /** What a subscription receives, from its SUBACK on; also after a reconnect. */
  export interface Watch {
    readonly kind: 'watch'
    readonly filters: readonly string[]
    /** How many messages it has received. */
    count(): Promise<number>
    /** The newest of them, oldest first, at most 1000. */
    messages(): Promise<readonly ReceivedMessage[]>
  }

  export interface ReceivedMessage {
    readonly topic: string
    /** The first 64 KiB of its payload; expectations look at all of it. `length` is in octets. */
    readonly text: string
    readonly length: number
    readonly qos: QoS
    readonly retain: boolean
    readonly dup: boolean
  }

  /** A group of devices as a whole. */
  export interface FleetHandle {
    readonly kind: 'fleet handle'
    /** Changes how many there are. Resolves when the last of them has been told. */
    rampTo(count: number, options?: { readonly over?: Duration }): Promise<void>
    /** All of them lose their connections, and come back: all at once, or each as its script says. */
    storm(options?: { readonly reconnect?: 'all at once' | 'as scripted' }): Promise<void>
    /** How many are online. */
    online(): Promise<number>
  }

  /** Which packets a fault is about, and how often it acts. Everything is optional. */
  export interface Which {
    /** Such as `'PUBREC'`, or several. @default every packet */
    readonly packet?: PacketName | readonly PacketName[]
    /** Who sends it. @default both */
    readonly from?: 'client' | 'broker'
    /** Topic Filter that its Topic Name must match. */
    readonly topic?: string
    readonly packetId?: number
    /** Acts from this match on, from 1. @default 1 */
    readonly nth?: number
    /** How often it acts. @default without end */
    readonly times?: number
    /** The chance that it acts on a match, 0 to 1, seeded. @default 1 */
    readonly probability?: number
  }

  export type PacketName =
    | 'CONNECT'
    | 'CONNACK'
    | 'PUBLISH'
    | 'PUBACK'
    | 'PUBREC'
    | 'PUBREL'
    | 'PUBCOMP'
    | 'SUBSCRIBE'
    | 'SUBACK'
    | 'UNSUBSCRIBE'
    | 'UNSUBACK'
    | 'PINGREQ'
    | 'PINGRESP'
    | 'DISCONNECT'
    | 'AUTH'

  /** A fault that is in force. Awaiting it waits until it is. */
  export interface FaultHandle {
    /** Ends it. */
    remove(): Promise<void>
    /** How often it has acted; of a `cut` that is done at once, how many connections it has ended. */
    hits(): Promise<number>
  }

  /** What can be made wrong with a link. Each fault lasts until `heal`, its `remove`, or as often as `times` says. */
  export interface LinkHandle {
    latency(time: Duration, which?: Which): PromiseLike<FaultHandle>
    jitter(upTo: Duration, which?: Which): PromiseLike<FaultHandle>
    /** In octets a second. */
    bandwidth(octetsPerSecond: number, which?: Pick<Which, 'from'>): PromiseLike<FaultHandle>
    /** Packets vanish with this chance, 0 to 1, seeded: it is loss above TCP, which nothing sends again but MQTT. */
    loss(probability: number, which?: Pick<Which, 'from'>): PromiseLike<FaultHandle>
    drop(which?: Which): PromiseLike<FaultHandle>
    delay(time: Duration, which?: Which): PromiseLike<FaultHandle>
    duplicate(which?: Which & { readonly copies?: number }): PromiseLike<FaultHandle>
    /** A packet changes places with the next one. */
    reorder(which?: Which): PromiseLike<FaultHandle>
    corrupt(which?: Which): PromiseLike<FaultHandle>
    truncate(which?: Which & { readonly octets?: number }): PromiseLike<FaultHandle>
    /** Segments of so many octets, from 1 to 65535. It does not see packets. */
    slice(octets: number, which?: Pick<Which, 'from'>): PromiseLike<FaultHandle>
    /**
     * Ends the connection by RST or FIN when its link is at rest: no answer is owed and nothing has passed for 25 ms, or after a
     * second. With `at`, at that packet when it comes. The name of who has no part in the run is refused; a pattern may fit nobody.
     */
    cut(options?: { readonly by?: 'RST' | 'FIN'; readonly at?: Which }): PromiseLike<FaultHandle>
    /** Silence both ways, or one: nobody learns of it until a keep alive runs out. */
    halfOpen(which?: Pick<Which, 'from'>): PromiseLike<FaultHandle>
    /** New connections are refused, until `heal`. */
    refuse(which?: Pick<Which, 'times'>): PromiseLike<FaultHandle>
    /** Removes every fault of these links. */
    heal(): Promise<void>
  }

  export interface BrokerHandle {
    readonly kind: 'broker handle'
    /** Ends in order: the wills of who is connected are published, Sessions are kept as far as its store keeps them. */
    stop(): Promise<void>
    /** Dies: sockets are reset, nothing is published, nothing more is written. */
    kill(): Promise<void>
    /** Starts again on the same port, with what its store has kept. */
    start(): Promise<void>
    /** Refuses CONNECT from now on, by the name of a Reason Code, until `accept`. */
    refuse(reason: RefusalName, options?: { readonly clients?: string; readonly times?: number }): Promise<void>
    accept(): Promise<void>
    maxConnections(count: number): Promise<void>
    /** Ends a Session before its time. */
    expireSession(of: ClientHandle | string): Promise<void>
    /** Publishes as the broker itself. */
    publish(topic: string, payload: Payload, options?: { readonly qos?: QoS; readonly retain?: boolean }): Promise<void>
    /** How many clients are connected now; of a target, those of this run. */
    connections(): Promise<number>
  }

  export type RefusalName =
    | 'unspecified error'
    | 'unsupported protocol version'
    | 'client identifier not valid'
    | 'bad user name or password'
    | 'not authorized'
    | 'server unavailable'
    | 'server busy'
    | 'banned'
    | 'quota exceeded'
    | 'use another server'
    | 'server moved'
    | 'connection rate exceeded'

  /** Packets stopped in mid-air. */
  export interface WireHandle {
    /** Holds every packet that the filter matches, as `'type:pubrel client:pump-*'`; without one, every packet. */
    hold(filter?: string): Promise<HoldHandle>
    /** Waits for a packet to be held, and gives the first of them. */
    held(options?: { readonly within?: Duration }): Promise<HeldPacket>
    /** Delivers the packet that is held first, and waits for one where there is none. */
    next(options?: { readonly within?: Duration }): Promise<HeldPacket>
    deliver(packet: HeldPacket): Promise<void>
    drop(packet: HeldPacket): Promise<void>
    /** Sends it twice. */
    double(packet: HeldPacket): Promise<void>
    /** Lets all that is held go, and holds nothing more. */
    release(): Promise<void>
    /** From 0.01 to 1: 0.1 is ten times slower. */
    speed(factor: number): Promise<void>
  }

  export interface HoldHandle {
    /** Holds nothing more; what it holds goes on. Of several holds that a packet fits, the first one holds it. */
    release(): Promise<void>
  }

  export interface HeldPacket {
    /** Its number in the capture. */
    readonly number: number
    readonly type: PacketName
    readonly client: string
    readonly from: 'client' | 'broker'
  }

  export interface WillHandle {
    readonly kind: 'will'
  }
  export interface SessionHandle {
    readonly kind: 'session'
    /** Messages that wait in it now. Refused while the broker does not run, and at a target. */
    queued(): Promise<number>
  }
  export interface ExchangesHandle {
    readonly kind: 'exchanges'
  }
}
