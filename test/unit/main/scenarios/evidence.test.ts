import { describe, expect, it, onTestFinished } from 'vitest'
import type { Captured, ConnectionEvent } from '../../../../app/capture/captured.ts'
import { summarize } from '../../../../app/mqtt/summary.ts'
import { Recorder } from '../../../../main/recorder/recorder.ts'
import { Evidence } from '../../../../main/scenarios/evidence.ts'
import { systemClock } from '../../../../main/workbench/system-clock.ts'
import { Conversation } from '../../../helpers/conversation.ts'
import { until } from '../../../helpers/until.ts'

/** Evidence of a capture into which records are written by hand. */
function stage(budget?: number) {
  const recorder = new Recorder({ clock: systemClock, ...(budget === undefined ? {} : { budget }) })
  const names = new Map<number, string>()
  const capture = {
    get first() {
      return recorder.first
    },
    get next() {
      return recorder.next
    },
    onRecorded: recorder.onRecorded,
    read: (from: number, limit: number) => recorder.read(from, limit),
    clientId: (connection: number) => names.get(connection),
    startedAt: recorder.startedAt,
    get time() {
      return recorder.time
    },
  }
  const write = (records: readonly Captured[]) => {
    for (const record of records) {
      if (record.kind === 'event') recorder.event(record.connection, record.event)
      else {
        const { clientId } = summarize(record.octets, 4)
        if (clientId) names.set(record.connection, clientId)
        recorder.packet(
          record.connection,
          record.direction,
          record.octets,
          record.malformed,
          record.origin,
          record.length,
        )
      }
    }
  }
  const problems: unknown[] = []
  const open = () => {
    const evidence = new Evidence(capture, systemClock, (error) => problems.push(error))
    onTestFinished(() => evidence.dispose())
    return evidence
  }
  return { recorder, capture, write, open, problems }
}

const closed = (reason: string): ConnectionEvent => ({ type: 'closed', by: 'client', cause: 'rst', reason })

