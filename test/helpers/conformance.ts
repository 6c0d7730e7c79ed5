import { afterAll, it } from 'vitest'
import { type BrokerUnderTest, brokerUnderTest, openBrokerUnderTest } from './broker-under-test.ts'
import { type Address, ConformanceClient } from './conformance-client.ts'
import type { Connect, PropertyList, Version } from './mqtt-octets.ts'
import type { Came } from './mqtt-reading.ts'

let opening: Promise<BrokerUnderTest> | undefined

// One broker for each file of tests.
afterAll(async () => {
  await (await opening)?.stop()
})

/** Numbers of statements, separated by blanks: `3.1.0-1 3.1.0-2`; for MQTT 3.1, which has none, its sections. */
export interface Cited {
  readonly v31?: string
  readonly v311?: string
  readonly v5?: string
}

/** Why Mosquitto 2.0.11 is not expected to pass, and in which version. */
export interface Deviation {
  readonly versions?: readonly Version[]
  readonly why: string
  /** It passes at times. */
  readonly sometimes?: boolean
}

const versions = [
  ['v31', 3, 'MQTT31'],
  ['v311', 4, 'MQTT'],
  ['v5', 5, 'MQTT5'],
] as const

let names = 0

/** One run of a test against the broker. */
export class Trial {
  readonly version: Version
  readonly address: Address
  readonly #patience: number
  readonly #clients: ConformanceClient[] = []
  readonly #prefix: string

  constructor(version: Version, address: Address, patience: number) {
    this.version = version
    this.#patience = patience
    this.address = address
    names += 1
    // Also on a broker that runs for long nothing of another test may be in the way.
    this.#prefix = `${Date.now().toString(36)}${process.pid.toString(36)}${names}`
  }

  /** A name that no other test uses, for topics and Client Identifiers: letters and digits. */
  name(what = ''): string {
    return `${what}${this.#prefix}`
  }

  /** A Network Connection without CONNECT. */
  async open(version: Version = this.version): Promise<ConformanceClient> {
    const client = await ConformanceClient.open(this.address, version, this.#patience)
    this.#clients.push(client)
    return client
  }

  /** A client whose CONNECT the broker accepts. */
  async connect(options: Connect = {}): Promise<ConformanceClient> {
    return (await this.connectAndSee(options)).client
  }

  /** The same, with the CONNACK. */
  async connectAndSee(options: Connect = {}): Promise<{ client: ConformanceClient; connack: Came }> {
    const client = await this.open(options.version ?? this.version)
    const connack = await client.connect({ id: this.name(`c${this.#clients.length}`), ...options })
    if (connack.code !== 0) throw new Error(`CONNECT was refused with ${connack.code}`)
    return { client, connack }
  }

  /** A client whose Session outlives its Network Connection. */
  async keep(id: string, options: Connect = {}): Promise<ConformanceClient> {
    return (await this.keepAndSee(id, options)).client
  }

  async keepAndSee(id: string, options: Connect = {}): Promise<{ client: ConformanceClient; connack: Came }> {
    const version = options.version ?? this.version
    const kept: PropertyList = version === 5 ? [['sessionExpiryInterval', 3600]] : []
    return this.connectAndSee({
      id,
      clean: false,
      ...options,
      properties: [...kept, ...(options.properties ?? [])],
    })
  }

  close(): void {
    for (const { socket } of this.#clients) socket.destroy()
  }
}

/**
 * A test of normative statements of the specifications, once for each version whose statements are cited. The file
 * `statements.test.ts` finds the citations in the text, so that they must stand there literally.
 */
export function rule(cited: Cited, title: string, test: (trial: Trial) => Promise<void>, mosquitto?: Deviation): void {
  for (const [key, version, prefix] of versions) {
    const numbers = cited[key]
    if (numbers === undefined) continue
    const named = numbers
      .split(' ')
      .map((number) => `${prefix}-${number}`)
      .join(' ')
    const deviates =
      brokerUnderTest === 'mosquitto' && mosquitto !== undefined && (mosquitto.versions ?? [version]).includes(version)
    const run = async () => {
      opening ??= openBrokerUnderTest()
      // Where a failure is what is expected, there is no point in a long wait for it.
      const trial = new Trial(version, await opening, deviates ? 2000 : 10_000)
      try {
        await test(trial)
        // What is expected to fail must fail, so that this does too where the broker was lucky.
        if (deviates && mosquitto.sometimes) throw new Error(mosquitto.why)
      } finally {
        trial.close()
      }
    }
    // Nothing here should need as long, but the machine may have other things to do.
    const timeout = deviates ? 15_000 : 60_000
    if (deviates) it.concurrent.fails(`${title} [${named}] (not Mosquitto: ${mosquitto.why})`, run, timeout)
    else it.concurrent(`${title} [${named}]`, run, timeout)
  }
}
