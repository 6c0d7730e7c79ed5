/**
 * Whether a Client Identifier fits a pattern: `*` stands for any run of characters, also for none; all else is meant
 * literally, upper and lower case apart. `*` alone fits every Network Connection, also one whose client is not known yet.
 */
export function matchesClient(pattern: string, clientId: string | undefined): boolean {
  if (!pattern.includes('*')) return clientId === pattern
  const [first = '', ...others] = pattern.split('*')
  const last = others.pop() ?? ''
  if (clientId === undefined) return pattern === '*'
  const end = clientId.length - last.length
  if (first.length > end || !clientId.startsWith(first) || !clientId.endsWith(last)) return false
  // The earliest place for each part in turn leaves the most room for the next one.
  let at = first.length
  for (const part of others) {
    const found = clientId.indexOf(part, at)
    if (found === -1 || found + part.length > end) return false
    at = found + part.length
  }
  return true
}
