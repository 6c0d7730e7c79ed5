import type { AclVerdict } from '../../../app/session/access/acl.ts'
import type { Identity } from '../../../app/session/access/acl-rule.ts'
import type { ConnectionInfo } from '../connection-info.ts'

/** Whether a client still waits for its CONNACK; `leaving` does, and has ended its side of the connection. */
export type Presence = 'there' | 'leaving' | 'gone'

/** What a client says of itself in CONNECT, and what is known of its connection. */
export interface ConnectAttempt {
  /** Empty where the broker is to assign one. */
  readonly clientId: string
  readonly userName: string | undefined
  readonly password: Uint8Array | undefined
  readonly connection: ConnectionInfo
  /** Asked while it has to wait. @default always there */
  presence?(): Presence
  /** How long it may take to find out who it is, in milliseconds. @default as long as it takes */
  readonly patience?: number | undefined
}

/** Whether a client may have its Session. */
export type AuthOutcome =
  | {
      readonly allowed: true
      /** Who the client is to the rules: from CONNECT, a token or a certificate; undefined is anonymous. */
      readonly userName: string | undefined
      /** Nothing has proved the user name: no rule takes it for that user. @default false */
      readonly isClaimed?: boolean | undefined
      /** Instead of that in CONNECT, where the certificate says it. */
      readonly clientId: string
      /** How it was decided, in words. */
      readonly rule: string
      /** When what it showed expires, in milliseconds since 1970; the connection should end then, with 0x87. */
      readonly validUntil: number | undefined
    }
  | {
      readonly allowed: false
      /** Reason Code of MQTT 5: `reasonCodes` below; 3.1.1 has 4 for 0x86, 3 for 0x88 and 0x89, 2 for 0x85, 5 else. */
      readonly code: number
      /** In words, for the log and the screen. A client is told no more than the code: it may be guessing. */
      readonly reason: string
    }

/** Reason Codes of CONNACK that an attempt can be refused with [MQTT 5 §3.2.2.2]. */
export const reasonCodes = {
  clientIdentifierNotValid: 0x85,
  badUserNameOrPassword: 0x86,
  notAuthorized: 0x87,
  serverUnavailable: 0x88,
  serverBusy: 0x89,
  banned: 0x8a,
  badAuthenticationMethod: 0x8c,
  quotaExceeded: 0x97,
  useAnotherServer: 0x9c,
  serverMoved: 0x9d,
  connectionRateExceeded: 0x9f,
} as const

/**
 * Who may connect, and what they may do then. An Identity has to be one and the same object for as long as its connection
 * lasts: what was decided for it is remembered by it.
 */
export interface Access {
  /** Never throws: what cannot be read refuses with 0x88, and says why. */
  authenticate(attempt: ConnectAttempt): AuthOutcome | Promise<AuthOutcome>
  /** Also asked for the Will Message, when it is to be published. @param topic a Topic Name without wildcards */
  mayPublish(client: Identity, topic: string): AclVerdict
  /** @param filter a valid Topic Filter; of a Shared Subscription with its `$share/NAME/` */
  maySubscribe(client: Identity, filter: string): AclVerdict
}
