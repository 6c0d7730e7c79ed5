import { describe, expect, it } from 'vitest'
import { launchMosquitto } from '../../helpers/mosquitto-broker.ts'
import { notPassed, setShippedScenarios } from '../../helpers/shipped-scenarios.ts'

/** Those that do nothing to the broker, and ask of it nothing that its clients cannot see. */
const onAnyBroker = [
  'clean-session-forgets',
  'hanging-subscriber',
  'message-expires',
  'offline-queue',
  'puback-lost',
  'puback-of-subscriber-lost',
  'pubcomp-lost',
  'pubrec-lost',
  'pubrel-lost',
  'qos-0-lost',
  'reconnect-storm',
  'retained-cleared',
  'retained-late-subscriber',
  'session-present',
  'shared-subscription',
  'slow-link',
  'will-after-cut',
  'will-after-disconnect',
  'will-delay',
]

describe('the shipped scenarios', { timeout: 300_000 }, () => {
  const run = setShippedScenarios()

  it('pass, each on a broker of its own, four at a time', async () => {
    const reports = await run()
    expect(notPassed(reports)).toEqual([])
    expect(reports.length).toBeGreaterThanOrEqual(22)
    // One that expects nothing passes whatever happens.
    expect(reports.filter(({ expectations }) => expectations.length === 0)).toEqual([])
  })

  it('pass with Mosquitto as target, as far as they are about any broker', async () => {
    // One after the other at each: what is retained by one of them the next one would see.
    const shares = [0, 1, 2].map((share) => onAnyBroker.filter((_, i) => i % 3 === share))
    const reports = await Promise.all(
      shares.map(async (names) => {
        const mosquitto = await launchMosquitto()
        try {
          return await run({ names, workers: 1, target: `mqtt://127.0.0.1:${mosquitto.port}` })
        } finally {
          await mosquitto.stop()
        }
      }),
    )
    expect(notPassed(reports.flat())).toEqual([])
    expect(reports.flat()).toHaveLength(onAnyBroker.length)
  })
})
