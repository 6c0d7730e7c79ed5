import fc from 'fast-check'
import { generate } from 'mqtt-packet'
import { describe, expect, it } from 'vitest'
import { decodePacket } from '../../../../../app/mqtt/decode.ts'
import { type EditorAction, edit, openEditor, problemOf } from '../../../../../renderer/features/packet/editor-state.ts'
import { conformingPacket } from '../../../../helpers/properties.ts'

const publish = generate({ cmd: 'publish', topic: 'a', payload: 'hi', qos: 1, messageId: 7, dup: false, retain: false })
const octets = new Uint8Array(publish)

function editing(...actions: readonly EditorAction[]) {
  return actions.reduce(edit, openEditor(octets, 4))
}

describe('the packet editor', () => {
  it('begins with what the packet says', () => {
    const state = openEditor(octets, 4)
    expect(state.fields).toMatchObject({ dup: false, qos: 1, retain: false, packetId: 7 })
    expect([state.packetId.text, state.payload.text, state.payloadForm]).toEqual(['7', 'hi', 'text'])
    expect(state.raw.text).toBe('32 07 00 01 61 00 07 68\n69')
    expect(problemOf(state)).toBeUndefined()
  })

  it('rewrites the octets when a field changes, and the Remaining Length with them', () => {
    const state = editing(
      { type: 'payload', text: 'hello' },
      { type: 'flag', flag: 'DUP', on: true },
      { type: 'packetId', text: '258' },
    )
    expect(state.raw.text).toBe('3a 0a 00 01 61 01 02 68\n65 6c 6c 6f')
    expect(decodePacket(state.octets, 4).violations).toEqual([])
  })

  it('rewrites the fields when the octets change', () => {
    const state = editing({ type: 'raw', text: '3d 07 00 01 61 00 09 48 49' })
    expect(state.fields).toMatchObject({ dup: true, qos: 2, retain: true, packetId: 9 })
    expect([state.packetId.text, state.payload.text]).toEqual(['9', 'HI'])
    // What is typed stays as it is typed.
    expect(editing({ type: 'raw', text: '3207000161000768 69 ' }).raw.text).toBe('3207000161000768 69 ')
  })

  it('says in place what cannot be taken, keeps it to be corrected, and changes nothing', () => {
    const raw = editing({ type: 'raw', text: '32 0x' })
    expect(raw.raw).toEqual({ text: '32 0x', problem: '“x” at character 5 is no hexadecimal digit (0 to 9, a to f)' })
    expect([raw.octets, problemOf(raw)]).toEqual([octets, raw.raw.problem])
    const id = editing({ type: 'packetId', text: '65536' })
    expect([id.packetId.text, id.octets]).toEqual(['65536', octets])
    expect(problemOf(id)).toBe('a Packet Identifier is a whole number from 0 to 65535')
    const payload = editing({ type: 'payloadForm', form: 'hex' }, { type: 'payload', text: '686' })
    expect(problemOf(payload)).toBe('the last octet has one digit; it needs two')
    expect(problemOf(edit(payload, { type: 'payload', text: '6869' }))).toBeUndefined()
  })

  it('lets a packet become malformed', () => {
    const state = editing({ type: 'raw', text: '36 07 00 01 61 00 07 68 69' })
    expect(problemOf(state)).toBeUndefined()
    expect(decodePacket(state.octets, 4).violations).toMatchObject([{ statement: 'MQTT-3.3.1-4' }])
    expect(problemOf(editing({ type: 'raw', text: '' }))).toBeUndefined()
  })

  it('gives a Packet Identifier with QoS 1 and takes it with QoS 0', () => {
    const zero = editing({ type: 'qos', qos: 0 })
    expect(zero.fields).toMatchObject({ qos: 0, packetId: undefined })
    expect(edit(zero, { type: 'qos', qos: 2 }).fields).toMatchObject({ qos: 2, packetId: 1 })
  })

  it('edits as text only what a text field does not change', () => {
    const of = (payload: string | Buffer) =>
      openEditor(generate({ cmd: 'publish', topic: 'a', payload, qos: 0, dup: false, retain: false }), 4)
    expect(of('a\tb\nc').payloadForm).toBe('text')
    expect(of('a\r\nb').payloadForm).toBe('hex')
    expect(of(Buffer.of(0xff)).canBeText).toBe(false)
  })

  it('undoes all, whatever was done', () => {
    const actions: fc.Arbitrary<EditorAction> = fc.oneof(
      fc.record({
        type: fc.constant('flag' as const),
        flag: fc.constantFrom('DUP' as const, 'RETAIN' as const),
        on: fc.boolean(),
      }),
      fc.record({ type: fc.constant('qos' as const), qos: fc.constantFrom(0 as const, 1 as const, 2 as const) }),
      fc.record({ type: fc.constant('payloadForm' as const), form: fc.constantFrom('text' as const, 'hex' as const) }),
      fc.record({ type: fc.constantFrom('raw' as const, 'payload' as const, 'packetId' as const), text: fc.string() }),
      fc.record({
        type: fc.constant('raw' as const),
        text: fc.uint8Array({ maxLength: 20 }).map((octets) => Buffer.from(octets).toString('hex')),
      }),
    )
    fc.assert(
      fc.property(conformingPacket, fc.array(actions, { maxLength: 12 }), ({ octets, version }, steps) => {
        const start = openEditor(new Uint8Array(octets), version)
        const end = steps.reduce(edit, start)
        expect(edit(end, { type: 'undo' })).toEqual(start)
      }),
    )
  })
})
