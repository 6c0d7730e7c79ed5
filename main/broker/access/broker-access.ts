import type { Clock } from '../../../app/base/clock.ts'
import { messageOf } from '../../../app/base/errors.ts'
import { Acl, type AclVerdict } from '../../../app/session/access/acl.ts'
import type { AclSettings, Identity } from '../../../app/session/access/acl-rule.ts'
import { type Access, type AuthOutcome, type ConnectAttempt, reasonCodes } from './access.ts'
import { type BanSettings, Bans } from './bans.ts'
import { FollowedText } from './followed-text.ts'
import { checkToken, isToken, publicKeys, secretKey, type TokenKey, type TokenSettings } from './json-web-token.ts'
import { PasswordChecker } from './password-hash.ts'
import { parseUsers, type Users, usersFile } from './users-file.ts'

export interface AccessSettings {
  /** Whether clients without a user name may connect. @default only where there are no users and no tokens */
  readonly anonymous?: boolean | undefined
  /** What the Common Name of a client certificate is, besides a proof. @default 'off' */
  readonly certificateIdentity?: 'off' | 'user name' | 'client id' | undefined
  /** Takes JSON Web Tokens as passwords. Files are relative to the workspace. */
  readonly jwt?: (TokenSettings & ({ readonly secret: string } | { readonly publicKey: string })) | undefined
  readonly acl?: AclSettings | undefined
  readonly banned?: BanSettings | undefined
}

/** What somebody may be let in by. */
interface Proofs {
  readonly users: Users
  /** Undefined takes no tokens. */
  readonly keys: readonly TokenKey[] | undefined
}

type Refused = Extract<AuthOutcome, { allowed: false }>

const everybody: BanSettings = { clients: [], users: [], addresses: [] }

/** Who may connect, and what they may do, by the settings and the files of a workspace. */
export class BrokerAccess implements Access {
  readonly #clock: Clock
  readonly #users: FollowedText<Users>
  readonly #read: (path: string) => Promise<string | undefined>
  readonly #passwords = new PasswordChecker()
  #settings: AccessSettings = {}
  #keys: FollowedText<readonly TokenKey[]> | undefined
  #bans = new Bans(everybody)
  #acl = new Acl()

