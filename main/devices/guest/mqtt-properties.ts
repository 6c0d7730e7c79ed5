import type { UserProperties } from 'mqtt-packet'
import type { ReceivedProperties, UserPropertyPairs } from '../../../app/script-api/properties.ts'

/** Properties with octets and names as a sandbox gives them. */
interface Crossing {
  readonly correlationData?: readonly number[] | undefined
  readonly userProperties?: UserPropertyPairs | undefined
}

/** The same properties as MQTT.js and mqtt-packet want them. */
export type ForLibrary<T extends Crossing> = {
  [K in keyof Omit<T, keyof Crossing>]: Exclude<T[K], undefined>
} & { correlationData?: Buffer; userProperties?: UserProperties }

/** What goes to the library. Nothing is undefined in it: mqtt-packet takes that for a value. */
export function forLibrary<T extends Crossing>(properties: T): ForLibrary<T> {
  const { correlationData, userProperties, ...rest } = properties
  const kept = Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== undefined))
  return {
    ...(kept as { [K in keyof Omit<T, keyof Crossing>]: Exclude<T[K], undefined> }),
    ...(correlationData === undefined ? {} : { correlationData: Buffer.from(correlationData) }),
    ...(userProperties === undefined ? {} : { userProperties: byName(userProperties) }),
  }
}

/** What the library gives. A property that the broker left out is not there. */
export function fromLibrary(properties: object | undefined): ReceivedProperties | undefined {
  if (properties === undefined) return undefined
  const entries = Object.entries(properties).map(([name, value]) => {
    if (name === 'userProperties') return [name, pairsOf(value as UserProperties)]
    // The library gives one as a number, and several as a list.
    if (name === 'subscriptionIdentifier') return ['subscriptionIdentifiers', [value].flat()]
    return [name, value instanceof Uint8Array ? [...value] : value]
  })
  return entries.length === 0 ? undefined : Object.fromEntries(entries)
}

/** Without a prototype: a name may be any text. */
function byName(pairs: UserPropertyPairs): UserProperties {
  const texts = Object.create(null) as Record<string, string[]>
  for (const [name, text] of pairs) {
    const before = texts[name]
    if (before === undefined) texts[name] = [text]
    else before.push(text)
  }
  return texts
}

function pairsOf(texts: UserProperties): UserPropertyPairs {
  return Object.entries(texts).flatMap(([name, values]) =>
    [values].flat().map((text): readonly [string, string] => [name, text]),
  )
}
