import { afterEach, describe, expect, it } from 'vitest'
import { NumberingAedes, publishRefusal, reasonOf } from '../../../../main/broker/aedes-edge.ts'

let aedes: NumberingAedes | undefined

afterEach(() => new Promise<void>((resolve) => (aedes ? aedes.close(resolve) : resolve())))

describe('NumberingAedes', () => {
  it('numbers each message, also where two have the same buffer, and takes text', async () => {
    const broker = new NumberingAedes({}, () => {})
    aedes = broker
    await broker.listen()
    const received: Buffer[] = []
    await new Promise<void>((resolve) => {
      const hear = (packet: { payload: string | Buffer }, done: () => void) => {
        received.push(packet.payload as Buffer)
        done()
      }
      broker.subscribe('t', hear, resolve)
    })
    const shared = Buffer.from('shared')
    for (const payload of [shared, shared, 'text', '']) {
      const packet = { cmd: 'publish' as const, topic: 't', payload, qos: 0 as const, dup: false, retain: false }
      await new Promise<void>((resolve) => broker.publish(packet, () => resolve()))
    }
    expect(received.map(String)).toEqual(['shared', 'shared', 'text', ''])
    const first = broker.originOf(received[0] as Buffer)?.message ?? 0
    expect(received.map((payload) => broker.originOf(payload)?.message)).toEqual([
      first,
      first + 1,
      first + 2,
      first + 3,
    ])
    expect(broker.originOf(Buffer.from('shared'))).toBeUndefined()
  })
})

describe('publishRefusal', () => {
  it('keeps topics under $SYS/ for the broker, and those that its matcher cannot take', () => {
    expect(publishRefusal('plant/pump-01')).toBeUndefined()
    expect(publishRefusal('$SYS')).toBeUndefined()
    expect(publishRefusal('$SYS/uptime')).toBe('topics under $SYS/ are reserved')
    expect(publishRefusal('x'.repeat(1000))).toBeUndefined()
    expect(publishRefusal('/'.repeat(99))).toBeUndefined()
    expect(publishRefusal('/'.repeat(100))).toBe('the topic has too many levels')
  })
})

describe('reasonOf', () => {
  it('says in words why aedes gave up', () => {
    expect(reasonOf(new Error('keep alive timeout'))).toBe('keep alive ran out')
    expect(reasonOf(new Error('connect did not arrive in time'))).toBe('no CONNECT came in time')
    expect(reasonOf(new Error('drain timeout'))).toBe('the client has stopped reading')
    expect(reasonOf(new Error('Packet too short'))).toBe('protocol error: Packet too short')
    expect(reasonOf(Object.assign(new Error('not authorized'), { errorCode: 5 }))).toBe('refused: not authorized')
  })
})
