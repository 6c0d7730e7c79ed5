import { describe, expect, it } from 'vitest'
import { summarizeMessage } from '../../../../app/handshake/summary.ts'
import { HandshakeTracker } from '../../../../app/handshake/tracker.ts'
import { Conversation } from '../../../helpers/conversation.ts'

/** A tracker that is given what a conversation has got since the last time. */
class Following {
  readonly talk = new Conversation()
  readonly tracker: HandshakeTracker
  #next = 0

  constructor(mostMessages = 5000) {
    this.tracker = new HandshakeTracker({ mostMessages })
  }

  /** Takes in the new records, or loses them. */
  follow(lose = false): HandshakeTracker {
    const records = this.talk.records.slice(this.#next)
    this.#next += records.length
    if (lose) this.tracker.missed(records.length)
    else for (const record of records) this.tracker.add(record)
    return this.tracker
  }
}

/** So many clients that are not connected, and get what is published to `t`. */
function sleepers(talk: Conversation, count: number): void {
  for (let n = 1; n <= count; n++) {
    const client = talk.connect(`valve-${n}`, { clean: false })
    client.subscribe('t', 1)
    client.disconnect()
  }
}

const back = (talk: Conversation, n: number, present = true) =>
  talk.connect(`valve-${n}`, { clean: !present, present: present })

describe('a message that many clients wait for', () => {
  it('says how many they are, and who it is when it is only one', () => {
    const { talk, tracker, follow } = bound(new Following())
    sleepers(talk, 1200)
    const pump = talk.connect('pump')
    pump.publish({ qos: 1, id: 1 })
    pump.hears('puback', 1)
    follow()
    expect(tracker.summary(1)).toMatchObject({ state: 'queued', remark: '1,200 subscribers are offline' })
    for (let n = 1; n <= 1199; n++) {
      // Half of them get it, the others come back without a session.
      if (n === 3) continue
      const client = back(talk, n, n % 2 === 0)
      if (n % 2 === 0) client.deliver({ qos: 1, id: 5 })
      if (n % 2 === 0) client.says('puback', 5)
    }
    follow()
    expect(tracker.summary(1)).toMatchObject({ state: 'queued', remark: '2 subscribers are offline' })
    back(talk, 1200, false)
    follow()
    expect(tracker.summary(1)).toMatchObject({ state: 'queued', remark: 'valve-3 is offline' })
    back(talk, 3, false)
    follow()
    expect(tracker.summary(1)).toMatchObject({ state: 'complete', remark: '', subscribers: 599 })
  })

  it('waits for nobody who was connected when it came, or slept before and has come back', () => {
    const { talk, tracker, follow } = bound(new Following())
    sleepers(talk, 2)
    const pump = talk.connect('pump')
    pump.publish({ qos: 1, id: 1, payload: 'both' })
    const one = back(talk, 1)
    pump.publish({ qos: 1, id: 2, payload: 'two' })
    one.disconnect()
    pump.publish({ qos: 1, id: 3, payload: 'both again' })
    back(talk, 1, false)
    follow()
    expect(tracker.summaries(3).map(({ state, remark }) => [state, remark])).toEqual([
      ['queued', 'valve-2 is offline'],
      ['queued', 'valve-2 is offline'],
      ['queued', 'valve-2 is offline'],
    ])
  })

  it('is given up for the oldest absence of a client that is away again and again', () => {
    const { talk, tracker, follow } = bound(new Following())
    sleepers(talk, 1)
    const pump = talk.connect('pump')
    for (let n = 1; n <= 7; n++) {
      pump.publish({ qos: 0, payload: `${n}` })
      pump.publish({ qos: 1, id: n, payload: `${n}` })
      pump.hears('puback', n)
      back(talk, 1).disconnect()
    }
    follow()
    const states = tracker.summaries(100).filter(({ qos }) => qos === 1)
    expect(states.map(({ state }) => state)).toEqual([...fill('queued', 3), ...fill('complete', 4)])
    back(talk, 1, false)
    follow()
    expect(tracker.summaries(100).every(({ state }) => state === 'complete')).toBe(true)
  })
})

describe('what a feed asks a tracker', () => {
  it('is a summary that is the same as that of the whole message', () => {
    const { talk, tracker, follow } = bound(new Following())
    const pump = talk.connect('pump', { clean: false })
    const one = talk.unseen()
    for (let n = 1; n <= 3; n++) {
      pump.publish({ qos: 2, id: n, payload: `${n}` })
      one.deliver({ qos: 1, id: n, payload: `${n}` })
      follow()
      pump.dropped(pump.hears('pubrec', n))
      expect(tracker.summaries(9)).toEqual(tracker.list(9).map(summarizeMessage))
    }
    pump.cut()
    follow()
    expect(tracker.summaries(9)).toEqual(tracker.list(9).map(summarizeMessage))
    expect(tracker.summary(2)).toMatchObject({ id: 2, remark: 'pump is offline' })
    expect(tracker.summary(77)).toBeUndefined()
  })

  it('is the message of a packet, and the newest that a loss of the connection belongs to', () => {
    const { talk, tracker, follow } = bound(new Following(2))
    const pump = talk.connect('pump', { clean: false })
    const gone = pump.publish({ payload: 'gone' })
    const first = pump.publish({ qos: 1, id: 1, payload: '1' })
    pump.publish({ qos: 1, id: 2, payload: '2' })
    const answer = pump.hears('puback', 1)
    talk.event(1, { type: 'closed', by: 'link', cause: 'rst' })
    const lost = talk.records.length
    follow()
    expect([gone, first, answer, lost, 1, 999].map((packet) => tracker.ofPacket(packet))).toEqual([
      undefined,
      2,
      2,
      3,
      undefined,
      undefined,
    ])
  })

  it('is what has changed, the newest first, and the rest the next time', () => {
    const { talk, tracker, follow } = bound(new Following())
    const pump = talk.connect('pump')
    for (let n = 1; n <= 5; n++) pump.publish({ qos: 1, id: n, payload: `${n}` })
    follow()
    expect(tracker.takeChanges(2)).toEqual({ changed: [5, 4], forgotten: [] })
    pump.hears('puback', 5)
    follow()
    expect(tracker.takeChanges(2)).toEqual({ changed: [5, 3], forgotten: [] })
    expect(tracker.takeChanges()).toEqual({ changed: [2, 1], forgotten: [] })
    expect(tracker.takeChanges()).toEqual({ changed: [], forgotten: [] })
  })

  it('is what was forgotten, once, and only what somebody has heard of', () => {
    const { talk, tracker, follow } = bound(new Following(3))
    const pump = talk.connect('pump')
    for (let n = 1; n <= 3; n++) pump.publish({ payload: `${n}` })
    follow()
    expect(tracker.takeChanges(1)).toEqual({ changed: [3], forgotten: [] })
    for (let n = 4; n <= 6; n++) pump.publish({ payload: `${n}` })
    follow()
    expect(tracker.takeChanges(0)).toEqual({ changed: [], forgotten: [3] })
    tracker.summaries(2)
    for (let n = 7; n <= 9; n++) pump.publish({ payload: `${n}` })
    follow()
    expect(tracker.takeChanges()).toEqual({ changed: [9, 8, 7], forgotten: [5, 6] })
  })
})

describe('a message of which records are missing', () => {
  it('does not say that it waits, until its next packet comes', () => {
    const { talk, tracker, follow } = bound(new Following())
    const pump = talk.connect('pump')
    pump.publish({ qos: 2, id: 1 })
    pump.publish({ qos: 1, id: 2, payload: 'later' })
    follow()
    tracker.takeChanges()
    pump.hears('pubrec', 1)
    pump.hears('puback', 2)
    follow(true)
    expect(tracker.unseen).toBe(2)
    expect(tracker.takeChanges().changed).toEqual([2, 1])
    expect(tracker.summaries(2).map(({ remark }) => remark)).toEqual([
      'some packets were not seen',
      'some packets were not seen',
    ])
    pump.says('pubrel', 1)
    follow()
    expect(tracker.summary(1)).toMatchObject({ state: 'waiting', remark: 'waits for PUBCOMP 1' })
    pump.hears('pubcomp', 1)
    follow()
    expect(tracker.summary(1)).toMatchObject({ state: 'complete', remark: '' })
    expect(tracker.get(1)?.publisher?.steps[0]).toMatchObject({ remark: 'some packets after this one were not seen' })
  })

  it('goes as if it were finished, says so while it is queued, and holds back nothing that follows', () => {
    const { talk, tracker, follow } = bound(new Following(2))
    sleepers(talk, 1)
    const pump = talk.connect('pump')
    pump.publish({ qos: 1, id: 1 })
    const other = talk.connect('other')
    other.held(other.publish({ topic: 'held' }))
    follow()
    talk.wait(1)
    pump.hears('puback', 1)
    follow(true)
    expect(tracker.summaries(2).map(({ remark }) => remark)).toEqual([
      'PUBLISH to the broker is held, some packets were not seen',
      'valve-1 is offline, some packets were not seen',
    ])
    other.publish({ topic: 'after' })
    follow()
    expect(tracker.summaries(2).map(({ id, state }) => [id, state])).toEqual([
      [3, 'complete'],
      [2, 'held'],
    ])
  })
})

function fill(state: string, count: number): string[] {
  return new Array<string>(count).fill(state)
}

function bound(following: Following) {
  return { talk: following.talk, tracker: following.tracker, follow: following.follow.bind(following) }
}
