import { packetTypes } from '../mqtt/control-packet.ts'

/** What a simple filter says: each part is undefined where the filter does not speak of it. */
export interface FilterWords {
  /** The packets, such as `PUBLISH or PUBACK QoS 1 id 19 on plant/#`; empty where every packet is meant. */
  readonly packets: string
  readonly from: 'client' | 'broker' | undefined
  readonly clients: string | undefined
}

const plain = /^[^\s"'()|&!~<>]*$/

/**
 * Puts a filter into words, where it is a plain list of `type:`, `qos:`, `id:`, `topic:`, `from:`, `client:`, `dup` and
 * `retain`, each at most once. Undefined for any other: then its own text says it best.
 */
export function filterWords(text: string): FilterWords | undefined {
  const said = new Map<string, string>()
  for (const term of text.trim().split(/\s+/)) {
    if (term === '') continue
    const [, name = '', value = ''] = /^(\w+)(?:[:=](.+))?$/.exec(term) ?? []
    const words = plain.test(value) ? inWords(name.toLowerCase(), value) : undefined
    if (words === undefined || said.has(name.toLowerCase())) return undefined
    said.set(name.toLowerCase(), words)
  }
  const from = said.get('from')
  return {
    packets: ['type', 'qos', 'dup', 'retain', 'id', 'topic'].flatMap((name) => said.get(name) ?? []).join(' '),
    from: from === 'client' || from === 'broker' ? from : undefined,
    clients: said.get('client'),
  }
}

function inWords(name: string, value: string): string | undefined {
  switch (name) {
    case 'type': {
      const types = value.toUpperCase().split(',')
      return types.every((type) => packetTypes.some((known) => known === type)) ? types.join(' or ') : undefined
    }
    case 'qos':
      return /^[012]$/.test(value) ? `QoS ${value}` : undefined
    case 'id':
      return /^\d+$/.test(value) ? `id ${value}` : undefined
    case 'topic':
      return value === '' || value.includes(',') ? undefined : `on ${value}`
    case 'client':
      return value === '' || value.includes(',') ? undefined : value
    case 'from':
      return value === 'client' || value === 'broker' ? value : undefined
    case 'dup':
    case 'retain':
      return value === '' ? name.toUpperCase() : undefined
    default:
      return undefined
  }
}
