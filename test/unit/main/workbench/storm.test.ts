import { describe, expect, it } from 'vitest'
import { Emitter } from '../../../../app/base/emitter.ts'
import { storm } from '../../../../main/workbench/storm.ts'
import { FakeClock } from '../../../helpers/fake-clock.ts'

type Options = Parameters<typeof storm>[0]
type Change = Parameters<Parameters<Options['devices']['onChanged']>[0]>[0]

/** A group and its devices, as far as a storm asks about them. */
function group(kind: 'load' | 'scripted', states: Record<string, 'online' | 'offline'>) {
  const changes = new Emitter<Change>()
  const cuts: string[][] = []
  const connected: string[] = []
  const snapshot = (id: string, state: string) => ({ id, clientId: `c-${id}`, fleet: 'pump', state, since: 0 })
  const options = {
    clock: new FakeClock(),
    group: 'pump',
    reconnect: 'all at once',
    devices: {
      list: () => Object.entries(states).map(([id, state]) => snapshot(id, state)),
      onChanged: changes.event,
      act: async (id: string) => void connected.push(id),
    },
    fleets: { list: () => [{ id: 'pump', kind, present: 3, written: { count: 20 } }] },
    wire: { cutAll: (ids: ReadonlySet<string>) => cuts.push([...ids]) },
  } as unknown as Options
  const change = (changed: string[], removed: string[] = []) =>
    changes.fire({ changed: changed.map((id) => snapshot(id, 'offline')), removed } as unknown as Change)
  return { change, connected, cuts, options }
}

describe('a storm', () => {
  it('resets the connections of a load fleet in one pass over the links', async () => {
    const { cuts, options } = group('load', {})
    await storm(options)
    expect(cuts).toEqual([['pump-01', 'pump-02', 'pump-03']])
  })

  it('resets those of devices in one pass, and they connect when the last of them has noticed', async () => {
    const { change, connected, cuts, options } = group('scripted', { a: 'online', b: 'online', c: 'offline' })
    const over = storm(options)
    expect(cuts).toEqual([['c-a', 'c-b']])
    change(['b', 'c'])
    change(['b'])
    await Promise.resolve()
    expect(connected).toEqual([])
    change(['a'])
    await over
    expect(connected).toEqual(['b', 'a'])
  })

  it('does not wait for a device that is removed meanwhile', async () => {
    const { change, connected, options } = group('scripted', { a: 'online', b: 'online' })
    const over = storm(options)
    change(['a'], ['b'])
    await over
    expect(connected).toEqual(['a'])
  })

  it('does not wait for ever for a device that does not notice', async () => {
    const { change, connected, options } = group('scripted', { a: 'online', b: 'online' })
    const over = storm(options)
    change(['a'])
    ;(options.clock as FakeClock).advance(5000)
    await over
    expect(connected).toEqual(['a'])
  })
})
