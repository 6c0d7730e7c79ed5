import { generate } from 'mqtt-packet'
import { describe, expect, it, onTestFinished } from 'vitest'
import { Recorder } from '../../../../../main/recorder/recorder.ts'
import { Evidence } from '../../../../../main/scenarios/evidence.ts'
import { brokerHasRate } from '../../../../../main/scenarios/expect/broker.ts'
import { FakeClock } from '../../../../helpers/fake-clock.ts'
import { until } from '../../../../helpers/until.ts'

/** Its wall clock can be set. */
class WallClock extends FakeClock {
  ahead = 0

  override now(): number {
    return super.now() + this.ahead
  }
}

/** Evidence of what a pump publishes, of a clock that stands still by itself. */
function stage() {
  const clock = new WallClock()
  const recorder = new Recorder({ clock })
  const publish = generate({ cmd: 'publish', topic: 't', payload: 'x', qos: 0, dup: false, retain: false })
  const capture = {
    get first() {
      return recorder.first
    },
    get next() {
      return recorder.next
    },
    get time() {
      return recorder.time
    },
    onRecorded: recorder.onRecorded,
    read: (from: number, limit: number) => recorder.read(from, limit),
    clientId: () => undefined,
    startedAt: recorder.startedAt,
  }
  const evidence = new Evidence(capture, clock, (error) => {
    throw error
  })
  onTestFinished(() => evidence.dispose())
  const add = () => recorder.packet(1, 'to broker', publish, false, undefined, publish.length)
  return { add, clock, evidence }
}

describe('a rate', () => {
  it('is of the last second of the capture, although the wall clock was set to another time', async () => {
    const { add, clock, evidence } = stage()
    for (let n = 0; n < 50; n++) add()
    await until('all is taken in', () => evidence.meter.published === 50)
    clock.ahead = 3_600_000
    // The tenth of a second that is under way does not count yet.
    clock.advance(100)
    const rate = brokerHasRate(evidence, 'taken', { atLeast: 50 })
    expect(rate.look().is).toBe('held')
    clock.advance(2000)
    const { is, received } = rate.look()
    expect([is, received()]).toEqual(['open', 'it was 0 in the last second'])
  })

  it('is of the last second that is known, where not all has been taken in yet', async () => {
    const { add, clock, evidence } = stage()
    for (let n = 0; n < 50; n++) add()
    clock.advance(100)
    add()
    await until('all is taken in', () => evidence.meter.published === 51)
    const few = brokerHasRate(evidence, 'taken', { atMost: 10 })
    clock.advance(5000)
    add()
    // One has come, and what else came since then nobody can say yet.
    expect(few.look().is).toBe('open')
    await until('all is taken in', () => evidence.meter.published === 52)
    expect(few.look().is).toBe('held')
  })
})
