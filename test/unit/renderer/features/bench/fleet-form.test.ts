import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { FaultlineError } from '../../../../../app/base/errors.ts'
import { milliseconds } from '../../../../../app/script-api/duration.ts'
import {
  changedFields,
  cleanDraft,
  countFields,
  type FleetDraft,
  loadFields,
  placeRefusal,
  readDraft,
  shownValues,
  writeDuration,
} from '../../../../../renderer/features/bench/fleet-form.ts'
import { fleetOf, loadFleet } from '../../fleet-views.ts'

const load = loadFleet('load')
const read = (draft: FleetDraft, fleet = load) => readDraft(fleet, draft, [...countFields, ...loadFields])
const problemOf = (draft: FleetDraft, fleet = load) => {
  const result = read(draft, fleet)
  return 'problems' in result ? result.problems : {}
}

describe('shownValues', () => {
  it('shows what the fleet does, and what was typed over it', () => {
    expect(shownValues(load, { payload: 'x' })).toEqual({
      count: '200',
      ramp: '',
      topic: 'load/{id}',
      every: '1s',
      payload: 'x',
      qos: '1',
      retain: false,
    })
  })
})

describe('cleanDraft', () => {
  it('forgets what says no more than the fleet does', () => {
    expect(cleanDraft(load, { count: '200', payload: 'new', every: '1s' })).toEqual({ payload: 'new' })
  })
})

describe('readDraft', () => {
  it('asks for what was changed, and for nothing else', () => {
    expect(read({ count: '1,000', ramp: '30 s' })).toEqual({ change: { count: 1000, rampMs: 30_000 } })
    expect(read({ every: '250ms', qos: '2', retain: true, topic: 'a/{n}', payload: '{"v":{int 1 9}}' })).toEqual({
      change: { everyMs: 250, qos: 2, retain: true, topic: 'a/{n}', payload: '{"v":{int 1 9}}' },
    })
  })

  it('looks only at the fields that are asked for', () => {
    expect(readDraft(load, { count: 'many', every: '2s' }, loadFields)).toEqual({ change: { everyMs: 2000 } })
  })

  it('takes an empty ramp time, and nought, as at once', () => {
    expect(read({ ramp: ' ' })).toEqual({ change: { rampMs: 0 } })
    expect(read({ every: '0' })).toEqual({ change: { everyMs: 0 } })
  })

  it.each(['', 'many', '-1', '1.5', '100001', '1e3'])('says at the count that %j is none', (count) => {
    expect(problemOf({ count })).toEqual({ count: 'write a whole number from 0 to 100,000' })
  })

  it('knows how many a scripted fleet can have', () => {
    expect(problemOf({ count: '10001' }, fleetOf('pump'))).toEqual({ count: 'write a whole number from 0 to 10,000' })
    expect(read({ count: '10000' }, fleetOf('pump'))).toEqual({ change: { count: 10_000 } })
  })

  it.each(['', '30', 'soon', '-1s', '25h'])('says at the time that %j is none', (every) => {
    expect(problemOf({ every }).every).toMatch(/the time between two messages/)
  })

  it('says at the topic and at the payload what is wrong with them', () => {
    const problems = problemOf({ topic: 'a/#', payload: '{temperature}' })
    expect(problems.topic).toMatch(/wildcard/)
    expect(problems.payload).toMatch(/\{temperature\}, which stands for nothing/)
    expect(problemOf({ topic: '' }).topic).toMatch(/empty/)
    expect(problemOf({ topic: 'a/{count}' }).topic).toMatch(/\{count\}/)
  })
})

describe('writeDuration', () => {
  it('writes what can be typed back, exactly', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 86_400_000 }), (ms) => {
        expect(readDraft(load, { every: writeDuration(ms) }, ['every'])).toEqual({ change: { everyMs: ms } })
      }),
    )
    expect(
      ['0', '2m', '90s', '1500ms'].map((text) => writeDuration(milliseconds(text === '0' ? 0 : text, ''))),
    ).toEqual(['0', '2m', '90s', '1500ms'])
  })
})

describe('placeRefusal', () => {
  const refused = (message: string, details?: Record<string, unknown>) =>
    new FaultlineError({ code: 'invalid-argument', message, details })

  it('belongs to the field that it names first', () => {
    const error = refused('the topic has {payload}, which stands for nothing')
    expect(placeRefusal(error, ['payload', 'topic'])).toEqual({ topic: error.message })
  })

  it('belongs to the field whose option it is', () => {
    expect(placeRefusal(refused('no', { option: 'fleet.everyMs' }), ['every', 'topic'])).toEqual({ every: 'no' })
  })

  it('belongs to the only field that was sent', () => {
    expect(placeRefusal(refused('no such thing'), ['payload'])).toEqual({ payload: 'no such thing' })
  })

  it('is said of all of them where it names none, or is about something else', () => {
    expect(placeRefusal(refused('no such thing'), ['payload', 'topic'])).toEqual({ all: 'no such thing' })
    const gone = new FaultlineError({ code: 'not-found', message: 'there is no fleet load', hint: 'see the list' })
    expect(placeRefusal(gone, ['count'])).toEqual({ all: 'there is no fleet load (see the list)' })
  })
})

describe('changedFields', () => {
  it('has nothing where the fleet does what the workspace says', () => {
    expect(changedFields(load)).toEqual({})
    expect(changedFields(fleetOf('meter'))).toEqual({})
  })

  it('has what the workspace says, as it would be typed, where the fleet does something else', () => {
    const settings = { topic: 'load/{id}', everyMs: 250, payload: 'x', qos: 2 as const, retain: true }
    const changed = changedFields({ ...load, wanted: 7, settings })
    expect(changed).toEqual({ count: '200', every: '1s', payload: '{"n":{n}}', qos: '1', retain: false })
    // Sent as a change, it ends what was changed.
    expect(readDraft(load, changed, [...countFields, ...loadFields])).toEqual({
      change: { count: 200, everyMs: 1000, payload: '{"n":{n}}', qos: 1, retain: false },
    })
  })

  it('says nothing of settings while the script of a fleet does not', () => {
    expect(changedFields({ ...load, settings: undefined, written: { count: 200 } })).toEqual({})
  })
})
