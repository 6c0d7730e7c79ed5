import type { ChildProcess, fork } from 'node:child_process'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { BareBroker } from '../../helpers/bare-broker.ts'
import { buildDeviceAssets, type DeviceAssets } from '../../helpers/device-assets.ts'
import { entry, FleetBench, loadScript } from '../../helpers/fleet-bench.ts'
import { until } from '../../helpers/until.ts'

/** The processes that were really started, so that a test can end one of them. */
const children: ChildProcess[] = []
vi.mock('node:child_process', async (original) => {
  const real = await original<{ fork: typeof fork }>()
  return {
    ...real,
    fork: (...given: Parameters<typeof fork>) => {
      const child = real.fork(...given)
      children.push(child)
      return child
    },
  }
})

let assets: DeviceAssets
let broker: BareBroker
let bench: FleetBench

beforeAll(async () => {
  assets = await buildDeviceAssets()
  broker = await BareBroker.open()
  bench = new FleetBench(assets, broker.port, { loadProcesses: 2 })
})
afterEach(() => bench.fleets.set([]))
afterAll(async () => {
  await bench.close()
  await broker.close()
  assets.dispose()
})

const ids = (count: number) => Array.from({ length: count }, (_, i) => `l-${i + 1}`)
const alive = () => children.filter(({ exitCode, signalCode }) => exitCode === null && signalCode === null)
const connects = (id: string) => broker.connects.filter((other) => other === id).length

function kill(): void {
  const pid = alive()[0]?.pid
  if (pid === undefined) throw new Error('there is no load process')
  process.kill(pid, 'SIGKILL')
}

describe('a load fleet whose process is killed', () => {
  it('has the lost clients again, each once, until that has happened too often; then says so', async () => {
    bench.fleets.set([entry('l', loadScript(`topic: 'l/{id}', every: '1h'`), { count: 9 })])
    await bench.becomes('l', 'is online', ({ online }) => online === 9)
    kill()
    await until('those of one process have come again', () => broker.connects.length >= 13)
    const fleet = await bench.becomes('l', 'is whole', ({ online, present }) => online === 9 && present === 9)
    expect(fleet).toMatchObject({ wanted: 9, error: undefined })
    expect(Object.values(fleet.counters?.errors ?? {}).reduce((sum, times) => sum + times, 0)).toBeGreaterThan(3)
    // Those of the other process were left alone.
    const again = ids(9).filter((id) => connects(id) === 2)
    expect([4, 5]).toContain(again.length)
    expect(ids(9).filter((id) => connects(id) === 1)).toHaveLength(9 - again.length)

    for (let lost = 2; bench.snapshot('l').error === undefined; lost++) {
      expect(lost).toBeLessThanOrEqual(5)
      const before = children.length
      kill()
      await until('it is known', () => children.length > before || bench.snapshot('l').error !== undefined)
      if (bench.snapshot('l').error === undefined) await bench.becomes('l', 'is whole', ({ online }) => online === 9)
    }
    const less = bench.snapshot('l')
    expect(less).toMatchObject({ wanted: 9, error: { trouble: 'process' } })
    expect(less.present).toBeLessThan(9)
    expect(alive()).toHaveLength(1)

    const before = new Map(ids(10).map((id) => [id, connects(id)]))
    bench.fleets.change('l', { count: 10 })
    const whole = await bench.becomes('l', 'has all again', ({ online, present }) => online === 10 && present === 10)
    expect(whole.error).toBeUndefined()
    const opened = ids(10).filter((id) => connects(id) > (before.get(id) ?? 0))
    expect(opened).toHaveLength(10 - less.present)
  })
})
