/** Four tables, so that four octets are taken in at a time: a recording of a gigabyte is checked whole when it opens. */
const tables = createTables()

/** CRC-32 (IEEE 802.3) of octets, as ZIP and PNG have it; `before` is the check sum of what came before them. */
export function crc32(octets: Uint8Array, before = 0): number {
  const [t0, t1, t2, t3] = tables as [Uint32Array, Uint32Array, Uint32Array, Uint32Array]
  const { length } = octets
  let crc = ~before
  let at = 0
  for (const end = length - 3; at < end; at += 4) {
    crc ^=
      (octets[at] as number) |
      ((octets[at + 1] as number) << 8) |
      ((octets[at + 2] as number) << 16) |
      ((octets[at + 3] as number) << 24)
    crc =
      (t3[crc & 255] as number) ^
      (t2[(crc >>> 8) & 255] as number) ^
      (t1[(crc >>> 16) & 255] as number) ^
      (t0[crc >>> 24] as number)
  }
  for (; at < length; at++) crc = (t0[(crc ^ (octets[at] as number)) & 255] as number) ^ (crc >>> 8)
  return ~crc >>> 0
}

function createTables(): Uint32Array[] {
  const first = Uint32Array.from({ length: 256 }, (_, octet) => {
    let crc = octet
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1
    return crc
  })
  const made = [first]
  for (let i = 1; i < 4; i++) {
    const before = made[i - 1] as Uint32Array
    made.push(before.map((crc) => (first[crc & 255] as number) ^ (crc >>> 8)))
  }
  return made
}
