import { describe, expect, it } from 'vitest'
import type { Exchange, Sides } from '../../../../app/handshake/message.ts'
import { sidesOf } from '../../../../app/handshake/sides.ts'
import { HandshakeTracker } from '../../../../app/handshake/tracker.ts'
import { Conversation, type Talk } from '../../../helpers/conversation.ts'

function exchangesOf(conversation: Conversation): Exchange[] {
  const tracker = new HandshakeTracker()
  for (const record of conversation.records) tracker.add(record)
  return tracker
    .list(100)
    .flatMap(({ publisher, subscribers }) => (publisher ? [publisher, ...subscribers] : subscribers))
}

/** What both sides hold after each of these moves, the first of which is a PUBLISH. */
function story(moves: readonly ((talk: Talk, capture: Conversation) => void)[], options: { clean: boolean }): Sides[] {
  const capture = new Conversation(5)
  const properties = options.clean ? {} : { sessionExpiryInterval: 600 }
  const talk = capture.connect('pump', { ...options, properties })
  return moves.map((move) => {
    move(talk, capture)
    return sidesOf(exchangesOf(capture)[0] as Exchange)
  })
}

const kept = { clean: false }

describe('both sides of a handshake', () => {
  it('at QoS 0 keep nothing', () => {
    const capture = new Conversation()
    const talk = capture.connect('pump')
    const packet = talk.publish()
    const sides = () => sidesOf(exchangesOf(capture)[0] as Exchange)
    const done = { client: 'sent PUBLISH, keeps nothing', broker: 'has taken it', ifDropped: undefined }
    expect(sides()).toEqual(done)
    talk.held(packet)
    const ifDropped = 'message is lost: QoS 0 is not sent again'
    expect(sides()).toEqual({ ...done, broker: 'has not got it', ifDropped })
    talk.dropped(packet)
    expect(sides()).toEqual({ ...done, broker: 'has not got it' })
  })

  it('at QoS 1, from the publisher', () => {
    const again = 'pump resends PUBLISH with DUP after reconnect; message is delivered again'
    expect(story([(talk) => talk.publish({ qos: 1, id: 7 }), (talk) => talk.hears('puback', 7)], kept)).toEqual([
      { client: 'waits for PUBACK 7', broker: 'has taken it, to send PUBACK', ifDropped: again },
      { client: 'is done, 7 is free', broker: 'has taken it, sent PUBACK', ifDropped: undefined },
    ])
  })

  it('at QoS 2, from the publisher', () => {
    const moves = [
      (talk: Talk) => talk.publish({ qos: 2, id: 7 }),
      (talk: Talk) => talk.hears('pubrec', 7),
      (talk: Talk) => talk.says('pubrel', 7),
      (talk: Talk) => talk.hears('pubcomp', 7),
    ]
    const once = 'message is not delivered twice'
    const publish = `pump resends PUBLISH with DUP after reconnect; ${once}`
    const pubrel = 'pump resends PUBREL after reconnect;'
    expect(story(moves, kept)).toEqual([
      { client: 'waits for PUBREC 7', broker: 'holds 7, to send PUBREC', ifDropped: publish },
      { client: 'has PUBREC 7, to send PUBREL', broker: 'holds 7, sent PUBREC', ifDropped: `${pubrel} ${once}` },
      {
        client: 'waits for PUBCOMP 7',
        broker: 'has released 7, to send PUBCOMP',
        ifDropped: `${pubrel} broker answers PUBCOMP again; ${once}`,
      },
      { client: 'is done, 7 is free', broker: 'has released 7, sent PUBCOMP', ifDropped: undefined },
    ])
  })

  it('at QoS 2, to a subscriber, are the same with the ends exchanged', () => {
    const moves = [
      (talk: Talk) => talk.deliver({ qos: 2, id: 7 }),
      (talk: Talk) => talk.says('pubrec', 7),
      (talk: Talk) => talk.hears('pubrel', 7),
      (talk: Talk) => talk.says('pubcomp', 7),
    ]
    const sides = story(moves, kept)
    expect(sides.map(({ broker }) => broker)).toEqual([
      'waits for PUBREC 7',
      'has PUBREC 7, to send PUBREL',
      'waits for PUBCOMP 7',
      'is done, 7 is free',
    ])
    expect(sides.map(({ client }) => client)).toEqual([
      'holds 7, to send PUBREC',
      'holds 7, sent PUBREC',
      'has released 7, to send PUBCOMP',
      'has released 7, sent PUBCOMP',
    ])
    expect(sides[2]?.ifDropped).toContain('broker resends PUBREL after reconnect; pump answers PUBCOMP again')
  })

  it('know what they have not got, and what they do after a reconnect', () => {
    const sides = story(
      [
        (talk) => talk.dropped(talk.publish({ qos: 2, id: 7 })),
        (talk) => talk.cut(),
        (_, capture) =>
          capture.connect('pump', { clean: false, present: true, properties: { sessionExpiryInterval: 600 } }),
      ],
      kept,
    )
    const ifDropped = 'pump resends PUBLISH with DUP after reconnect; message is not delivered twice'
    const late = ifDropped.replace('not delivered twice', 'delivered late')
    expect(sides).toEqual([
      { client: 'waits for PUBREC 7', broker: 'has not got 7', ifDropped: late },
      { client: 'holds 7, sends PUBLISH with DUP after reconnect', broker: 'has not got 7', ifDropped: late },
      { client: 'holds 7, to send PUBLISH with DUP', broker: 'has not got 7', ifDropped: late },
    ])
  })

  it('after PUBREC send PUBREL and no PUBLISH', () => {
    const sides = story(
      [
        (talk) => talk.publish({ qos: 2, id: 7 }),
        (talk) => {
          talk.hears('pubrec', 7)
          talk.dropped(talk.says('pubrel', 7))
        },
        (talk) => talk.cut(),
      ],
      kept,
    )
    expect(sides[2]).toEqual({
      client: 'holds 7, sends PUBREL after reconnect',
      broker: 'holds 7, sent PUBREC',
      ifDropped: 'pump resends PUBREL after reconnect; message is not delivered twice',
    })
  })

  it('without a session send nothing again', () => {
    const sides = story([(talk) => talk.dropped(talk.publish({ qos: 1, id: 7 })), (talk) => talk.cut()], {
      clean: true,
    })
    expect(sides).toEqual([
      {
        client: 'waits for PUBACK 7',
        broker: 'has not got 7',
        ifDropped: 'nothing is sent again after a reconnect: no session is kept; message is lost',
      },
      { client: 'has given up 7', broker: 'has not got 7', ifDropped: undefined },
    ])
  })

  it('are done when the message is refused', () => {
    const sides = story([(talk) => talk.publish({ qos: 2, id: 7 }), (talk) => talk.hears('pubrec', 7, 0x97)], kept)
    expect(sides[1]).toEqual({ client: 'was refused, 7 is free', broker: 'has refused 7', ifDropped: undefined })
  })
})
