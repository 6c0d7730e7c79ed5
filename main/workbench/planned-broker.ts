import * as v from 'valibot'
import { FaultlineError } from '../../app/base/errors.ts'
import type { PlanMistake, PlannedBroker } from '../../app/scenario/plan.ts'
import { type BrokerSettings, brokerKeysAt, brokerSettings, isBrokerList } from '../workspace/broker-settings.ts'
import { mistakesOf } from '../workspace/settings-mistakes.ts'

export type PlannedSettings =
  | { readonly settings: BrokerSettings; readonly mistakes?: undefined }
  | { readonly settings?: undefined; readonly mistakes: readonly PlanMistake[] }

/** What a scenario says of its own broker, as settings of a broker, or all that is wrong with it in the words of `faultline.json`. */
export function plannedSettings({ access, limits }: PlannedBroker): PlannedSettings {
  const json = { limits, ...(access === undefined ? {} : { access }) }
  const result = v.safeParse(brokerSettings, json)
  const found = mistakesOf(json, result.issues ?? [], brokerKeysAt, isBrokerList)
  if (result.success && found.length === 0) return { settings: result.output }
  return {
    mistakes: found.map(({ message, path }) => {
      const isUnknownKey = /^\S+ has no "/.test(message)
      // A script has its limits beside one another; their names are those of the settings.
      const written = (path[0] === 'limits' ? path.slice(1) : path).slice(0, isUnknownKey ? -1 : undefined)
      return { path: ['broker', ...written].join('.'), message: message.slice(message.indexOf(' ') + 1) }
    }),
  }
}

/** @throws FaultlineError `invalid-argument` that lists every mistake */
export function settingsOf(broker: PlannedBroker): BrokerSettings {
  const { mistakes, settings } = plannedSettings(broker)
  if (settings !== undefined) return settings
  throw new FaultlineError({
    code: 'invalid-argument',
    message: mistakes.map(({ message, path }) => `${path} ${message}`).join('; '),
    details: { mistakes },
  })
}
