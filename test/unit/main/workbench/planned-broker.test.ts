import { describe, expect, it } from 'vitest'
import type { PlannedBroker } from '../../../../app/scenario/plan.ts'
import { plannedSettings } from '../../../../main/workbench/planned-broker.ts'

function mistakes(broker: Partial<PlannedBroker>): string[] {
  const { mistakes: found = [] } = plannedSettings({ limits: {}, store: 'memory', access: undefined, ...broker })
  return found.map(({ message, path }) => `${path}: ${message}`)
}

describe('the broker of a plan', () => {
  it('is one with settings as in faultline.json', () => {
    const access = { acl: { rules: [{ allow: 'publish', topics: ['plant/#'] }] } }
    const { settings } = plannedSettings({ limits: { maxQoS: 1, queuePolicy: 'disconnect' }, store: 'memory', access })
    expect(settings?.limits).toEqual({ maxQoS: 1, queuePolicy: 'disconnect' })
    expect(settings?.access?.acl?.rules).toEqual([{ effect: 'allow', action: 'publish', topics: ['plant/#'] }])
  })

  it('is told all that is wrong with it, by the names that a scenario has for it', () => {
    expect(mistakes({ limits: { maxInflight: 0, maxQoS: 3, maxQueues: 1 } })).toEqual([
      'broker.maxInflight: must be a whole number from 1 to 65535, not 0',
      'broker.maxQoS: must be 0, 1 or 2, not 3',
      expect.stringMatching(/^broker: has no "maxQueues"; did you mean "maxQueued"\? the keys are "connectTimeout", /),
    ])
    expect(mistakes({ access: { anonymous: 1, acl: { rule: {} } } })).toEqual([
      'broker.access.anonymous: must be true or false, not 1',
      'broker.access.acl: has no "rule"; did you mean "rules"? the keys are "rules", "otherwise"',
    ])
    expect(mistakes({ access: [] })).toEqual(['broker.access: must not be a list'])
  })
})
