import { mistake, shown } from './mistake.ts'

/** MQTT strings have a length of two octets [MQTT-1.5.3]. */
const longest = 65_535

/**
 * Checks a Topic Name: what a message is published to.
 *
 * @throws FaultlineError `invalid-argument` [MQTT-3.3.2-2, MQTT-4.7.3-1]
 */
export function checkTopicName(topic: unknown, what: string, option?: string): string {
  const text = checkMqttString(topic, what, option)
  if (text === '') throw mistake(`${what} must not be empty`, option)
  if (/[+#]/.test(text)) {
    throw mistake(`${what} ${shown(text)} has a wildcard; '+' and '#' are for subscriptions only`, option)
  }
  return text
}

/**
 * Checks a Topic Filter: what is subscribed to.
 *
 * @throws FaultlineError `invalid-argument` [MQTT-4.7.1-2, MQTT-4.7.1-3, MQTT-4.7.3-1]
 */
export function checkTopicFilter(filter: unknown, what: string): string {
  const text = checkMqttString(filter, what)
  if (text === '') throw mistake(`${what} must not be empty`)
  const levels = text.split('/')
  levels.forEach((level, i) => {
    if (level.includes('#') && (level !== '#' || i !== levels.length - 1)) {
      throw mistake(`${what} ${shown(text)} is not valid: '#' must be the whole of the last level`)
    }
    if (level.includes('+') && level !== '+') {
      throw mistake(`${what} ${shown(text)} is not valid: '+' must be the whole of a level`)
    }
  })
  return text
}

/** @throws FaultlineError `invalid-argument` when MQTT cannot carry the text [MQTT-1.5.3-1, MQTT-1.5.3-2]. */
export function checkMqttString(value: unknown, what: string, option?: string): string {
  if (typeof value !== 'string') throw mistake(`${what} must be text, not ${shown(value)}`, option)
  if (value.includes('\u0000')) throw mistake(`${what} must not have the character U+0000`, option)
  if (/\p{Surrogate}/u.test(value)) throw mistake(`${what} must not have half of a surrogate pair`, option)
  if (utf8Length(value) > longest) throw mistake(`${what} must not be longer than ${longest} octets`, option)
  return value
}

/** Octets of a well-formed text as UTF-8. The sandbox has no TextEncoder. */
export function utf8Length(text: string): number {
  let octets = 0
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i)
    // Each half of a surrogate pair stands for two of its four octets.
    octets += unit < 0x80 ? 1 : unit < 0x800 || (unit >= 0xd800 && unit < 0xe000) ? 2 : 3
  }
  return octets
}
