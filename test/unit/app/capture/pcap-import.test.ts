import fc from 'fast-check'
import { generate } from 'mqtt-packet'
import { describe, expect, it } from 'vitest'
import { type Endpoint, TcpConversation } from '../../../../app/capture/pcap-conversation.ts'
import type { PcapFrame } from '../../../../app/capture/pcap-file.ts'
import { packetOf } from '../../../helpers/packets.ts'
import { framesOf, imported, inWords } from '../../../helpers/pcap.ts'
import { Scene } from '../../../helpers/scene.ts'

const packet = fc.oneof(
  { weight: 5, arbitrary: packetOf(4).map(({ octets }) => octets) },
  // Larger than a segment.
  { weight: 1, arbitrary: fc.integer({ min: 1400, max: 9000 }).map((size) => publish('big', 'x'.repeat(size))) },
)
const step = fc.record({
  connection: fc.integer({ min: 1, max: 3 }),
  direction: fc.constantFrom('to broker' as const, 'to client' as const),
  packet,
})
const remotes = fc.uniqueArray(
  fc.constantFrom('10.0.0.7:50000', '10.0.0.7:50001', '127.0.0.1:40000', '[::1]:9', 'unknown'),
  {
    minLength: 3,
    maxLength: 3,
  },
)
const closing = fc.option(
  fc.record({
    by: fc.constantFrom('client' as const, 'broker' as const),
    cause: fc.constantFrom('fin' as const, 'rst' as const),
  }),
  { nil: undefined },
)

function publish(topic: string, payload: string): Uint8Array {
  return generate({ cmd: 'publish', topic, payload, qos: 0, dup: false, retain: false })
}

const connect = generate({ cmd: 'connect', clientId: 'pump', protocolVersion: 4, clean: true, keepalive: 0 })
const client: Endpoint = { address: 0x0a000007, port: 50000 }
const broker: Endpoint = { address: 0x0a000001, port: 1883 }
const elsewhere: Endpoint = { address: 0x0a000001, port: 4711 }

/** Frames of raw IP, a microsecond apart. */
function frames(packets: Iterable<Uint8Array>): PcapFrame[] {
  return [...packets].map((octets, i) => ({ time: BigInt(i) * 1000n, link: 101, octets, length: octets.length }))
}

