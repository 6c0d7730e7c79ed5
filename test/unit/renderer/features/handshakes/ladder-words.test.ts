import { describe, expect, it } from 'vitest'
import {
  connectionWords,
  expectedPacket,
  labelOf,
  notesOf,
  publisherName,
  sentenceOf,
} from '../../../../../renderer/features/handshakes/ladder-words.ts'
import { connection, exchange, message, type PacketStep, packet } from './messages.ts'

function label(step: PacketStep, retain = false): string {
  return labelOf(step, retain)
    .map(({ text, tone }) => (tone === 'text' ? text : `${text}(${tone})`))
    .join(' ')
}

describe('the words over an arrow', () => {
  it('name the packet, its identifier, its QoS and its flags', () => {
    const publish = packet(1, 0, 'PUBLISH', { packetId: 19, qos: 2, dup: true })
    expect(label(publish)).toBe('PUBLISH id 19 QoS 2 DUP(amber)')
    expect(label({ ...publish, dup: false }, true)).toBe('PUBLISH id 19 QoS 2 RETAIN')
    expect(label(packet(1, 0, 'PUBLISH', { qos: 0 }))).toBe('PUBLISH QoS 0')
  })

  it('are short for answers, and name a code that refuses', () => {
    expect(label(packet(1, 0, 'PUBACK', { packetId: 5 }))).toBe('PUBACK 5')
    expect(label(packet(1, 0, 'PUBACK', { packetId: 5, code: 0x97 }))).toBe('PUBACK 5 0x97(red)')
  })

  it('say that a packet is held, in the colour of what is held', () => {
    expect(label(packet(1, 0, 'PUBREL', { packetId: 77, fate: 'held' }))).toBe('PUBREL 77(blue) held(blue)')
  })
})

describe('the words beneath an arrow', () => {
  const note = (more: Partial<PacketStep>) => notesOf(packet(1, 0, 'PUBREC', more)).map(({ text }) => text)

  it('say what was done to the packet, and by whom', () => {
    expect(note({ fate: 'dropped', by: 'drop first PUBREC' })).toEqual(['dropped by “drop first PUBREC”'])
    expect(note({ fate: 'dropped', by: 'you' })).toEqual(['dropped by you'])
    expect(note({ fate: 'dropped', by: '' })).toEqual(['dropped'])
    expect(note({ fate: 'dropped', by: 'connection closed' })).toEqual(['dropped: connection closed'])
    expect(note({ fate: 'delayed', by: 'slow', delay: 5e9 })).toEqual(['delayed 5.0 s by “slow”'])
    expect(note({ fate: 'duplicated', by: 'twin' })).toEqual(['sent more than once by “twin”'])
    expect(note({ fate: 'changed', by: 'you', delay: 12e9 })).toEqual(['changed on its way by you, 12.0 s late'])
  })

  it('say what holds it', () => {
    expect(note({ fate: 'held', by: 'type:pubrel' })).toEqual(['breakpoint: PUBREL'])
    expect(note({ fate: 'held', by: 'every packet' })).toEqual(['breakpoint: every packet'])
    expect(note({ fate: 'held', by: 'hold everything' })).toEqual(['everything is held'])
  })

  it('say what follows from it', () => {
    expect(note({ remark: '19 is stored already' })).toEqual(['19 is stored already'])
    expect(note({})).toEqual([])
  })
})

describe('the sentence of a step', () => {
  it('tells when, from whom, to whom, and what became of it', () => {
    const step = packet(1, 0, 'PUBREC', { packetId: 19, fate: 'dropped', by: 'you' })
    expect(sentenceOf(step, false, 'pump-01', 1.2e6)).toBe(
      '1.2 ms: the broker to pump-01: PUBREC 19. It never arrives. dropped by you',
    )
  })
})

describe('what happened to a connection', () => {
  it('names the client where the text does not', () => {
    const lost = connection(1, 0, 'lost', 'link cut')
    expect(connectionWords(lost, 'pump-01')).toBe('pump-01: link cut')
    expect(connectionWords({ ...lost, text: 'pump-01 loses its power' }, 'pump-01')).toBe('pump-01 loses its power')
  })
})

describe('the packet that an exchange waits for', () => {
  it('is what it expects', () => {
    expect(expectedPacket(exchange({ state: 'waiting', expects: 'PUBCOMP' }))).toBe('PUBCOMP')
    expect(expectedPacket(exchange({ state: 'complete', expects: undefined }))).toBeUndefined()
  })

  it('is the answer to the packet that is held', () => {
    const held = (type: PacketStep['type'], qos: 0 | 1 | 2) =>
      expectedPacket(exchange({ qos, state: 'held', steps: [packet(1, 0, type, { fate: 'held' })] }))
    expect([held('PUBLISH', 0), held('PUBLISH', 1), held('PUBLISH', 2)]).toEqual([undefined, 'PUBACK', 'PUBREC'])
    expect([held('PUBREC', 2), held('PUBREL', 2), held('PUBCOMP', 2)]).toEqual(['PUBREL', 'PUBCOMP', undefined])
  })
})

describe('the publisher of a message', () => {
  it('is called by its connection where no CONNECT was seen', () => {
    const nameless = exchange({ clientId: '', steps: [packet(1, 0, 'PUBLISH', { connection: 9 })] })
    expect(publisherName(message({ publisher: nameless, publisherId: undefined }))).toBe('connection 9')
  })

  it('is nobody for a message that the broker had', () => {
    expect(publisherName(message({ origin: 'retained' }))).toBeUndefined()
    expect(publisherName(message({ origin: 'broker' }))).toBeUndefined()
  })
})
