/** What a socket knows of its peer; nothing once it has gone. */
interface Peer {
  readonly remoteAddress?: string | undefined
  readonly remotePort?: number | undefined
  readonly remoteFamily?: string | undefined
}

/** The address of a peer as it is shown everywhere, such as `127.0.0.1:51422` or `[::1]:51422`; undefined where it has gone. */
export function remoteOf({ remoteAddress, remotePort, remoteFamily }: Peer): string | undefined {
  if (remoteAddress === undefined) return undefined
  return remoteFamily === 'IPv6' ? `[${remoteAddress}]:${remotePort}` : `${remoteAddress}:${remotePort}`
}
