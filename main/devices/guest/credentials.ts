import type { ClientSettings } from '../../../app/script-api/crossing.ts'

/** The same client with a password that is not the right one. */
export function withWrongPassword(settings: ClientSettings): ClientSettings {
  const alone = settings.protocolVersion === 5 && settings.password !== undefined
  const username = settings.username ?? (alone ? undefined : settings.clientId || 'nobody')
  return {
    ...settings,
    // A password needs a user name beside it [MQTT-3.1.2-22]; in MQTT 5 a token may stand alone, and does here as well.
    ...(username === undefined ? {} : { username }),
    password: settings.password === 'wrong' ? 'wrong again' : 'wrong',
  }
}