describe('the evidence of a run', () => {
  it('takes in what was there before and what comes later, in its order', async () => {
    const { open, write } = stage()
    const talk = new Conversation()
    const pump = talk.connect('pump')
    pump.publish({ topic: 'a', qos: 1, id: 7 })
    write(talk.records.splice(0))
    const evidence = open()
    expect(evidence.tracker.total).toBe(1)
    let fired = 0
    evidence.onMore(() => {
      fired += 1
    })
    pump.hears('puback', 7)
    write(talk.records)
    await until('it is taken in', () => fired > 0)
    expect(evidence.tracker.list(1)[0]?.state).toBe('complete')
    expect(evidence.names.clientId(1)).toBe('pump')
    expect(evidence.names.version(1)).toBe(4)
  })

  it('lets others have their turn, and is settled when all of it has been taken in', async () => {
    const { open, write } = stage()
    const talk = new Conversation()
    const pump = talk.connect('pump')
    for (let i = 0; i < 20_000; i++) pump.publish({ topic: 'a', payload: String(i) })
    write(talk.records)
    const evidence = open()
    expect(evidence.tracker.total).toBeLessThan(20_000)
    await evidence.settled()
    expect(evidence.tracker.total).toBe(20_000)
    expect(evidence.meter.published).toBe(20_000)
  })

  it('counts what had left the ring before it could be read', async () => {
    const { open, recorder, write } = stage(64 * 1024)
    const talk = new Conversation()
    const pump = talk.connect('pump')
    for (let i = 0; i < 3000; i++) pump.publish({ topic: 'a', payload: 'x'.repeat(100) })
    write(talk.records)
    const evidence = open()
    await evidence.settled()
    expect(recorder.first).toBeGreaterThan(1)
    expect(evidence.missed).toBe(recorder.first - 1)
  })

  it('counts for thresholds what there is no room to keep', async () => {
    const { open, write } = stage()
    const evidence = open()
    const talk = new Conversation()
    const pump = talk.connect('pump')
    const payload = 'x'.repeat(64 * 1024)
    for (let n = 1; n <= 1100; n++) {
      pump.publish({ payload, qos: 1, id: n })
      pump.hears('puback', n)
      write(talk.records.splice(0))
      if (n % 100 === 0) await evidence.settled()
    }
    expect([evidence.missed, evidence.tracker.forgotten]).toEqual([0, 76])
    expect(evidence.measured().times['handshake.duration']).toHaveLength(1100)
  })

  it('is settled, and says so once, where a record cannot be read', async () => {
    const { capture, open, problems, write } = stage()
    const talk = new Conversation()
    talk.connect('pump')
    write(talk.records)
    capture.read = () => {
      throw new Error('the ring is broken')
    }
    const evidence = open()
    await evidence.settled()
    expect(problems).toEqual([new Error('the ring is broken')])
  })

  it('gives records by their numbers, the last of them where there are too many', async () => {
    const { open, write } = stage()
    const talk = new Conversation()
    const pump = talk.connect('pump')
    for (let i = 0; i < 1000; i++) pump.publish({ topic: 'a' })
    write(talk.records)
    const evidence = open()
    const numbers = (from: number, to: number, most: number) =>
      evidence.records(from, to, most).map(({ number }) => number)
    expect(numbers(5, 8, 10)).toEqual([5, 6, 7, 8])
    expect(numbers(5, 8, 2)).toEqual([7, 8])
    expect(numbers(1, 900, 600)).toEqual(Array.from({ length: 600 }, (_, i) => i + 301))
    expect(numbers(1002, 5000, 100)).toEqual([1002, 1003])
    expect(numbers(8, 5, 100)).toEqual([])
  })

  it('knows wills, what they were, and who was refused', async () => {
    const { open, write } = stage()
    const talk = new Conversation()
    const will = { topic: 'w', payload: Buffer.from('gone'), qos: 1 as const, retain: false }
    talk.connect('pump', { will })
    talk.event(1, { type: 'will published', clientId: 'pump', topic: 'w', reason: 'connection lost' })
    talk.event(1, { type: 'will dropped', clientId: 'pump' })
    talk.packet(2, 'to broker', { cmd: 'connect', clientId: 'fan', protocolVersion: 4, clean: true, keepalive: 0 })
    talk.packet(2, 'to client', { cmd: 'connack', sessionPresent: false, returnCode: 5 })
    write(talk.records)
    const evidence = open()
    expect(evidence.wills.all()).toEqual([
      { type: 'will published', clientId: 'pump', topic: 'w', reason: 'connection lost', number: 4 },
      { type: 'will dropped', clientId: 'pump', topic: '', reason: '', number: 5 },
    ])
    expect(evidence.statedWills.all()).toMatchObject([
      { clientId: 'pump', number: 2, since: 2, will: { topic: 'w', qos: 1 } },
    ])
    expect(evidence.refusals.all()).toEqual([{ clientId: 'fan', code: 5, number: 7 }])
    expect(evidence.hasKeepAliveWill).toBe(false)
    expect([...evidence.meter.accepted]).toEqual(['pump'])
  })

  it('knows since when a client has stated the same will, and that a keep alive ran out', () => {
    const { open, write } = stage()
    const talk = new Conversation()
    const will = (payload: string) => ({ topic: 'w', payload: Buffer.from(payload), qos: 1 as const, retain: false })
    for (const payload of ['a', 'a', 'b', 'a']) talk.connect('pump', { will: will(payload) })
    talk.connect('fan', { will: will('a') })
    talk.event(1, { type: 'will published', clientId: 'pump', topic: 'w', reason: 'keep alive of 10 s ran out' })
    write(talk.records)
    const evidence = open()
    expect(evidence.statedWills.of('pump').map(({ number, since }) => [number, since])).toEqual([
      [2, 2],
      [5, 2],
      [8, 8],
      [11, 11],
    ])
    expect(evidence.statedWills.of('fan')).toMatchObject([{ since: 14 }])
    expect(evidence.hasKeepAliveWill).toBe(true)
  })

  it('knows when a client was upset, by the connection that it has now', async () => {
    const { open, write } = stage()
    const talk = new Conversation()
    talk.connect('pump')
    write(talk.records.splice(0))
    const evidence = open()
    expect(evidence.upsets.upsetAt('pump')).toBeUndefined()
    talk.event(1, { type: 'fault', what: 'cut with RST', by: 'you' })
    write(talk.records.splice(0))
    await evidence.settled()
    const cut = evidence.upsets.upsetAt('pump')
    expect(cut).toBeGreaterThan(0)
    expect(evidence.upsets.lostAt('pump')).toBeUndefined()
    talk.event(1, closed('cut'))
    write(talk.records.splice(0))
    await evidence.settled()
    const lost = evidence.upsets.lostAt('pump')
    expect(evidence.upsets.upsetAt('pump')).toBe(lost)
    // It is back, and only then the broker hears that the connection before is gone.
    talk.connect('pump')
    talk.event(1, closed('late'))
    talk.event(0, {
      type: 'fault',
      what: 'healed',
      by: 'you',
      device: { id: 'p', clientId: 'pump', fault: 'hang', phase: 'ends' },
    })
    write(talk.records.splice(0))
    await evidence.settled()
    expect(evidence.upsets.upsetAt('pump')).toBe(lost)
    talk.event(0, {
      type: 'fault',
      what: 'hangs',
      by: 'you',
      device: { id: 'p', clientId: 'pump', fault: 'hang', phase: 'begins' },
    })
    write(talk.records)
    await evidence.settled()
    expect(evidence.upsets.upsetAt('pump')).toBeGreaterThan(lost ?? 0)
  })
})
