import { FaultlineError } from '../../../app/base/errors.ts'
import type { LoadSettings } from '../../../app/device/fleet.ts'
import { fillName, longestId, readNameTemplate, readTemplate } from '../../../app/device/payload-template.ts'
import type { LoadPlan } from '../../../app/script-api/crossing.ts'
import { mistake } from '../../../app/script-api/mistake.ts'
import { checkMqttString, checkTopicName } from '../../../app/script-api/topics.ts'

/** Whatever client it is filled in for, a text is not longer than for this one. */
const longest = { id: 'x'.repeat(longestId), n: 100_000 }
/** A Will Payload has a length of two octets [MQTT-3.1.3-10]. */
const longestWill = 65_535

/**
 * Checks the templates of a load fleet's settings, and the longest texts that they can be filled in to.
 *
 * @throws FaultlineError `invalid-argument`; `details.option` names the one that is wrong
 */
export function checkSettings({ topic, payload }: LoadSettings): void {
  naming('topic', () => checkTopicName(filled(topic, 'topic'), 'topic'))
  naming('payload', () => readTemplate(payload, 'payload'))
}

/** As `checkSettings`, for all that a fleet's script says. */
export function checkPlan({ settings, client }: LoadPlan): void {
  checkSettings(settings)
  const { clientId, username, password, will } = client
  const texts = { clientId, username, password, 'will.payload': will?.payload }
  for (const [name, text] of Object.entries(texts)) {
    const what = `client.${name}`
    if (typeof text === 'string') naming(what, () => checkMqttString(filled(text, what), what))
  }
  if (will === undefined) return
  const { payload, topic } = will
  naming('client.will.topic', () => checkTopicName(filled(topic, 'client.will.topic'), 'client.will.topic'))
  if (typeof payload === 'string' || payload.length <= longestWill) return
  naming('client.will.payload', () => {
    throw mistake(`client.will.payload must not be longer than ${longestWill} octets`)
  })
}

function filled(text: string, what: string): string {
  return fillName(readNameTemplate(text, what), longest.id, longest.n)
}

function naming(option: string, check: () => unknown): void {
  try {
    check()
  } catch (error) {
    if (!(error instanceof FaultlineError)) throw error
    throw new FaultlineError({ ...error.toData(), details: { option } })
  }
}
