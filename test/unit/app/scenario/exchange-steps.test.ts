import { describe, expect, it } from 'vitest'
import type { Step } from '../../../../app/handshake/message.ts'
import { readStep, showsSteps, stepsOf } from '../../../../app/scenario/exchange-steps.ts'

type PacketStep = Extract<Step, { kind: 'packet' }>

const common = { number: 1, time: 0, connection: 1 }

function packet(type: PacketStep['type'], change: Partial<PacketStep> = {}): Step {
  const nothing = { packetId: 1, qos: undefined, code: undefined, fate: undefined, by: '', delay: 0, remark: undefined }
  return { kind: 'packet', ...common, ...nothing, direction: 'to broker', type, dup: false, ...change }
}

const lost: Step = { kind: 'connection', ...common, what: 'lost', text: 'reset' }
const back: Step = { kind: 'connection', ...common, what: 'reconnected', text: 'Session Present' }

/** The exchange of the scenario that the design shows. */
const repaired = {
  steps: [
    packet('PUBLISH'),
    packet('PUBREC', { fate: 'dropped' }),
    lost,
    back,
    packet('PUBLISH', { dup: true }),
    packet('PUBREC'),
    packet('PUBREL', { fate: 'delayed' }),
    packet('PUBCOMP'),
  ],
}

describe('the steps of a handshake', () => {
  it('are packets with their DUP flag, and what became of them', () => {
    expect(stepsOf(repaired)).toEqual(['PUBLISH', 'PUBREC✕', '~', 'PUBLISH DUP', 'PUBREC', 'PUBREL', 'PUBCOMP'])
    const others = { steps: [packet('PUBLISH', { fate: 'held' }), packet('PUBACK', { fate: 'changed' })] }
    expect(stepsOf(others)).toEqual(['PUBLISH‖', 'PUBACK≈'])
    expect(stepsOf({ steps: [packet('PUBLISH', { fate: 'duplicated' })] })).toEqual(['PUBLISH×2'])
  })

  it('are shown with or without the loss of the connection, all of them and in order', () => {
    const six = ['PUBLISH', 'PUBREC✕', 'PUBLISH DUP', 'PUBREC', 'PUBREL', 'PUBCOMP']
    expect(showsSteps(repaired, six)).toBe(true)
    expect(showsSteps(repaired, ['PUBLISH', 'PUBREC✕', '~', ...six.slice(2)])).toBe(true)
    expect(showsSteps(repaired, ['~', ...six])).toBe(false)
    expect(showsSteps(repaired, six.slice(0, 5))).toBe(false)
    expect(showsSteps(repaired, six.slice(1))).toBe(false)
    expect(
      showsSteps(
        repaired,
        six.map((step) => step.replace(' DUP', '')),
      ),
    ).toBe(false)
    expect(
      showsSteps(
        repaired,
        six.map((step) => step.replace('✕', '')),
      ),
    ).toBe(false)
    expect(showsSteps(repaired, ['PUBLISH', 'PUBREC✕', 'PUBLISH DUP', 'PUBREL', 'PUBREC', 'PUBCOMP'])).toBe(false)
  })

  it.each([
    ['PUBREC✕', 'PUBREC✕'],
    ['pubrec x', 'PUBREC✕'],
    ['PUBRECX', 'PUBREC✕'],
    ['PUBLISH DUP', 'PUBLISH DUP'],
    ['PUBLISH DUP ✕', 'PUBLISH DUP✕'],
    ['PUBREL ||', 'PUBREL‖'],
    ['PUBLISH x2', 'PUBLISH×2'],
    ['~', '~'],
  ])('may be written %s', (written, step) => {
    expect(readStep(written)).toEqual({ step })
  })

  it.each(['PUBLIC', 'PUBREC DUP', '', 'PUBACK!', 'PINGREQ'])('may not be written %j', (written) => {
    expect(readStep(written)).toHaveProperty('problem')
  })
})
