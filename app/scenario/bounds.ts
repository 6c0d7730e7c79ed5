/**
 * What one scenario may use up of what all have in common, and what is kept of its run: a script without an end costs its own
 * run, and neither others nor the program. What a user meets of it is told in scenario.d.ts and in the README.
 */

/** What a report keeps; what is left out is counted, and said at the end of its log. */
export const mostKept = {
  /** Of each list: entries, except failures. */
  entries: 10_000,
  failures: 1000,
  /** Failures that are shown with the packets around them. */
  ladders: 100,
  /** Of one text, in characters. */
  text: 10_000,
  /** Of all the texts of one list, in characters. */
  texts: 2_000_000,
} as const

/** What a scenario may have at a time; a call for more is refused. */
export const mostAtOnce = {
  /** Clients that it opens, connected or not. */
  clients: 1000,
  /** Faults of links in force. */
  faults: 500,
  /** Holds of the wire. */
  holds: 1000,
  /** Subscriptions of its clients, until the end of the run. */
  watches: 10_000,
  /** Octets of the calls that are not finished: payloads, texts. More ends the run. */
  octets: 64 * 1024 * 1024,
} as const

/** A text that is no longer than a report keeps it, and says how much is missing. @param most characters */
export function shortened(text: string, most: number = mostKept.text): string {
  if (text.length <= most) return text
  // No half of a pair.
  const end = /[\uD800-\uDBFF]/.test(text[most - 1] ?? '') ? most - 1 : most
  return `${text.slice(0, end)}… (${text.length - end} more characters)`
}
