import { describe, expect, it } from 'vitest'
import { MessageMatch } from '../../../../../app/scenario/match-message.ts'
import { ArrivalLog, type Source } from '../../../../../main/scenarios/expect/arrivals.ts'
import { describeFound, describeMissing } from '../../../../../main/scenarios/expect/message-words.ts'
import { Tally } from '../../../../../main/scenarios/expect/tally.ts'

const startedAt = 5e9

/** Messages that came a tenth of a second after one another, the first at once. */
function sourceOf(payloads: readonly string[]): Source {
  const log = new ArrivalLog(startedAt)
  for (const [i, payload] of payloads.entries()) {
    const message = { topic: 'plant/a', payload: Buffer.from(payload), qos: 1, retain: false, dup: false } as const
    log.add(message, startedAt + i * 1e8)
  }
  return { log, from: 0, belongs: () => true, taken: new Set() }
}

function missingIn(payloads: readonly string[]): string {
  const source = sourceOf(payloads)
  const wanted = [new MessageMatch({ payload: { is: 'text', text: 'off' } })]
  const tally = new Tally(source, wanted, 1, false)
  tally.update()
  return describeMissing(source, tally, wanted)
}

describe('what is said of messages that came', () => {
  it('has those that are the same once, with how often they came, and when', () => {
    expect(missingIn([...Array.from({ length: 51 }, () => 'on'), 'dim'])).toBe(
      '52 messages came, none fits, the closest first: plant/a "dim" QoS 1 (another payload); ' +
        '51× plant/a "on" QoS 1 (another payload) from 0.000 s to 5.000 s',
    )
    expect(describeFound(sourceOf(['on', 'off', 'on']), [0, 1, 2])).toBe(
      '2× plant/a "on" QoS 1 from 0.000 s to 0.200 s; plant/a "off" QoS 1',
    )
  })

  it('counts what is left out by messages, not by kinds of them', () => {
    const kinds = ['a', 'b', 'c', 'd', 'e', 'f', 'g'].flatMap((letter) => [letter, letter])
    expect(missingIn(kinds)).toMatch(/^14 messages came, none fits, the closest first: 2× plant\/a "g" .*; and 4 more$/)
    const all = kinds.map((_, i) => i)
    expect(describeFound(sourceOf(kinds), all)).toMatch(/^2× plant\/a "a" .*"e".*; and 4 more$/)
  })
})
