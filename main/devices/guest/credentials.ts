import type { ClientSettings } from '../../../app/script-api/crossing.ts'

/** The same client with a password that is not the right one. */
export function withWrongPassword(settings: ClientSettings): ClientSettings {
  return {
    ...settings,
    // A password needs a user name beside it [MQTT-3.1.2-22].
    username: settings.username ?? (settings.clientId || 'nobody'),
    password: settings.password === 'wrong' ? 'wrong again' : 'wrong',
  }
}
