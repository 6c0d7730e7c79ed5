import fc from 'fast-check'
import type { Packet } from 'mqtt-packet'
import { describe, expect, it } from 'vitest'
import { absentRow, formatRow, formatTime, type RowContext } from '../../../../../renderer/features/traffic/row.ts'
import type { Fate } from '../../../../../renderer/state/fate-index.ts'
import { captured } from '../../../../helpers/captured.ts'
import { event, packet } from '../../records.ts'

const context: RowContext = {
  captureStart: new Date(2026, 0, 2, 12, 4, 31, 402).getTime(),
  clientId: (connection) => (connection === 1 ? 'pump-01' : undefined),
  version: () => 4,
  fate: () => undefined,
  elapsed: () => undefined,
}

const publish: Packet = {
  cmd: 'publish',
  topic: 'plant/pump-01/temperature',
  payload: '{"celsius":66.2}',
  qos: 1,
  messageId: 412,
  dup: false,
  retain: false,
}

function chips(row: ReturnType<typeof formatRow>): string[] {
  return row.chips.map(({ text }) => text)
}

describe('a row of the traffic list', () => {
  it('says what a PUBLISH is, from whom to whom', () => {
    const row = formatRow(packet(publish, { number: 48203, time: 1.6e6 }), context)
    expect(row).toMatchObject({
      number: 48203,
      time: '12:04:31.403',
      from: 'pump-01',
      arrow: '→',
      to: 'broker',
      client: 'pump-01',
      packet: 'PUBLISH',
      packetTone: 'blue',
      packetId: '412',
      topic: 'plant/pump-01/temperature',
      isRemark: false,
      payload: '{"celsius":66.2}',
      bytes: '47',
      tone: 'plain',
    })
    expect(chips(row)).toEqual(['QoS 1'])
  })

  it('turns round what the broker sends', () => {
    const row = formatRow(packet(publish, { direction: 'to client' }), context)
    expect([row.from, row.to]).toEqual(['broker', 'pump-01'])
  })

  it('shows DUP and RETAIN, and QoS 2 in its own colour', () => {
    const row = formatRow(packet({ ...publish, qos: 2, dup: true, retain: true }), context)
    expect(chips(row)).toEqual(['QoS 2', 'DUP', 'RETAIN'])
    expect(row.packetTone).toBe('green')
  })

  it('marks a delivery of a will, and whose it was', () => {
    const origin = { message: 5, kind: 'will', clientId: 'pump-03' } as const
    const row = formatRow(packet(publish, { direction: 'to client', origin }), context)
    expect(row).toMatchObject({ tone: 'will', packetTone: 'purple' })
    expect(chips(row)).toEqual(['QoS 1', 'WILL OF pump-03'])
  })

  it('calls a connection by its number as long as nobody knows whose it is', () => {
    const row = formatRow(packet({ cmd: 'pingreq' }, { connection: 9 }), context)
    expect(row).toMatchObject({ from: 'connection 9', client: undefined })
  })

  it('takes the name from the CONNECT itself', () => {
    const connect: Packet = { cmd: 'connect', clientId: 'new-one', clean: true, keepalive: 10 }
    const row = formatRow(packet(connect, { connection: 9 }), context)
    expect(row).toMatchObject({ from: 'new-one', topic: 'MQTT 3.1.1 · keep alive 10 s', isRemark: true })
    expect(chips(row)).toEqual(['CLEAN SESSION'])
  })

  it('says when there is no keep alive', () => {
    expect(formatRow(packet({ cmd: 'connect', clientId: 'a', keepalive: 0 }), context).topic).toContain('no keep alive')
  })

  it.each([
    [{ cmd: 'connack', returnCode: 0, sessionPresent: true }, 'accepted', ['SESSION PRESENT']],
    [{ cmd: 'connack', returnCode: 5, sessionPresent: false }, 'not authorized', ['REFUSED']],
    [{ cmd: 'suback', messageId: 1, granted: [2] }, '', ['QoS 2']],
    [{ cmd: 'suback', messageId: 1, granted: [128] }, '0x80 Failure', ['REFUSED']],
  ] as const)('says what the code of %o means', (what, remark, wanted) => {
    const row = formatRow(packet(what as unknown as Packet, { direction: 'to client' }), context)
    expect(row.topic).toBe(remark)
    expect(chips(row)).toEqual(wanted)
  })

  it('shows an error of MQTT 5 with its Reason Code', () => {
    const octets = Uint8Array.of(0x40, 3, 0, 7, 0x97)
    const row = formatRow(packet(publish, { octets }), { ...context, version: () => 5 })
    expect(row.topic).toBe('0x97 Quota exceeded')
    expect(chips(row)).toEqual(['REFUSED'])
  })

  it('names a Reason Code also before it is known that the client speaks MQTT 5', () => {
    const octets = Uint8Array.of(0x20, 3, 0, 0x86, 0)
    const at = { octets, direction: 'to client' } as const
    for (const version of [5, undefined] as const) {
      const row = formatRow(packet(publish, at), { ...context, version: () => version })
      expect([row.topic, chips(row)]).toEqual(['0x86 Bad User Name or Password', ['REFUSED']])
    }
  })

  it('says as which user a client wants to connect', () => {
    const connect: Packet = {
      cmd: 'connect',
      clientId: 'a',
      keepalive: 10,
      username: 'bob',
      password: Buffer.from('x'),
    }
    expect(formatRow(packet(connect), context).topic).toBe('MQTT 3.1.1 · keep alive 10 s · user bob')
  })

  it('says how long after its PUBLISH an acknowledgement came', () => {
    const row = formatRow(packet({ cmd: 'puback', messageId: 412 }), { ...context, elapsed: () => 1.1e6 })
    expect(row).toMatchObject({ topic: '+1.1 ms', isRemark: true, packetTone: 'ack', bytes: '4' })
  })

  it('shows octets that are no packet as such, without reading anything into them', () => {
    const row = formatRow(packet(publish, { malformed: 'reserved packet type' }), context)
    expect(row).toMatchObject({ packet: 'malformed', packetId: '', payload: '', tone: 'loss' })
    expect(row.topic).toContain('reserved packet type')
    expect(chips(row)).toEqual(['MALFORMED'])
  })

  it('shows a power loss as what it is: no packet at all', () => {
    const row = formatRow(event({ type: 'power loss', clientId: 'pump-03' }, 7, 0), context)
    expect(row).toMatchObject({
      from: 'pump-03',
      arrow: '×',
      to: 'broker',
      tone: 'loss',
      packet: 'power loss',
      bytes: '',
    })
    expect(chips(row)).toEqual(['NO DISCONNECT'])
  })

  it('says that a target was reached, and why one was not', () => {
    const url = 'mqtts://broker.example'
    const reached = formatRow(event({ type: 'target reached', url, security: 'TLSv1.3' }), context)
    expect(reached).toMatchObject({ tone: 'dim', packet: 'target reached', topic: `${url} · TLSv1.3`, isRemark: true })
    expect(formatRow(event({ type: 'target reached', url }), context).topic).toBe(url)
    const failed = formatRow(event({ type: 'target failed', url, reason: 'nobody listens there' }), context)
    expect(failed).toMatchObject({ tone: 'loss', packet: 'target failed', topic: `nobody listens there · ${url}` })
  })

  it('says why a will was published', () => {
    const will = {
      type: 'will published',
      clientId: 'pump-03',
      topic: 'plant/status',
      reason: 'connection lost',
    } as const
    const row = formatRow(event(will), context)
    expect(row).toMatchObject({ tone: 'will', topic: 'plant/status', payload: 'connection lost', client: 'pump-03' })
    expect(chips(row)).toEqual(['WILL OF pump-03'])
  })

  it('says who closed a connection, how and why', () => {
    const closed = { type: 'closed', by: 'broker', cause: 'fin', reason: 'keep alive ran out' } as const
    expect(formatRow(event(closed), context)).toMatchObject({
      tone: 'dim',
      arrow: '×',
      topic: 'by the broker · FIN · keep alive ran out',
    })
  })

  it('says where a connection came from', () => {
    const opened = { type: 'opened', transport: 'tcp', remote: '127.0.0.1:51422' } as const
    expect(formatRow(event(opened), context)).toMatchObject({ tone: 'dim', topic: 'TCP from 127.0.0.1:51422' })
  })

  it('says by what it came, where that is not TCP alone', () => {
    const opened = { type: 'opened', transport: 'wss', remote: '[::1]:5', security: 'TLSv1.3' } as const
    expect(formatRow(event(opened), context).topic).toBe('WebSocket over TLS from [::1]:5 · TLSv1.3')
  })

  it('says why somebody did not get through a listener', () => {
    const failed = { type: 'handshake failed', transport: 'tls', remote: '127.0.0.1:5', reason: 'it expired' } as const
    expect(formatRow(event(failed, 1, 0), context)).toMatchObject({
      tone: 'loss',
      from: '127.0.0.1:5',
      arrow: '×',
      to: 'broker',
      packet: 'handshake failed',
      topic: 'TLS · it expired',
    })
  })

  it('says which rule denied what', () => {
    const rule = 'rule 1: deny publish to a/#'
    const denied = { type: 'denied', clientId: 'pump', action: 'publish', topic: 'a/b', rule } as const
    expect(formatRow(event(denied), context)).toMatchObject({
      from: 'pump',
      packet: 'denied',
      topic: 'publish to a/b · rule 1: deny publish to a/#',
    })
    const dropped = { type: 'will dropped', clientId: 'pump', reason: rule } as const
    expect(formatRow(event(dropped), context).topic).toBe(rule)
  })

  it('has a line for every record there can be', () => {
    const version = fc.constantFrom(undefined, 3 as const, 4 as const, 5 as const)
    fc.assert(
      fc.property(captured, version, (record, level) => {
        const row = formatRow(record, { ...context, version: () => level })
        expect(row.number).toBe(record.number)
        expect(row.packet).not.toBe('')
        expect(new Set(chips(row)).size).toBe(row.chips.length)
      }),
    )
  })
})

