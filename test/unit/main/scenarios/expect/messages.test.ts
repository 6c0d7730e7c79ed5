import { describe, expect, it, onTestFinished } from 'vitest'
import { Emitter } from '../../../../../app/base/emitter.ts'
import { Recorder } from '../../../../../main/recorder/recorder.ts'
import { Evidence } from '../../../../../main/scenarios/evidence.ts'
import { ArrivalLog, type Source } from '../../../../../main/scenarios/expect/arrivals.ts'
import { ExchangeIndex } from '../../../../../main/scenarios/expect/exchange-index.ts'
import { type HowOften, MessageQuestion } from '../../../../../main/scenarios/expect/messages.ts'
import { systemClock } from '../../../../../main/workbench/system-clock.ts'

/** What has come to an observer, and what is asked of it. */
function stage() {
  const recorder = new Recorder({ clock: systemClock })
  const capture = {
    first: 1,
    next: 1,
    onRecorded: recorder.onRecorded,
    read: (from: number, limit: number) => recorder.read(from, limit),
    clientId: () => undefined,
    startedAt: recorder.startedAt,
    time: 0,
  }
  const evidence = new Evidence(capture, systemClock, () => {})
  const arrived = new Emitter<void>()
  const exchanges = new ExchangeIndex(evidence)
  onTestFinished(() => {
    exchanges.dispose()
    evidence.dispose()
    arrived.dispose()
  })
  const log = new ArrivalLog(0)
  const source: Source = { log, from: 0, belongs: () => true, taken: new Set() }
  const add = (payload: string) =>
    log.add({ topic: 't', payload: Buffer.from(payload), qos: 0, retain: false, dup: false }, 0)
  const ask = (often: HowOften, payloads: readonly string[] = ['a'], inOrder = false) => {
    const wanted = payloads.map((text) => ({ payload: { is: 'text', text } as const }))
    return new MessageQuestion(
      { clock: systemClock, evidence, exchanges, onArrived: arrived.event },
      { source, clientId: 'observer', wanted, often, inOrder, takes: false, verb: '' },
    )
  }
  return { add, ask, log }
}

/** How a question ends that waits no longer. */
function ended(question: MessageQuestion) {
  const { is, received } = question.look()
  return { is: is === 'open' ? question.inTheEnd : is, received: received() }
}

describe('messages of which some were forgotten before they could be looked at', () => {
  const gap = '1 message could not be looked at: only the newest are kept'

  it('may have been what must never come, and one more than is wanted', () => {
    const { add, ask } = stage()
    for (let n = 0; n < 100_000; n++) add('b')
    expect(ended(ask({ never: true }))).toEqual({ is: 'held', received: 'nothing of the kind came' })
    add('b')
    expect(ended(ask({ never: true }))).toEqual({ is: 'failed', received: `nothing of the kind came. ${gap}` })
    expect(ended(ask({ never: true }, ['a', 'b'], true)).is).toBe('failed')
    add('a')
    const once = ended(ask({ exactly: 1 }))
    expect(once).toEqual({
      is: 'failed',
      received: 't "a" QoS 0. 2 messages could not be looked at: only the newest are kept',
    })
    expect(ended(ask({ atLeast: 1 })).is).toBe('held')
    expect(ended(ask({}, ['c'])).received).toContain('could not be looked at')
  })

  it('are none of those that were looked at in time', () => {
    const { add, ask } = stage()
    const question = ask({ never: true })
    for (let n = 0; n < 100_001; n++) {
      add('b')
      if (n % 50_000 === 0) question.look()
    }
    expect(ended(question)).toEqual({ is: 'held', received: 'nothing of the kind came' })
  })
})

describe('more messages than are kept', () => {
  it('cannot be expected', () => {
    const { ask } = stage()
    expect(() => ask({ exactly: 100_000 })).not.toThrow()
    const refused = expect.objectContaining({ code: 'invalid-argument' })
    expect(() => ask({ exactly: 100_001 })).toThrow(refused)
    expect(() => ask({ atLeast: 50_001 }, ['a', 'b'])).toThrow(refused)
  })

  it('are counted up to that, however many they are', () => {
    const { add, ask } = stage()
    for (let n = 0; n < 100_000; n++) add('a')
    expect(['held', 'settling']).toContain(ask({ exactly: 100_000 }).look().is)
  })
})
