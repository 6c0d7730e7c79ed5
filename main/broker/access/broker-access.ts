import type { Clock } from '../../../app/base/clock.ts'
import { FaultlineError, messageOf } from '../../../app/base/errors.ts'
import { Acl, type AclVerdict } from '../../../app/session/access/acl.ts'
import type { AclSettings, Identity } from '../../../app/session/access/acl-rule.ts'
import { type Access, type AuthOutcome, type ConnectAttempt, reasonCodes } from './access.ts'
import { addressOf, type BanSettings, Bans } from './bans.ts'
import { FollowedText } from './followed-text.ts'
import { checkToken, isToken, publicKeys, secretKey, type TokenKey, type TokenSettings } from './json-web-token.ts'
import { PasswordChecker } from './password-checker.ts'
import { parseUsers, type Users, usersFile } from './users-file.ts'

export interface AccessSettings {
  /**
   * Whether clients without a user name may connect. Where there are no users and no tokens, a user name proves nothing:
   * false lets nobody in then but by a certificate.
   *
   * @default only where there are no users and no tokens
   */
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

type LetIn = Extract<AuthOutcome, { allowed: true }>
type Refused = Extract<AuthOutcome, { allowed: false }>

const everybody: BanSettings = { clients: [], users: [], addresses: [] }

/** Who may connect, and what they may do, by the settings and the files of a workspace. */
export class BrokerAccess implements Access {
  readonly #clock: Clock
  readonly #users: FollowedText<Users>
  readonly #read: (path: string) => Promise<string | undefined>
  readonly #passwords: PasswordChecker
  readonly #onProblem: (error: Error) => void
  #settings: AccessSettings = {}
  /** What is wrong with files at the moment, and was said. */
  #said = ''
  #keys: FollowedText<readonly TokenKey[]> | undefined
  #bans = new Bans(everybody)
  #acl = new Acl()

  /**
   * @param options.onProblem hears once that a file cannot be used, and once that it can again: nobody gets in meanwhile
   * @param options.read gives the text of a file of the workspace, undefined where there is none
   * @throws FaultlineError `invalid-argument`
   */
  constructor(options: {
    clock: Clock
    settings: AccessSettings
    read: (path: string) => Promise<string | undefined>
    onProblem?: ((error: Error) => void) | undefined
  }) {
    const { clock, onProblem = () => {}, read, settings } = options
    this.#onProblem = onProblem
    this.#clock = clock
    this.#passwords = new PasswordChecker(clock)
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
            read: () => this.#read(fileOf(jwt)),
            parse: (text) => {
              if (text === undefined) throw missing(fileOf(jwt))
              return 'secret' in jwt ? secretKey(text) : publicKeys(text)
            },
          })
  }

  /** Those of the workspace that say who may connect. */
  get files(): readonly string[] {
    const { jwt } = this.#settings
    return [usersFile, ...(jwt === undefined ? [] : [fileOf(jwt)])]
  }

  /** Reads them. @throws FaultlineError where they cannot be used: nobody would get in */
  async check(): Promise<void> {
    await Promise.all([this.#users.renewed(), this.#keys?.renewed()])
  }

  /** The same, and what is wrong is said, once. */
  async look(): Promise<void> {
    await this.check().then(
      () => this.#sayWell(),
      (error: unknown) => this.#sayWrong(error),
    )
  }

  #sayWrong(error: unknown): void {
    const reason = messageOf(error)
    if (reason === this.#said) return
    this.#said = reason
    this.#onProblem(new Error(`nobody gets in who has to be looked up: ${reason}`))
  }

  #sayWell(): void {
    if (this.#said === '') return
    this.#said = ''
    this.#onProblem(new Error('who may connect can be read again'))
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
      ([known, signing]) => {
        this.#sayWell()
        return this.#decide(attempt, { users: known.value, keys: signing?.value })
      },
      // Nobody gets in because a file cannot be read.
      (error: unknown) => {
        this.#sayWrong(error)
        return refused(reasonCodes.serverUnavailable, messageOf(error))
      },
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
  #certificate({ clientId, connection }: ConnectAttempt): AuthOutcome | undefined {
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
    // The user name is not what it shows.
    return { allowed: true, userName: undefined, clientId: commonName, rule, validUntil }
  }

  /** @param known what the certificate has shown already */
  #credentials(attempt: ConnectAttempt, proofs: Proofs, known: AuthOutcome | undefined) {
    const { clientId, password, userName } = attempt
    const isConfigured = proofs.users.size > 0 || proofs.keys !== undefined
    const mayBeAnonymous = known !== undefined || (this.#settings.anonymous ?? !isConfigured)
    const allow = (rule: string): LetIn =>
      known?.allowed === true
        ? { ...known, userName }
        : { allowed: true, userName, clientId, rule, validUntil: undefined }
    const token = password === undefined ? '' : Buffer.from(password).toString('utf8')
    if (proofs.keys !== undefined && isToken(token)) return this.#token(token, proofs.keys, allow(''))
    if (userName === undefined) {
      if (mayBeAnonymous) return allow('anonymous clients may connect')
      return refused(reasonCodes.notAuthorized, 'the client has no user name, and anonymous clients may not connect')
    }
    if (!isConfigured && !mayBeAnonymous) {
      return refused(reasonCodes.notAuthorized, 'there are no users, and anonymous clients may not connect')
    }
    if (!isConfigured) return { ...allow('there are no users to check the user name against'), isClaimed: true }
    if (proofs.users.size === 0) {
      return refused(reasonCodes.badUserNameOrPassword, 'the password is no token, and there are no users')
    }
    return this.#password(attempt, userName, proofs.users, allow(`by the password of the user ${userName}`))
  }

  async #token(token: string, keys: readonly TokenKey[], outcome: AuthOutcome): Promise<AuthOutcome> {
    const { jwt } = this.#settings
    if (jwt === undefined || !outcome.allowed) return outcome
    const checked = await checkToken(token, keys, jwt, this.#clock.now())
    if (checked.userName === undefined) return refused(reasonCodes.badUserNameOrPassword, checked.reason)
    const { userName, validUntil } = checked
    const said = outcome.userName
    // A token is the proof; what CONNECT says besides is nothing.
    const other =
      said === undefined || said === userName ? '' : `; the user name of CONNECT, ${said}, counts for nothing`
    return { ...outcome, userName, validUntil, rule: `by a token of the user ${userName}${other}` }
  }

  #password(
    { connection, password, patience, presence }: ConnectAttempt,
    userName: string,
    users: Users,
    outcome: AuthOutcome,
  ): AuthOutcome | Promise<AuthOutcome> {
    const hash = users.get(userName)
    if (password === undefined)
      return refused(reasonCodes.badUserNameOrPassword, `the user ${userName} gave no password`)
    const answer = this.#passwords.check(password, hash, {
      address: addressOf(connection.remote),
      userName,
      presence: presence ?? (() => 'there'),
      patience: patience ?? Number.POSITIVE_INFINITY,
    })
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

type JwtSettings = NonNullable<AccessSettings['jwt']>

function fileOf(jwt: JwtSettings): string {
  return 'secret' in jwt ? jwt.secret : jwt.publicKey
}

function missing(path: string): FaultlineError {
  return new FaultlineError({
    code: 'not-found',
    message: `there is no ${path} in the workspace`,
    hint: '"access.jwt" of "broker" in faultline.json names it: tokens are checked with it',
  })
}

function refused(code: number, reason: string): Refused {
  return { allowed: false, code, reason }
}
