import type { Bytes } from 'faultline'
import type { Host } from '../crossing.ts'
import { mistake, shown } from '../mistake.ts'
import { checkOctets } from './octets.ts'
import { bufferOf } from './payload.ts'
import { encodeUtf8 } from './utf8.ts'

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'

/** `bytes` as a script has it. */
export function createBytes(host: Pick<Host, 'decode'>): Bytes {
  return {
    fromText: (text) => encodeUtf8(checkText('fromText', text)),
    toText: (octets) => JSON.parse(host.decode(bufferOf(checkOctets('bytes.toText', octets)))) as string,
    fromHex,
    toHex: (octets) => {
      let text = ''
      for (const octet of checkOctets('bytes.toHex', octets)) text += octet.toString(16).padStart(2, '0')
      return text
    },
    fromBase64,
    toBase64: (octets) => toBase64(checkOctets('bytes.toBase64', octets)),
    concat,
  }
}

function checkText(name: keyof Bytes, value: unknown): string {
  if (typeof value === 'string') return value
  throw mistake(`bytes.${name} needs text, not ${shown(value)}`)
}

function fromHex(text: string): Uint8Array {
  const digits = checkText('fromHex', text).replace(/[\s:]/g, '')
  if (digits.length % 2 !== 0 || /[^0-9a-f]/i.test(digits)) {
    throw mistake(`bytes.fromHex: ${shown(text)} is not a row of octets of two digits each`)
  }
  return Uint8Array.from({ length: digits.length / 2 }, (_, i) => Number.parseInt(digits.slice(i * 2, i * 2 + 2), 16))
}

function fromBase64(text: string): Uint8Array {
  const plain = checkText('fromBase64', text)
    .replaceAll('-', '+')
    .replaceAll('_', '/')
    .replace(/={1,2}$/, '')
  if (plain.length % 4 === 1 || /[^A-Za-z0-9+/]/.test(plain))
    throw mistake(`bytes.fromBase64: ${shown(text)} is not Base64`)
  const octets = new Uint8Array(Math.floor((plain.length * 3) / 4))
  let bits = 0
  let length = 0
  for (let i = 0; i < plain.length; i++) {
    // Never more than 14 bits are needed at a time: 6 that come and less than 8 that are left.
    bits = ((bits << 6) | alphabet.indexOf(plain.charAt(i))) & 0x3fff
    const left = ((i + 1) * 6) % 8
    if (left < 6) octets[length++] = bits >> left
  }
  return octets
}

function toBase64(octets: Uint8Array): string {
  let text = ''
  for (let i = 0; i < octets.length; i += 3) {
    const bits = ((octets[i] ?? 0) << 16) | ((octets[i + 1] ?? 0) << 8) | (octets[i + 2] ?? 0)
    const digits = [18, 12, 6, 0].map((shift) => alphabet.charAt((bits >> shift) & 0x3f)).join('')
    text += digits.slice(0, Math.min(3, octets.length - i) + 1).padEnd(4, '=')
  }
  return text
}

function concat(...parts: readonly (Uint8Array | ArrayBuffer)[]): Uint8Array {
  const checked = parts.map((part) => checkOctets('bytes.concat', part))
  const all = new Uint8Array(checked.reduce((sum, part) => sum + part.length, 0))
  let at = 0
  for (const part of checked) {
    all.set(part, at)
    at += part.length
  }
  return all
}
