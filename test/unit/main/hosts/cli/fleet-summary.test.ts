import { describe, expect, it } from 'vitest'
import {
  exitCodeOfRun,
  type FleetResult,
  jsonSummary,
  progressText,
  tableSummary,
} from '../../../../../main/hosts/cli/fleet-summary.ts'

const result: FleetResult = {
  fleet: {
    id: 'meter',
    kind: 'load',
    script: 'devices/meter.device.ts',
    target: '',
    wanted: 1500,
    present: 1500,
    online: 1200,
    settings: undefined,
    written: { count: 0, settings: undefined },
    counters: {
      published: 9000,
      acknowledged: 8990,
      latency: { p50: 1, p95: 12.34, p99: 456.7 },
      rate: 123.4,
      errors: { refused: 2 },
    },
    error: undefined,
  },
  totals: {
    published: 12_000,
    acknowledged: 11_990,
    latency: { p50: 1, p95: 12.34, p99: 456.7 },
    rate: 0,
    errors: { refused: 2, 'it was reset': 1500 },
  },
  seed: 42,
  connected: 1500,
  seconds: 30,
  scriptErrors: [],
  end: 'duration',
}

const lost = {
  trouble: 'process' as const,
  message: 'gone',
  file: 'devices/meter.device.ts',
  line: undefined,
  column: undefined,
  stack: undefined,
}

const args = {
  script: 'meter.device.ts',
  count: 3000,
  target: undefined,
  ramp: 0,
  duration: 30_000,
  shard: { index: 1, of: 2 },
  json: true,
  seed: undefined,
}

describe('the summary of a fleet', () => {
  it('is a table for people, the most frequent error first', () => {
    expect(tableSummary(result)).toEqual([
      'fleet         meter: 1,500 load clients',
      'target        a broker of its own',
      'time          30.0 s',
      'connected     1,500 of 1,500',
      'published     12,000 (400 a second)',
      'acknowledged  11,990',
      'latency       p50 1.00 ms, p95 12.3 ms, p99 457 ms',
      'errors        1,500 × it was reset',
      '              2 × refused',
    ])
  })

  it('has no acknowledgements where there are none', () => {
    const settings = { topic: 't', everyMs: 1, payload: '', qos: 0 as const, retain: false }
    const totals = { ...result.totals, acknowledged: 0 }
    expect(tableSummary({ ...result, fleet: { ...result.fleet, settings }, totals })).toContain('acknowledged  -')
    expect(tableSummary({ ...result, totals })).toContain('acknowledged  0')
  })

  it('shows some of many script errors', () => {
    const scriptErrors = Array.from({ length: 9 }, (_, i) => ({ id: `m-${i}`, message: 'no' }))
    const rows = tableSummary({ ...result, totals: { ...result.totals, latency: undefined }, scriptErrors })
    expect(rows.slice(-2)).toEqual(['script error  m-4: no', '              and 4 more'])
    expect(rows).toContain('latency       none was measured: nothing was acknowledged at QoS 1 or 2')
  })

  it('is one object for programs', () => {
    expect(JSON.parse(jsonSummary(result, args))).toEqual({
      fleet: 'meter',
      kind: 'load',
      script: 'meter.device.ts',
      target: null,
      seed: 42,
      shard: { index: 1, of: 2 },
      count: 3000,
      wanted: 1500,
      connected: 1500,
      seconds: 30,
      published: 12_000,
      acknowledged: 11_990,
      rate: 400,
      latency: { p50: 1, p95: 12.34, p99: 456.7 },
      errors: { refused: 2, 'it was reset': 1500 },
      scriptErrors: [],
      end: 'duration',
      exitCode: 0,
    })
  })

  it.each([
    ['all were connected', {}, 0],
    ['somebody asked', { connected: 0, end: 'asked' as const }, 0],
    ['a script threw', { scriptErrors: [{ id: 'a', message: 'no' }] }, 3],
    ['the script cannot be read', { end: 'script error' as const, connected: 0 }, 3],
    ['some were never connected', { connected: 1499 }, 4],
    ['none was connected', { connected: 0 }, 5],
    ['a process was lost for good', { fleet: { ...result.fleet, error: lost } }, 5],
    ['it was, and somebody asked', { end: 'asked' as const, fleet: { ...result.fleet, error: lost } }, 5],
  ])('gives the exit code when %s', (_, change, code) => {
    expect(exitCodeOfRun({ ...result, ...change })).toBe(code)
  })
})

describe('the line of progress', () => {
  it('says what goes on', () => {
    expect(progressText(result.fleet, 7.9)).toBe(
      '7 s · 1,200 of 1,500 connected · 9,000 published · 123 a second · p95 12.3 ms · 2 errors',
    )
  })
})
