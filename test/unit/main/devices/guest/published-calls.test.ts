import { describe, expect, it } from 'vitest'
import { PublishedCalls } from '../../../../../main/devices/guest/published-calls.ts'
import { Meter } from '../../../../../main/devices/meter.ts'

const done = { type: 'done' } as const
const lost = { type: 'lost', message: 'x' } as const

describe('what is counted of the messages of a device', () => {
  function counted(run: (calls: PublishedCalls, wait: (ms: number) => void) => void) {
    const meter = new Meter()
    let now = 1000
    run(new PublishedCalls(meter, () => now), (ms) => {
      now += ms
    })
    return meter.take()
  }

  it('is nothing while a message waits', () => {
    expect(counted((calls) => calls.asked(1, 1))).toBeUndefined()
  })

  it('is published when it is written, and acknowledged by its time since then', () => {
    const reading = counted((calls, wait) => {
      calls.asked(1, 1)
      wait(60_000)
      calls.written(1)
      wait(5)
      calls.settled(1, done)
    })
    const direct = new Meter()
    direct.published()
    direct.acknowledged(5)
    expect(reading).toEqual(direct.take())
  })

  it('is published and never acknowledged at QoS 0', () => {
    const reading = counted((calls) => {
      calls.asked(1, 0)
      calls.written(1)
      calls.settled(1, done)
    })
    expect(reading).toEqual({ published: 1, acknowledged: 0, latency: [], errors: {} })
  })

  it('is published where an earlier life has asked for it', () => {
    expect(counted((calls) => calls.written(-1))).toMatchObject({ published: 1, acknowledged: 0 })
  })

  it('is an error where it is refused, dropped or lost', () => {
    const reading = counted((calls) => {
      for (const call of [1, 2, 3]) calls.asked(call, 1)
      calls.settled(1, { type: 'refused', message: 'x' })
      calls.settled(2, lost)
      calls.written(3)
      calls.settled(3, lost)
    })
    expect(reading).toEqual({
      published: 1,
      acknowledged: 0,
      latency: [],
      errors: {
        'a message was refused': 1,
        'a message was dropped: too much was waiting': 1,
        'a message was lost with its connection': 1,
      },
    })
  })
})
