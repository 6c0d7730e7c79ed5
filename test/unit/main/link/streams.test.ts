import { describe, expect, it } from 'vitest'
import { createRandom } from '../../../../app/base/random.ts'
import { Identity } from '../../../../main/link/identity.ts'
import { Streams } from '../../../../main/link/streams.ts'
import { connectPacket, newRule, TestWire } from '../../../helpers/test-wire.ts'

const ping = Uint8Array.of(0xc0, 0)
const seed = [7, 'rule', 'loss', 0]

describe('the randomness of a rule', () => {
  /** Streams, and what a client draws from them on one Network Connection to the next. */
  const open = (most?: number) => {
    const streams = new Streams(seed, most)
    let last = 0
    const connect = (clientId: string) => {
      const identity = new Identity(++last)
      if (clientId !== '') identity.introduce(connectPacket(clientId))
      return {
        draw: (count = 1) => Array.from({ length: count }, () => streams.of(identity, 'to broker').next()),
        leave: () => streams.leave(identity.connection),
        identity,
      }
    }
    const leave = (clientId: string) => {
      const client = connect(clientId)
      client.draw()
      client.leave()
    }
    return { connect, leave }
  }
  const expected = (client: string, count: number) => {
    const random = createRandom(...seed, client, 'to broker')
    return Array.from({ length: count }, () => random.next())
  }

  it('goes on for a client that comes back, also over another connection that it takes over', () => {
    const { connect, leave } = open(1)
    const first = connect('a')
    const drawn = first.draw(2)
    first.leave()
    const second = connect('a')
    drawn.push(...second.draw())
    const third = connect('a')
    drawn.push(...third.draw())
    second.leave()
    for (const other of ['b', 'c']) leave(other)
    drawn.push(...third.draw(), ...connect('a').draw())
    third.leave()
    expect(drawn).toEqual(expected('client a', 6))
  })

  it('is remembered of all clients that are connected, and of the last ones that went', () => {
    const { connect } = open(2)
    const [stays, ...others] = ['stays', 'a', 'b', 'c'].map(connect)
    for (const client of [stays, ...others]) client?.draw()
    for (const client of others) client.leave()
    expect(stays?.draw()).toEqual(expected('client stays', 2).slice(1))
    expect(connect('c').draw()).toEqual(expected('client c', 2).slice(1))
    expect(connect('b').draw()).toEqual(expected('client b', 2).slice(1))
    // It went before the last two.
    expect(connect('a').draw()).toEqual(expected('client a', 1))
  })

  it('does not count a client that has come back as one that is gone', () => {
    const { connect, leave } = open(2)
    leave('back')
    connect('back').draw()
    for (const id of ['a', 'b']) leave(id)
    expect(connect('a').draw()).toEqual(expected('client a', 2).slice(1))
    expect(connect('back').draw()).toEqual(expected('client back', 3).slice(2))
  })

  it('is of the connection alone where there is no Client Identifier yet', () => {
    const { connect } = open()
    const nobody = connect('')
    expect(nobody.draw()).toEqual(expected('connection 1', 1))
    nobody.identity.introduce(connectPacket('a'))
    expect(nobody.draw()).toEqual(expected('client a', 1))
    nobody.leave()
    expect(connect('a').draw()).toEqual(expected('client a', 2).slice(1))
  })

  it('goes on for each of many clients that send in turn, and that all come back', () => {
    const { connect } = open()
    const clients = Array.from({ length: 10_100 }, (_, i) => connect(`client-${i}`))
    const drawn = [clients, clients].map((all) => all.map((client) => client.draw()))
    for (const client of clients) client.leave()
    drawn.push(clients.map((client) => client.draw()))
    for (const at of [0, 5000, 10_099]) {
      expect(drawn.map((round) => round[at]?.[0])).toEqual(expected(`client client-${at}`, 3))
    }
  })

  it('goes on in a link that its client has opened after one that has closed', () => {
    const lost = (connections: number) => {
      const bench = new TestWire({ seed: 7, keeps: 0 })
      bench.wire.addRule(newRule('loss', { settings: { rate: 0.5 }, filter: 'type:pingreq' }))
      let heard = ''
      for (let i = 0; i < connections; i++) {
        const link = bench.connect('pump-01')
        for (let j = 0; j < 24 / connections; j++) {
          const before = link.atBroker.heard.length
          link.client.write(ping)
          heard += link.atBroker.heard.length > before ? 'x' : '-'
        }
        link.client.reset()
      }
      return heard
    }
    expect(lost(1)).toMatch(/x-|-x/)
    expect(lost(6)).toBe(lost(1))
  })
})
