import { describe, expect, it } from 'vitest'
import type { Exchange } from '../../../../app/handshake/message.ts'
import { sidesOf } from '../../../../app/handshake/sides.ts'
import { Conversation } from '../../../helpers/conversation.ts'
import { ladder, only } from '../../../helpers/messages.ts'

describe('the handshake of the picture', () => {
  const talk = new Conversation()
  const gateway = talk.connect('gateway-berlin', { clean: false })
  const dashboard = talk.connect('dashboard', { clean: false })
  gateway.publish({ topic: 'site/berlin/alarm', qos: 2, id: 19 })
  gateway.dropped(gateway.hears('pubrec', 19), 'drop first PUBREC')
  talk.event(gateway.connection, { type: 'fault', what: 'cut with RST', by: 'cut after PUBREC' })
  gateway.cut()
  talk.wait(4998)
  const again = talk.connect('gateway-berlin', { clean: false, present: true })
  again.publish({ topic: 'site/berlin/alarm', qos: 2, id: 19, dup: true })
  again.hears('pubrec', 19)
  again.says('pubrel', 19)
  again.hears('pubcomp', 19)
  const origin = { message: 41, kind: 'publish', clientId: 'gateway-berlin' } as const
  dashboard.deliver({ topic: 'site/berlin/alarm', qos: 2, id: 77, origin })
  dashboard.says('pubrec', 77)
  const pubrel = dashboard.hears('pubrel', 77)
  dashboard.held(pubrel, 'type:pubrel')

  it('shows the ladder of the publisher', () => {
    expect(ladder(only(talk).publisher)).toEqual([
      '> PUBLISH 19',
      '< PUBREC 19 dropped',
      '-- link cut with RST by cut after PUBREC',
      '-- gateway-berlin reconnects after 5.0 s · session present',
      '> PUBLISH 19 DUP (Packet Identifier 19 is stored already: not delivered again)',
      '< PUBREC 19',
      '> PUBREL 19',
      '< PUBCOMP 19',
    ])
    expect(only(talk).publisher).toMatchObject({ state: 'complete', sends: 2, deliveries: 1 })
  })

  it('shows the PUBREL that is held, and what both sides hold', () => {
    const message = only(talk)
    expect(message).toMatchObject({ state: 'held', remark: 'PUBREL 77 to dashboard is held' })
    expect(ladder(message.subscribers[0])).toEqual(['< PUBLISH 77', '> PUBREC 77', '< PUBREL 77 held'])
    expect(sidesOf(message.subscribers[0] as Exchange)).toEqual({
      broker: 'waits for PUBCOMP 77',
      client: 'holds 77, sent PUBREC',
      ifDropped: 'broker resends PUBREL after reconnect; message is not delivered twice',
    })
  })

  it('goes on when the PUBREL is dropped, the link cut and the PUBREL sent again', () => {
    const { records } = talk
    const length = records.length
    dashboard.dropped(pubrel, 'you')
    expect(only(talk).subscribers[0]).toMatchObject({ state: 'waiting', expects: 'PUBCOMP' })
    dashboard.cut()
    expect(only(talk)).toMatchObject({ state: 'waiting', remark: 'dashboard is offline' })
    expect(only(talk).subscribers[0]).toMatchObject({ state: 'waiting', expects: 'PUBREL' })
    const back = talk.connect('dashboard', { clean: false, present: true })
    back.hears('pubrel', 77)
    back.says('pubcomp', 77)
    expect(only(talk)).toMatchObject({ state: 'complete' })
    expect(only(talk).subscribers[0]).toMatchObject({ state: 'complete', sends: 1, deliveries: 1 })
    records.splice(length)
  })
})
