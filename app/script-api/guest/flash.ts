import type { Flash } from 'faultline'
import type { FlashAnswer, FlashRequest, Host } from '../crossing.ts'
import { mistake, shown } from '../mistake.ts'
import { crossingJson } from './payload.ts'

/** `flash` as a script has it. What is kept is text: JSON, so that a value is a copy and not the device's own object. */
export function createFlash(host: Pick<Host, 'flash'>): Flash {
  function ask(request: FlashRequest): FlashAnswer {
    return JSON.parse(host.flash(JSON.stringify(request))) as FlashAnswer
  }

  function get<T>(key: string): T | undefined
  function get<T>(key: string, otherwise: T): T
  function get<T>(key: string, otherwise?: T): T | undefined {
    const answer = ask({ type: 'get', key: checkKey('get', key) })
    const value = 'value' in answer ? answer.value : undefined
    return value === undefined ? otherwise : (JSON.parse(value) as T)
  }

  return {
    get,
    set(key, value) {
      const answer = ask({ type: 'set', key: checkKey('set', key), value: toJson(value) })
      if ('refused' in answer) throw mistake(`flash.set: ${shown(key)} ${answer.refused}`)
    },
    delete(key) {
      const answer = ask({ type: 'delete', key: checkKey('delete', key) })
      return 'deleted' in answer && answer.deleted
    },
    keys() {
      const answer = ask({ type: 'keys' })
      return 'keys' in answer ? [...answer.keys] : []
    },
  }
}

function checkKey(name: string, key: unknown): string {
  if (typeof key === 'string') return key
  throw mistake(`flash.${name}: the key must be text, not ${shown(key)}`)
}

function toJson(value: unknown): string {
  if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer) {
    throw mistake('flash.set: octets cannot be kept as they are; keep bytes.toBase64(octets)')
  }
  const json = crossingJson(value, {
    what: 'flash.set: the value',
    instead: 'keep its parts under keys of their own',
    refused: (why) => mistake(`flash.set: the value has no form in JSON: ${why}`),
  })
  if (json === undefined) throw mistake(`flash.set: ${shown(value)} has no form in JSON`)
  return json
}