  /**
   * @param options.read gives the text of a file of the workspace, undefined where there is none
   * @throws FaultlineError `invalid-argument`
   */
  constructor(options: {
    clock: Clock
    settings: AccessSettings
    read: (path: string) => Promise<string | undefined>
  }) {
    const { clock, read, settings } = options
    this.#clock = clock
    this.#read = read
    this.#users = new FollowedText({
      clock,
      read: () => read(usersFile),
      parse: (text) => (text === undefined ? new Map() : parseUsers(text)),
    })
    this.configure(settings)
  }

  /** From now on; who is connected stays. @throws FaultlineError `invalid-argument`, and nothing has changed */
  configure(settings: AccessSettings): void {
    const bans = new Bans(settings.banned ?? everybody)
    const acl = new Acl(settings.acl)
    const { jwt } = settings
    this.#settings = settings
    this.#bans = bans
    this.#acl = acl
    this.#keys =
      jwt === undefined
        ? undefined
        : new FollowedText({
            clock: this.#clock,
            read: () => this.#read('secret' in jwt ? jwt.secret : jwt.publicKey),
            parse: (text) => {
              if (text === undefined) throw new Error('the file that "broker.jwt" names is not there')
              return 'secret' in jwt ? secretKey(text) : publicKeys(text)
            },
          })
  }

  mayPublish(client: Identity, topic: string): AclVerdict {
    return this.#acl.mayPublish(client, topic)
  }

  maySubscribe(client: Identity, filter: string): AclVerdict {
    return this.#acl.maySubscribe(client, filter)
  }

  authenticate(attempt: ConnectAttempt): AuthOutcome | Promise<AuthOutcome> {
    const ban = this.#bans.ofClient(attempt.clientId, attempt.connection.remote)
    if (ban !== undefined) return refused(reasonCodes.banned, ban)
    const users = this.#users.get()
    const keys = this.#keys?.get()
    if (!(users instanceof Promise) && !(keys instanceof Promise)) {
      return this.#decide(attempt, { users: users.value, keys: keys?.value })
    }
    return Promise.all([users, keys]).then(
      ([known, signing]) => this.#decide(attempt, { users: known.value, keys: signing?.value }),
      // Nobody gets in because a file cannot be read.
      (error: unknown) => refused(reasonCodes.serverUnavailable, messageOf(error)),
    )
  }

  #decide(attempt: ConnectAttempt, proofs: Proofs): AuthOutcome | Promise<AuthOutcome> {
    const shown = this.#certificate(attempt)
    const saysUser = this.#settings.certificateIdentity === 'user name' || attempt.userName === undefined
    const isEnough = shown !== undefined && (!shown.allowed || saysUser)
    const outcome = isEnough ? shown : this.#credentials(attempt, proofs, shown)
    return outcome instanceof Promise ? outcome.then((one) => this.#unbanned(one)) : this.#unbanned(outcome)
  }

  /** Whether who it turned out to be is banned. */
  #unbanned(outcome: AuthOutcome): AuthOutcome {
    if (!outcome.allowed) return outcome
    // A certificate may have given it the name.
    const ban = this.#bans.ofUser(outcome.userName) ?? this.#bans.ofClient(outcome.clientId, '')
    return ban === undefined ? outcome : refused(reasonCodes.banned, ban)
  }

  /** Undefined where the certificate says nothing of who it is. */
  #certificate({ clientId, connection, userName }: ConnectAttempt): AuthOutcome | undefined {
    const { certificateIdentity = 'off' } = this.#settings
    const { certificate } = connection
    if (certificateIdentity === 'off' || certificate === undefined) return undefined
    const { commonName, validUntil } = certificate
    if (commonName === '') return refused(reasonCodes.notAuthorized, "the client's certificate has no Common Name")
    const rule = `by its certificate, whose Common Name ${commonName} is its ${certificateIdentity}`
    if (certificateIdentity === 'user name') return { allowed: true, userName: commonName, clientId, rule, validUntil }
    if (clientId !== '' && clientId !== commonName) {
      const reason = `the client calls itself ${clientId}, and its certificate is that of ${commonName}`
      return refused(reasonCodes.clientIdentifierNotValid, reason)
    }
    return { allowed: true, userName, clientId: commonName, rule, validUntil }
  }

  /** @param known what the certificate has shown already */
  #credentials(attempt: ConnectAttempt, proofs: Proofs, known: AuthOutcome | undefined) {
    const { clientId, password, userName } = attempt
    const isConfigured = proofs.users.size > 0 || proofs.keys !== undefined
    const allow = (rule: string): AuthOutcome =>
      known?.allowed === true ? known : { allowed: true, userName, clientId, rule, validUntil: undefined }
    const token = password === undefined ? '' : Buffer.from(password).toString('utf8')
    if (proofs.keys !== undefined && isToken(token)) return this.#token(token, proofs.keys, allow(''))
    if (userName === undefined) {
      if (known !== undefined || (this.#settings.anonymous ?? !isConfigured))
        return allow('anonymous clients may connect')
      return refused(reasonCodes.notAuthorized, 'the client has no user name, and anonymous clients may not connect')
    }
    if (!isConfigured) return allow('there are no users to check the user name against')
    if (proofs.users.size === 0) {
      return refused(reasonCodes.badUserNameOrPassword, 'the password is no token, and there are no users')
    }
    return this.#password(userName, password, proofs.users, allow(`by the password of the user ${userName}`))
  }

  async #token(token: string, keys: readonly TokenKey[], outcome: AuthOutcome): Promise<AuthOutcome> {
    const { jwt } = this.#settings
    if (jwt === undefined || !outcome.allowed) return outcome
    const checked = await checkToken(token, keys, jwt, this.#clock.now())
    if (checked.userName === undefined) return refused(reasonCodes.badUserNameOrPassword, checked.reason)
    const { userName, validUntil } = checked
    return { ...outcome, userName, validUntil, rule: `by a token of the user ${userName}` }
  }

  #password(
    userName: string,
    password: Uint8Array | undefined,
    users: Users,
    outcome: AuthOutcome,
  ): AuthOutcome | Promise<AuthOutcome> {
    const hash = users.get(userName)
    if (password === undefined)
      return refused(reasonCodes.badUserNameOrPassword, `the user ${userName} gave no password`)
    const answer = this.#passwords.check(password, hash)
    const wrong = hash === undefined ? `there is no user ${userName}` : `the password of the user ${userName} is wrong`
    if (answer === true) return outcome
    if (answer === 'busy') return refused(reasonCodes.serverBusy, 'too many passwords wait to be checked')
    return answer.then(
      (isRight) => (isRight ? outcome : refused(reasonCodes.badUserNameOrPassword, wrong)),
      (error: unknown) =>
        refused(reasonCodes.serverUnavailable, `a password could not be checked: ${messageOf(error)}`),
    )
  }
}

function refused(code: number, reason: string): Refused {
  return { allowed: false, code, reason }
}
