import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'

/** 192 random bits: nobody guesses it, and it needs no escaping in a URL. */
export function createToken(): string {
  return randomBytes(24).toString('base64url')
}

/** Compares in a time that does not depend on how much of the token was right. */
export function isToken(given: string | null, token: string): boolean {
  if (given === null) return false
  const digest = (text: string) => createHash('sha256').update(text).digest()
  return timingSafeEqual(digest(given), digest(token))
}

/**
 * Only a request that was addressed to this machine by its own name is for us. Another name that resolves to 127.0.0.1
 * is a foreign page that tries to speak with us as if it were ours (DNS rebinding).
 */
export function isOwnHost(host: string | undefined, port: number): boolean {
  return host !== undefined && ownHosts(port).includes(host.toLowerCase())
}

/** A browser says in `Origin` which page opens a WebSocket, and no page can change that: it has to be ours. */
export function isOwnOrigin(origin: string | undefined, host: string): boolean {
  return origin !== undefined && origin.toLowerCase() === `http://${host.toLowerCase()}`
}

function ownHosts(port: number): string[] {
  const names = ['127.0.0.1', 'localhost', '[::1]']
  const withPort = names.map((name) => `${name}:${port}`)
  // A browser leaves the port out when it is HTTP's own.
  return port === 80 ? [...withPort, ...names] : withPort
}
