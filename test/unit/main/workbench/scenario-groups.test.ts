import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Emitter } from '../../../../app/base/emitter.ts'
import {
  orderOfStarts,
  ScenarioGroups,
  type ScenarioGroupsOptions,
} from '../../../../main/workbench/scenario-groups.ts'
import { FakeClock } from '../../../helpers/fake-clock.ts'
import { until } from '../../../helpers/until.ts'

const ids = fc.uniqueArray(fc.string(), { maxLength: 50 })
const seeds = fc.oneof(fc.integer(), fc.string())

describe('the order in which devices start', () => {
  it('has each of them once, and is the same for the same seed', () => {
    fc.assert(
      fc.property(ids, seeds, (all, seed) => {
        const order = orderOfStarts(all, seed)
        expect([...order].sort()).toEqual([...all].sort())
        expect(orderOfStarts(all, seed)).toEqual(order)
      }),
    )
  })

  it('can be any', () => {
    const orders = Array.from({ length: 500 }, (_, seed) => orderOfStarts(['a', 'b', 'c'], seed).join(''))
    expect([...new Set(orders)].sort()).toEqual(['abc', 'acb', 'bac', 'bca', 'cab', 'cba'])
  })
})

describe('a group that starts', () => {
  /** Devices that are online at once; how often all of them were looked at, and who waits for what they do first. */
  function stage(ids: readonly string[]) {
    const [ready, changed, nothing] = [new Emitter<string>(), new Emitter<void>(), new Emitter<never>().event]
    let [looks, waiting] = [0, 0]
    let wrong = ''
    const devices = {
      list: () => {
        looks += 1
        const well = { state: 'online', error: undefined }
        return ids.map((id) => ({ id, clientId: id, reason: '', ...(id === wrong ? broken : well) }))
      },
      onReady: (listener: (id: string) => void) => {
        waiting += 1
        return ready.event(listener)
      },
      onChanged: changed.event,
      act: async () => {},
    }
    const all = { present: ids.length, wanted: ids.length, online: ids.length, failures: [] }
    const fleets = { set: () => {}, list: () => [{ id: 'pump', kind: 'scripted', ...all }], onChanged: nothing }
    const group = { name: 'pump', script: 'pump', count: ids.length, on: true, path: 'pump', source: '' }
    const vain = new AbortController().signal
    const options = { clock: new FakeClock(), seed: 1, devices, fleets, vain } as unknown as ScenarioGroupsOptions
    const starting = new ScenarioGroups([group], options).start()
    return {
      starting,
      // `start` listens first, and then what waits for it.
      settling: () => until('it waits for what they do first', () => waiting === 2),
      looks: () => looks,
      ready: (id: string) => ready.fire(id),
      fail: (id: string) => {
        wrong = id
        changed.fire()
      },
    }
  }

  const broken = {
    state: 'script error',
    error: { message: 'it jams', file: 'pump', line: 1, column: 1, stack: undefined },
  }
  const pumps = Array.from({ length: 100 }, (_, i) => `pump-${String(i + 1).padStart(3, '0')}`)

  it('is there when each of them has done what it does first, without a look at all of them for each', async () => {
    const { looks, ready, settling, starting } = stage(pumps)
    await settling()
    const before = looks()
    for (const id of pumps) ready(id)
    await starting
    expect(looks() - before).toBeLessThan(5)
  })

  it('has failed where one of them fails meanwhile', async () => {
    const { fail, ready, settling, starting } = stage(pumps)
    const failed = expect(starting).rejects.toThrow('it jams')
    await settling()
    for (const id of pumps.slice(1)) ready(id)
    fail('pump-001')
    await failed
  })
})
