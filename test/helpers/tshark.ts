import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** A Control Packet as tshark reads it. Numbers are as it prints them, in decimal. */
export interface TsharkPacket {
  readonly frame: number
  readonly stream: number
  /** Whether it goes to the broker's port. */
  readonly toBroker: boolean
  readonly type: number
  readonly length: number
  /** The flags of the fixed header, where it shows them. */
  readonly dup: boolean | undefined
  readonly qos: number | undefined
  readonly retain: boolean | undefined
  readonly packetId: number | undefined
  readonly topics: string[]
  /** Hexadecimal. */
  readonly payload: string | undefined
  readonly clientId: string | undefined
}

export interface TsharkFrame {
  readonly number: number
  readonly time: string
  readonly comments: string[]
  /** What it finds odd in the TCP, such as `retransmission`. */
  readonly oddities: string[]
  readonly malformed: boolean
  readonly badChecksum: boolean
  readonly protocols: string
  readonly flags: string
}

export interface TsharkReading {
  readonly frames: TsharkFrame[]
  readonly packets: TsharkPacket[]
}

/** What it measures where all is well. */
const usual = new Set(['acks_frame', 'ack_rtt', 'initial_rtt', 'bytes_in_flight', 'push_bytes_sent', 'flags'])

type Layer = { readonly [key: string]: unknown }

/** Lets tshark read a capture file, check sums included. */
export async function tshark(
  path: string,
  brokerPort = 1883,
  preferences: readonly string[] = [],
): Promise<TsharkReading> {
  const checks = ['tcp.check_checksum:TRUE', 'ip.check_checksum:TRUE', 'udp.check_checksum:TRUE', ...preferences]
  const words = ['-r', path, '-T', 'json', '--no-duplicate-keys', ...checks.flatMap((check) => ['-o', check])]
  const { stdout } = await run('tshark', [...words, '-d', `tcp.port==${brokerPort},mqtt`], {
    maxBuffer: 512 * 1024 * 1024,
  })
  const reading: TsharkReading = { frames: [], packets: [] }
  for (const { _source } of JSON.parse(stdout) as { _source: { layers: Layer } }[]) {
    const frame = frameOf(_source.layers)
    reading.frames.push(frame)
    for (const layer of list(_source.layers['mqtt'])) {
      reading.packets.push(packetOf(layer as Layer, frame.number, _source.layers['tcp'] as Layer, brokerPort))
    }
  }
  return reading
}

function frameOf(layers: Layer): TsharkFrame {
  const frame = layers['frame'] as Layer
  const tcp = (layers['tcp'] ?? {}) as Layer
  return {
    number: Number(frame['frame.number']),
    time: String(frame['frame.time_epoch']),
    comments: deep(layers, 'frame.comment').map(String),
    oddities: [...keys(layers)].flatMap((key) => {
      const name = /^tcp\.analysis\.(\w+)$/.exec(key)?.[1]
      return name === undefined || usual.has(name) ? [] : [name]
    }),
    malformed: [...keys(layers)].some((key) => key.startsWith('_ws.malformed')),
    badChecksum: ['ip', 'tcp', 'udp'].flatMap((of) => deep(layers, `${of}.checksum.status`)).some((is) => is !== '1'),
    protocols: String(frame['frame.protocols']),
    flags: String(tcp['tcp.flags'] ?? ''),
  }
}

function packetOf(mqtt: Layer, frame: number, tcp: Layer, brokerPort: number): TsharkPacket {
  const one = (key: string) => deep(mqtt, key)[0] as string | undefined
  const flag = (key: string) => (one(key) === undefined ? undefined : one(key) === '1')
  const number = (key: string) => (one(key) === undefined ? undefined : Number(one(key)))
  return {
    frame,
    stream: Number(tcp['tcp.stream']),
    toBroker: Number(tcp['tcp.dstport']) === brokerPort,
    type: Number(one('mqtt.msgtype')),
    length: Number(one('mqtt.len')),
    dup: flag('mqtt.dupflag'),
    qos: number('mqtt.qos'),
    retain: flag('mqtt.retain'),
    packetId: number('mqtt.msgid'),
    topics: deep(mqtt, 'mqtt.topic').map(String),
    payload: one('mqtt.msg')?.replaceAll(':', ''),
    clientId: one('mqtt.clientid'),
  }
}

function list(value: unknown): unknown[] {
  if (value === undefined) return []
  return Array.isArray(value) ? value : [value]
}

/** Every value under this key, wherever it stands. */
function deep(value: unknown, wanted: string): unknown[] {
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([key, inner]) => (key === wanted ? list(inner) : deep(inner, wanted)))
}

function* keys(value: unknown): Generator<string> {
  if (typeof value !== 'object' || value === null) return
  for (const [key, inner] of Object.entries(value)) {
    yield key
    yield* keys(inner)
  }
}
