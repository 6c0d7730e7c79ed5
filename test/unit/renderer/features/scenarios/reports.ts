import type { Report } from '../../../../../renderer/state/scenarios.ts'

export function report(more: Partial<Report> = {}): Report {
  return {
    id: 'r1',
    file: 'scenarios/x.scenario.ts',
    name: 'x',
    seed: 1,
    repetition: 1,
    startedAt: 1,
    verdict: undefined,
    duration: 1000,
    preparation: 0,
    target: '',
    steps: [],
    expectations: [],
    deeds: [],
    thresholds: [],
    log: [],
    counts: { packets: 0, connections: 0, published: 0, delivered: 0, dropped: 0, notKept: 0 },
    unrepeatable: [],
    recording: undefined,
    ...more,
  }
}

export function step(more: Partial<Report['steps'][number]> = {}): Report['steps'][number] {
  return { number: 1, name: 'a step', at: 0, duration: 10, outcome: 'passed', firstPacket: 1, ...more }
}

export function expectation(more: Partial<Report['expectations'][number]> = {}): Report['expectations'][number] {
  return {
    what: 'expect(a).toBeOnline',
    expected: 'it is online',
    received: '',
    at: 0,
    duration: 10,
    outcome: 'held',
    soft: false,
    ...more,
  }
}
