/**
 * Blocks of a pcapng file [draft-ietf-opsawg-pcapng], little-endian. What is read is in pcap-file.ts.
 */
export const linkRaw = 101

const utf8 = new TextEncoder()
const option = { comment: 1, userApplication: 4, interfaceName: 2, timeResolution: 9 } as const
/** An option's length is 16 bits. */
const mostOption = 65535

type Option = readonly [code: number, value: Uint8Array]

export function sectionHeader(options: { readonly program: string; readonly comment: string }): Uint8Array {
  const body = new Uint8Array(16)
  const view = new DataView(body.buffer)
  view.setUint32(0, 0x1a2b3c4d, true)
  view.setUint16(4, 1, true)
  // The length of the section is not known beforehand: -1.
  view.setBigInt64(8, -1n, true)
  return block(0x0a0d0d0a, body, [comment(options.comment), textOption(option.userApplication, options.program)])
}

/** An interface whose time stamps are nanoseconds. */
export function interfaceDescription(linkType: number, name: string): Uint8Array {
  const body = new Uint8Array(8)
  new DataView(body.buffer).setUint16(0, linkType, true)
  return block(1, body, [textOption(option.interfaceName, name), [option.timeResolution, Uint8Array.of(9)]])
}

/** @param time nanoseconds since 1970. */
export function enhancedPacket(time: bigint, octets: Uint8Array, comments: readonly string[]): Uint8Array {
  const padded = (octets.length + 3) & ~3
  const body = new Uint8Array(20 + padded)
  const view = new DataView(body.buffer)
  view.setUint32(4, Number(time >> 32n), true)
  view.setUint32(8, Number(time & 0xffffffffn), true)
  view.setUint32(12, octets.length, true)
  view.setUint32(16, octets.length, true)
  body.set(octets, 20)
  return block(6, body, comments.map(comment))
}

function block(type: number, body: Uint8Array, options: readonly Option[]): Uint8Array {
  // The list of options ends with an empty one, where there is a list.
  const optionsLength = options.reduce((sum, [, value]) => sum + 4 + ((value.length + 3) & ~3), options.length && 4)
  const length = 12 + body.length + optionsLength
  const octets = new Uint8Array(length)
  const view = new DataView(octets.buffer)
  view.setUint32(0, type, true)
  view.setUint32(4, length, true)
  octets.set(body, 8)
  let at = 8 + body.length
  for (const [code, value] of options) {
    view.setUint16(at, code, true)
    view.setUint16(at + 2, value.length, true)
    octets.set(value, at + 4)
    at += 4 + ((value.length + 3) & ~3)
  }
  view.setUint32(length - 4, length, true)
  return octets
}

function comment(text: string): Option {
  return textOption(option.comment, text)
}

function textOption(code: number, text: string): Option {
  const octets = utf8.encode(text)
  if (octets.length <= mostOption) return [code, octets]
  // Not in the middle of a character.
  let end = mostOption
  while (((octets[end] as number) & 0xc0) === 0x80) end -= 1
  return [code, octets.subarray(0, end)]
}