describe('PcapImport', () => {
  it('gives back what an export holds, packet by packet of each connection and direction', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 25 }), remotes, closing, async (steps, remotes, closing) => {
        const scene = new Scene()
        for (const [i, remote] of remotes.entries()) scene.opened(i + 1, remote)
        for (const { connection, direction, packet } of steps) scene.send(connection, direction, packet)
        if (closing) scene.event(2, { type: 'closed', ...closing })
        const { octets } = await scene.export('pcapng')
        const file = framesOf(octets)
        const { records, problems } = imported(file.frames)
        expect([file.problem, problems]).toEqual([undefined, []])
        const names = new Map<number, string>()
        const words = inWords(records).map((line) => line.replace(/(?<=opened ).*/, ''))
        for (const record of records) {
          if (record.kind === 'event' && record.event.type === 'opened')
            names.set(record.connection, record.event.remote)
        }
        const hex = (octets: Uint8Array) => Buffer.from(octets).toString('hex')
        expect(words).toEqual([
          ...remotes.map((_, i) => `${i + 1} opened `),
          ...steps.map(
            ({ connection, direction, packet }) =>
              `${connection} ${direction === 'to broker' ? '>' : '<'} ${hex(packet)}`,
          ),
          ...(closing ? [`2 closed by ${closing.by} ${closing.cause}`] : []),
        ])
        // An address that is IPv4 is kept.
        remotes.forEach((remote, i) => {
          if (/^\d/.test(remote)) expect(names.get(i + 1)).toBe(remote)
        })
      }),
    )
  })

  it('keeps times to the nanosecond', async () => {
    const scene = new Scene()
    scene.opened(1)
    scene.send(1, 'to broker', connect)
    scene.clock.advance(0.000_123)
    scene.event(1, { type: 'closed', by: 'client', cause: 'fin' })
    const { records, captureStart } = imported(framesOf((await scene.export('pcapng')).octets).frames)
    expect(captureStart).toBe(scene.recorder.startedAt)
    expect(records.map(({ time }) => time)).toEqual([0, 3_000_000, 3_000_123])
  })

  it('takes for MQTT what is at the port of the broker, and what begins with CONNECT at any other', () => {
    const connects = [
      connect,
      generate({
        cmd: 'connect',
        protocolId: 'MQIsdp',
        clientId: 'old',
        protocolVersion: 3,
        clean: true,
        keepalive: 0,
      }),
    ]
    for (const octets of connects) {
      const tcp = new TcpConversation(client, elsewhere, 5)
      const { records } = imported(frames([...tcp.handshake(), ...tcp.data('client', octets)]))
      expect(inWords(records)).toEqual(['1 opened 10.0.0.7:50000', `1 > ${Buffer.from(octets).toString('hex')}`])
    }
    const http = new TcpConversation(client, elsewhere, 5)
    const other = imported(frames([...http.handshake(), ...http.data('client', Buffer.from('GET / HTTP/1.1\r\n'))]))
    expect(other.records).toEqual([])
    expect(other.problems).toEqual(['no MQTT was found: nothing at port 1883, nothing that begins with CONNECT'])
    const chosen = new TcpConversation(client, elsewhere, 5)
    chosen.begun()
    const { records } = imported(frames(chosen.data('broker', Buffer.of(0xd0, 0))), { brokerPort: 4711 })
    expect(inWords(records)).toEqual(['1 < d000'])
  })

  it('finds CONNECT though it comes octet by octet', () => {
    const tcp = new TcpConversation(client, elsewhere, 5)
    const handshake = tcp.handshake()
    const pieces = [...connect].flatMap((octet) => [...tcp.data('client', Buffer.of(octet))])
    expect(inWords(imported(frames([...handshake, ...pieces])).records).at(-1)).toBe(
      `1 > ${Buffer.from(connect).toString('hex')}`,
    )
  })

  it('knows the broker by its port, or by who sent CONNECT, where the beginning is missing', () => {
    const usual = new TcpConversation(client, broker, 5)
    usual.begun()
    const fromBroker = imported(frames(usual.data('broker', Buffer.of(0xd0, 0))))
    expect(inWords(fromBroker.records)).toEqual(['1 < d000'])
    // The one who is heard first is taken for the client until CONNECT says otherwise.
    const other = new TcpConversation(client, elsewhere, 5)
    const [, synAck] = other.handshake()
    const late = [
      synAck as Uint8Array,
      ...other.data('client', connect),
      ...other.data('broker', Buffer.of(0x20, 2, 0, 0)),
    ]
    expect(inWords(imported(frames(late)).records)).toEqual([
      '1 opened 10.0.0.7:50000',
      `1 > ${Buffer.from(connect).toString('hex')}`,
      '1 < 20020000',
    ])
  })

  it('takes who sends CONNECT for the client, also where the other one has opened the connection', () => {
    const tcp = new TcpConversation(client, elsewhere, 5)
    const { records } = imported(
      frames([
        ...tcp.handshake(),
        ...tcp.data('broker', connect),
        ...tcp.data('client', Buffer.of(0x20, 2, 0, 0)),
        ...tcp.close('client'),
      ]),
    )
    expect(inWords(records)).toEqual([
      '1 opened 10.0.0.1:4711',
      `1 > ${Buffer.from(connect).toString('hex')}`,
      '1 < 20020000',
      '1 closed by broker fin',
    ])
  })

  it('counts octets that were not captured; what follows is malformed', () => {
    const tcp = new TcpConversation(client, broker, 5)
    const start = [...tcp.handshake(), ...tcp.data('client', connect)]
    const lost = [...tcp.data('client', publish('a', 'lost'))]
    const after = [
      ...tcp.data('client', publish('b', 'after')),
      ...tcp.data('broker', Buffer.of(0xd0, 0)),
      ...tcp.close('client'),
    ]
    expect(lost).toHaveLength(1)
    const { records, problems } = imported(frames([...start, ...after]))
    expect(inWords(records)).toEqual([
      '1 opened 10.0.0.7:50000',
      `1 > ${Buffer.from(connect).toString('hex')}`,
      '1 < d000',
      `1 > ${Buffer.from(publish('b', 'after')).toString('hex')} cut short`,
      '1 closed by client fin',
    ])
    expect(problems).toEqual(['9 octets were not captured, at one place; what followed could not be framed any more'])
  })

  it('counts what a capture has cut off its frames', () => {
    const tcp = new TcpConversation(client, broker, 5)
    const [segment] = [...tcp.data('client', publish('a', 'x'.repeat(200)))] as [Uint8Array]
    tcp.begun()
    const cut = { time: 0n, link: 101, octets: segment.subarray(0, 96), length: segment.length }
    const { records, problems } = imported([cut])
    expect(inWords(records)).toEqual([`1 > ${Buffer.from(segment.subarray(40, 96)).toString('hex')} cut short`])
    expect(problems[0]).toContain(`${segment.length - 96} octets were not captured`)
  })

  it('says what of the frames was no use', () => {
    const [octets] = new TcpConversation(client, broker, 5).handshake() as [Uint8Array]
    const frame = { time: 0n, link: 101, octets, length: octets.length }
    const fragment = octets.slice()
    fragment[6] = 0x20
    const { problems } = imported([
      frame,
      { ...frame, link: 147 },
      { ...frame, octets: fragment },
      { ...frame, octets: octets.subarray(0, 12) },
    ])
    expect(problems).toEqual([
      '1 frame is of an unknown link type',
      '1 fragment of an IP packet was left out',
      '1 frame is shorter than its headers',
    ])
  })

  it('keeps the first part of a very large packet', () => {
    const tcp = new TcpConversation(client, broker, 5)
    const large = publish('a', 'x'.repeat(20_000))
    const { records, problems } = imported(frames([...tcp.handshake(), ...tcp.data('client', large)]), { keeps: 1000 })
    expect(records[1]).toMatchObject({
      length: large.length,
      octets: new Uint8Array(large.subarray(0, 1000)),
      malformed: false,
    })
    expect(problems).toEqual(['of 1 very large packet only the first part was kept'])
  })

  it('tells connections apart that use the same ports one after the other', () => {
    const first = new TcpConversation(client, broker, 5)
    const second = new TcpConversation(client, broker, 99)
    const third = new TcpConversation(client, broker, 1234)
    const { records } = imported(
      frames([
        ...first.handshake(),
        ...first.data('client', connect),
        first.reset('broker'),
        // Late, and of no use any more.
        ...first.data('client', Buffer.of(0xc0, 0)),
        ...second.handshake(),
        ...second.data('client', connect),
        // How this one ended nobody saw.
        ...third.handshake(),
      ]),
    )
    const opened = ' opened 10.0.0.7:50000'
    const sent = Buffer.from(connect).toString('hex')
    expect(inWords(records)).toEqual([
      `1${opened}`,
      `1 > ${sent}`,
      '1 closed by broker rst',
      `2${opened}`,
      `2 > ${sent}`,
      '2 closed by client rst',
      `3${opened}`,
    ])
  })

  it('never fails on noise, whatever the link type', () => {
    const link = fc.constantFrom(0, 1, 12, 101, 108, 113, 228, 229, 276, 9999)
    const noise = fc.record({
      time: fc.bigInt(0n, 2n ** 62n),
      link,
      octets: fc.uint8Array({ maxLength: 120 }),
      length: fc.nat(2000),
    })
    fc.assert(
      fc.property(fc.array(noise, { maxLength: 30 }), (frames) => {
        expect(imported(frames).records).toBeInstanceOf(Array)
      }),
    )
  })

  it('never fails on segments that are damaged', () => {
    const tcp = () => new TcpConversation(client, broker, 5)
    fc.assert(
      fc.property(
        fc.array(packet, { maxLength: 6 }),
        fc.array(fc.tuple(fc.nat(), fc.nat(), fc.nat(255))),
        (packets, damages) => {
          const conversation = tcp()
          const all = [
            ...conversation.handshake(),
            ...packets.flatMap((octets) => [...conversation.data('client', octets)]),
            ...conversation.close('client'),
          ]
          for (const [which, where, octet] of damages) {
            const damaged = all[which % all.length] as Uint8Array
            damaged[where % damaged.length] = octet
          }
          expect(imported(frames(all)).records).toBeInstanceOf(Array)
        },
      ),
    )
  })
})
