declare module 'faultline' {
  /**
   * Describes a load fleet: any number of clients that publish at a rate, without a call of a script for each message.
   * Where `device` gives each device a program of its own, this is for thousands of clients and for high rates.
   *
   * ```ts
   * import { fleet } from 'faultline'
   *
   * export default fleet({
   *   topic: 'meter/{id}/power',
   *   every: '1s',
   *   payload: '{"watts": {int 0 3000}, "volts": {walk 230 0.5 220 240 1}, "count": {count}}',
   *   qos: 1,
   * })
   * ```
   *
   * How many clients there are says `count` in `faultline.json`, or `faultline fleet SCRIPT --count 10000`; count, rate,
   * payload, QoS and topic can be changed while it runs.
   */
  export function fleet(options: FleetOptions): FleetScript

  /** What `fleet` gives; a script's default export. */
  export interface FleetScript {
    readonly kind: 'fleet'
  }

  export interface FleetOptions {
    /** The Topic Name that each client publishes to; `{id}` and `{n}` (its number, from 1) stand for the client's own. */
    readonly topic: string
    /**
     * Time between two messages of one client, at most 24 h. Clients do not publish at the same moment: each begins at a
     * point of its own within the first interval. 0 is as fast as acknowledgements come, with 20 messages in flight; at
     * QoS 0, which has none, as fast as the socket takes them. A client that has 100 messages in flight (fewer if the
     * broker says so) leaves messages out, and they are counted; so does every client of a process (there are 1 to 4) while
     * 256 MiB of theirs together wait for the broker. With 0 they wait instead. @default '1s'
     */
    readonly every?: Duration
    /**
     * Text in which these stand for values:
     *
     * - `{id}`, `{n}` the client's id and its number from 1
     * - `{count}` which message of this client it is, from 1
     * - `{int MIN MAX}` a whole number, both bounds included
     * - `{float MIN MAX [DECIMALS]}` a number, with 2 decimals if not said otherwise
     * - `{walk START STEP MIN MAX [DECIMALS]}` a random walk: each value is up to STEP away from the one before
     * - `{pick WORD WORD ...}` one of the words
     * - `{text LENGTH}` so many letters and digits, up to 65536
     * - `{time}` the time as ISO 8601, `{ms}` in milliseconds since 1970
     *
     * All that is drawn comes from the workspace's seed and the client's id: the same seed gives each client the same
     * payloads in the same order, on any number of workers. Only `{time}` and `{ms}` differ between runs. A brace that no
     * letter follows is itself, so JSON is written as it is; before a letter, `{{` is one brace. @default ''
     */
    readonly payload?: string
    /** @default 0 */
    readonly qos?: QoS
    /** @default false */
    readonly retain?: boolean
    /**
     * How the clients connect, as for a device. In `clientId`, `username`, `password` and the texts of `will`, `{id}` and
     * `{n}` stand for the client's own. The jitter of `reconnect` is 0.3 if it is not given, so that clients which were cut
     * off together do not come back together.
     *
     * @default clientId '{id}'
     */
    readonly client?: Omit<ClientOptions, 'store' | 'topicAliases'>
  }
}