describe('formatTime', () => {
  it('fills up with zeros', () => {
    expect(formatTime(new Date(2026, 5, 1, 1, 2, 3, 4).getTime())).toBe('01:02:03.004')
  })
})

describe('a row of a packet that did not simply go on', () => {
  const fated = (fate: Partial<Fate> & Pick<Fate, 'state'>) =>
    formatRow(packet(publish), {
      ...context,
      fate: () => ({ by: 'a rule', delay: 0, copies: 1, changed: false, ...fate }),
    })

  it('says that it is held', () => {
    const row = fated({ state: 'held' })
    expect(row).toMatchObject({ tone: 'held', packetTone: 'blue', struck: false })
    expect(row.chips[0]).toEqual({ tone: 'blue', text: 'HELD', title: 'by a rule' })
  })

  it('strikes out what never went on', () => {
    const row = fated({ state: 'dropped' })
    expect(row).toMatchObject({ tone: 'loss', packetTone: 'red', struck: true })
    expect(chips(row)).toEqual(['DROPPED', 'QoS 1'])
  })

  it('says how late, how often and whether changed it went on', () => {
    const row = fated({ state: 'sent', delay: 200e6, copies: 2, changed: true })
    expect(row).toMatchObject({ tone: 'plain', struck: false })
    expect(chips(row)).toEqual(['DELAYED 200 ms', '×2', 'CHANGED', 'QoS 1'])
  })

  it('does not call it late for the time that deciding takes', () => {
    expect(chips(fated({ state: 'sent', delay: 80_000 }))).toEqual(['QoS 1'])
    expect(chips(fated({ state: 'sent', delay: 1e6 }))).toEqual(['QoS 1'])
    expect(chips(fated({ state: 'sent', delay: 1.2e6 }))).toEqual(['DELAYED 1.2 ms', 'QoS 1'])
  })

  it('says of one that a rule sent twice or changed only a delay that is none of its own', () => {
    expect(chips(fated({ state: 'sent', delay: 4e6, copies: 2 }))).toEqual(['×2', 'QoS 1'])
    expect(chips(fated({ state: 'sent', delay: 4e6, changed: true }))).toEqual(['CHANGED', 'QoS 1'])
    expect(chips(fated({ state: 'sent', delay: 40e6, changed: true }))).toEqual(['DELAYED 40 ms', 'CHANGED', 'QoS 1'])
  })

  it('marks the held packet that is decided about next', () => {
    const held = (next: number) =>
      chips(
        formatRow(packet(publish), {
          ...context,
          next,
          fate: () => ({ state: 'held', by: 'hold everything', delay: 0, copies: 0, changed: false }),
        }),
      )
    const { number } = packet(publish)
    expect(held(number)).toEqual(['HELD', 'NEXT', 'QoS 1'])
    expect(held(number + 1)).toEqual(['HELD', 'QoS 1'])
  })

  it('names the packet that is held before it, which is the one to decide about', () => {
    const { number } = packet(publish)
    const on = (ahead: number | undefined) =>
      chips(formatRow(packet(publish), { ...context, fate: () => undefined, heldOnWay: () => ahead }))
    expect(on(number - 1)).toEqual([`BEHIND ${number - 1}`, 'QoS 1'])
    expect(on(number + 1)).toEqual(['QoS 1'])
    expect(on(undefined)).toEqual(['QoS 1'])
  })

  it('has columns, which what is no packet has not', () => {
    const opened = { type: 'opened', transport: 'tcp', remote: '127.0.0.1:51422' } as const
    expect(fated({ state: 'held' }).wide).toBe(false)
    expect(formatRow(event(opened), context).wide).toBe(true)
    expect(absentRow(1, 'gone').wide).toBe(true)
  })
})

describe('a row of a record that is not here', () => {
  it('says why, in words', () => {
    expect(absentRow(1234, 'being read').from).toBe('is being read …')
    expect(absentRow(1234, 'gone').from).toBe('has left the workbench')
    expect(absentRow(1234, 'missing')).toMatchObject({
      number: 1234,
      from: '',
      topic: 'record 1,234 is missing in the file',
      isRemark: true,
    })
  })
})
