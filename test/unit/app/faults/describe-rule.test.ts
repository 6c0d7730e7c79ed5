import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ruleDefaults } from '../../../../app/faults/check-rule.ts'
import { describeBreakpoint, describeRule } from '../../../../app/faults/describe-rule.ts'
import { faultNames } from '../../../../app/faults/faults.ts'
import type { RuleDraft } from '../../../../app/faults/rule.ts'

function words(fault: string, fields: Partial<RuleDraft> = {}): string {
  const defaults = ruleDefaults(fault)
  return describeRule({ ...defaults, ...fields, settings: { ...defaults.settings, ...fields.settings } })
}

describe('describeRule', () => {
  it('says what a rule does as people say it', () => {
    const gateway = { clients: 'gateway-berlin', filter: 'type:pubrec', times: 1 }
    expect(words('drop', { ...gateway, from: 'client' })).toBe('drop first PUBREC from gateway-berlin')
    expect(words('drop', { ...gateway, from: 'broker' })).toBe('drop first PUBREC to gateway-berlin')
    expect(words('drop', gateway)).toBe('drop first PUBREC of gateway-berlin')
    expect(words('delay', { clients: 'pump-*', filter: 'type:puback', from: 'broker' })).toBe(
      'delay PUBACK to pump-* by 5 s',
    )
    expect(words('latency')).toBe('latency 200 ms for every client')
    expect(words('cut', { filter: 'id:19 type:PUBREC' })).toBe('cut link after PUBREC id 19')
  })

  it('has words for every fault', () => {
    expect(faultNames.map((name) => words(name))).toEqual([
      'latency 200 ms for every client',
      'jitter up to 100 ms for every client',
      'delay every packet by 5 s',
      'bandwidth 5000 octets/s for every client',
      'loss 10 % for every client',
      'drop every packet',
      'duplicate every packet',
      'put every packet behind 1 packet',
      'corrupt every packet: 1 bit in the payload',
      'truncate every packet to 2 octets',
      'slice into 1 to 8 octets, 10 ms apart, for every client',
      'cut link after every packet',
      'half-open link for every client',
      'refuse every client',
    ])
  })

  it('says what differs from the start', () => {
    expect(words('jitter', { settings: { distribution: 'normal' } })).toBe(
      'normal jitter up to 100 ms for every client',
    )
    expect(words('duplicate', { settings: { copies: 3 } })).toBe('deliver every packet 3 times')
    expect(words('corrupt', { settings: { bits: 9, where: 'anywhere' } })).toBe('corrupt every packet: 9 bits')
    expect(words('slice', { settings: { min: 8 } })).toContain('slice into 8 octets, ')
    expect(words('cut', { settings: { how: 'fin', when: 'before' } })).toBe('cut link before every packet by FIN')
    expect(words('refuse', { clients: 'pump-01', settings: { how: 'fin' } })).toBe('refuse pump-01 by FIN')
  })

  it('counts', () => {
    const puback = { filter: 'type:puback' }
    expect(words('drop', { ...puback, nth: 3, times: 1 })).toBe('drop third PUBACK')
    expect(words('drop', { ...puback, nth: 22, times: 1 })).toBe('drop 22nd PUBACK')
    expect(words('drop', { ...puback, nth: 112, times: 1 })).toBe('drop 112th PUBACK')
    expect(words('drop', { ...puback, times: 2 })).toBe('drop first 2 PUBACK')
    expect(words('drop', { ...puback, nth: 3, times: 2 })).toBe('drop 2 PUBACK from the third on')
    expect(words('drop', { ...puback, nth: 3 })).toBe('drop PUBACK from the third on')
    expect(words('drop', { times: 2, from: 'client' })).toBe('drop first 2 packets from every client')
    expect(words('refuse', { times: 3, clients: 'pump-*' })).toBe('refuse first 3 connections of pump-*')
  })

  it('says which packets a link fault is limited to', () => {
    expect(words('latency', { clients: 'pump-*' })).toBe('latency 200 ms for pump-*')
    expect(words('latency', { clients: 'pump-*', from: 'broker' })).toBe('latency 200 ms for all to pump-*')
    expect(words('latency', { nth: 3 })).toBe('latency 200 ms for every packet from the third on')
    expect(words('loss', { filter: 'type:publish qos:1' })).toBe('loss 10 % for PUBLISH QoS 1')
  })

  it('says its chance and its window', () => {
    const half = { probability: 0.5 }
    expect(words('drop', half)).toBe('drop every packet, with a chance of 50 %')
    expect(words('drop', { fromMs: 1500 })).toBe('drop every packet, after 1.5 s')
    expect(words('drop', { untilMs: 120_000 })).toBe('drop every packet, for 2 min')
    expect(words('drop', { ...half, fromMs: 5, untilMs: 90_000 })).toBe(
      'drop every packet, with a chance of 50 %, from 5 ms to 90 s',
    )
  })

  it('leaves a filter as it is that has no simple words', () => {
    const texts = [
      'type:puback or dup',
      'topic:"a b"',
      'not retain',
      'bytes>1000',
      'type:nonsense',
      'type:puback client:x',
      'type:puback type:pubrec',
    ]
    for (const filter of texts) expect(words('drop', { filter, times: 1 })).toBe(`drop first “${filter}”`)
  })

  it('never is empty', () => {
    fc.assert(
      fc.property(fc.constantFrom(...faultNames), fc.string(), fc.string(), (fault, filter, clients) => {
        expect(words(fault, { filter, clients }).trim()).not.toBe('')
      }),
    )
  })
})

describe('describeBreakpoint', () => {
  it('says what is held, and on which way', () => {
    expect(describeBreakpoint('type:pubrel from:broker client:dashboard')).toBe('hold PUBREL broker → dashboard')
    expect(describeBreakpoint('type:pubrec from:client client:pump-*')).toBe('hold PUBREC pump-* → broker')
    expect(describeBreakpoint('type:pubrel from:broker')).toBe('hold PUBREL broker → client')
    expect(describeBreakpoint('type:pubrel')).toBe('hold PUBREL')
    expect(describeBreakpoint('client:dashboard')).toBe('hold every packet of dashboard')
    expect(describeBreakpoint('type:publish,puback qos:1 dup topic:plant/+/status')).toBe(
      'hold PUBLISH or PUBACK QoS 1 DUP on plant/+/status',
    )
    expect(describeBreakpoint('')).toBe('hold every packet')
    expect(describeBreakpoint('not type:pubrel')).toBe('hold “not type:pubrel”')
  })
})
