import { FaultlineError } from '../../../app/base/errors.ts'
import type { LoadSettings } from '../../../app/device/fleet.ts'
import { fillName, readNameTemplate, readTemplate } from '../../../app/device/payload-template.ts'
import type { LoadPlan } from '../../../app/script-api/crossing.ts'
import { checkTopicName } from '../../../app/script-api/topics.ts'

/**
 * Checks the templates of a load fleet's settings.
 *
 * @throws FaultlineError `invalid-argument`; `details.option` names the one that is wrong
 */
export function checkSettings({ topic, payload }: LoadSettings): void {
  naming('topic', () => {
    checkTopicName(topic, 'topic')
    return fillName(readNameTemplate(topic, 'topic'), 'id', 1)
  })
  naming('payload', () => readTemplate(payload, 'payload'))
}

/** As `checkSettings`, for all that a fleet's script says. */
export function checkPlan({ settings, client }: LoadPlan): void {
  checkSettings(settings)
  const { clientId, username, password, will } = client
  const texts = { clientId, username, password, 'will.topic': will?.topic, 'will.payload': will?.payload }
  for (const [name, text] of Object.entries(texts)) {
    if (typeof text === 'string') naming(`client.${name}`, () => readNameTemplate(text, `client.${name}`))
  }
}

function naming(option: string, check: () => unknown): void {
  try {
    check()
  } catch (error) {
    if (!(error instanceof FaultlineError)) throw error
    throw new FaultlineError({ ...error.toData(), details: { option } })
  }
}
