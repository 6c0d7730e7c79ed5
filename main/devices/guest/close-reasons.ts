/** Return Codes of CONNACK [MQTT 3.1.1 §3.2.2.3], as a device reports them. */
const returnCodes: Record<number, string> = {
  1: 'unacceptable protocol version',
  2: 'identifier rejected',
  3: 'server unavailable',
  4: 'bad user name or password',
  5: 'not authorized',
}

export function refusal(code: number): string {
  return `refused: ${returnCodes[code] ?? `return code ${code}`}`
}

/** @param code the operating system's, undefined where the broker closed in order */
export function socketLoss(code: string | undefined): string {
  if (code === undefined) return 'connection lost: the broker closed it'
  return code === 'ECONNRESET' || code === 'EPIPE' ? 'connection lost: it was reset' : `connection lost (${code})`
}

export function connectFailure(code: string, broker: { readonly host: string; readonly port: number }): string {
  const where = `${broker.host}:${broker.port}`
  if (code === 'ECONNREFUSED') return `nobody listens on ${where}`
  return code === 'ECONNRESET' ? `${where} reset the connection before CONNACK` : `${where} cannot be reached (${code})`
}
