import { FaultlineError, messageOf } from '../../../app/base/errors.ts'
import { isPasswordHash } from './password-hash.ts'

/** Beside `faultline.json`. */
export const usersFile = 'broker/users.json'

/** User names to the hashes of their passwords. */
export type Users = ReadonlyMap<string, string>

const hint = `correct it, or remove it and add the users anew: faultline user add NAME`

/**
 * Reads the text of a users' file: `{ "users": { "ann": "$scrypt$..." } }`.
 *
 * @throws FaultlineError `file-unreadable`
 */
export function parseUsers(text: string): Users {
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch (error) {
    throw mistake(`is not JSON: ${messageOf(error)}`)
  }
  const users = isObject(json) ? json['users'] : undefined
  if (!isObject(users)) throw mistake('has no "users"')
  return new Map(
    Object.entries(users).map(([name, hash]) => {
      const wrong = userNameMistake(name)
      if (wrong !== undefined) throw mistake(`has the user ${JSON.stringify(name)}: ${wrong}`)
      if (typeof hash === 'string' && isPasswordHash(hash)) return [name, hash]
      throw mistake(`has something else than the hash of a password for ${name}`)
    }),
  )
}

/** The text of the file, sorted by name. */
export function formatUsers(users: Users): string {
  const sorted = [...users].sort(([a], [b]) => (a < b ? -1 : 1))
  return `${JSON.stringify({ users: Object.fromEntries(sorted) }, null, 2)}\n`
}

/** What is wrong with a user name; undefined when nothing is. */
export function userNameMistake(name: string): string | undefined {
  if (name === '') return 'a user name is not empty'
  // The rules of UTF-8 strings, and their greatest length [§1.5.3, MQTT 5 §1.5.4].
  if (/\p{Cc}|\p{Cs}/u.test(name)) return 'a user name has no control characters'
  return Buffer.byteLength(name) > 65_535 ? 'a user name has at most 65535 octets' : undefined
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function mistake(what: string): FaultlineError {
  return new FaultlineError({ code: 'file-unreadable', message: `${usersFile} ${what}`, hint })
}
