/** Whether a Topic Filter matches a Topic Name [MQTT 3.1.1 §4.7], as slowly and as plainly as it can be said. */
export function naivelyMatches(filter: string, topic: string): boolean {
  if (topic.startsWith('$') && (filter.startsWith('+') || filter.startsWith('#'))) return false
  const pattern = filter.split('/')
  const levels = topic.split('/')
  for (const [at, level] of pattern.entries()) {
    if (level === '#') return true
    if (at >= levels.length) return false
    if (level !== '+' && level !== levels[at]) return false
    // `a/#` matches `a` too.
    if (at === levels.length - 1 && pattern.length === at + 2 && pattern[at + 1] === '#') return true
  }
  return pattern.length === levels.length
}
