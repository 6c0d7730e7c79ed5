import { isIP } from 'node:net'
import * as v from 'valibot'
import { type AclRule, aclActions, ruleFilterMistake } from '../../app/session/access/acl-rule.ts'
import { duration, seconds } from './duration-setting.ts'

const truth = v.boolean('must be true or false')

function text(what: string) {
  return v.pipe(v.string(`must be ${what}`), v.nonEmpty('must not be empty'))
}

function oneOf<const T extends readonly string[]>(...values: T) {
  return v.picklist(values, `must be ${values.map((value) => `"${value}"`).join(' or ')}`)
}

/** @param unit goes on after "a whole number" */
function whole(min: number, max: number, unit = '') {
  const message = `must be a whole number${unit} from ${min} to ${max}`
  return v.optional(v.pipe(v.number(message), v.integer(message), v.minValue(min, message), v.maxValue(max, message)))
}

const port = whole(0, 65_535)
/** In milliseconds. */
const shortestInterval = 100
const names = v.array(text('text'), 'must be a list of texts such as ["pump-*"]')
const addresses = v.array(
  v.pipe(
    text('an address such as "192.0.2.7"'),
    v.check(isNetwork, 'must be an address such as "192.0.2.7" or a network such as "192.0.2.0/24"'),
  ),
  'must be a list such as ["192.0.2.0/24"]',
)
const file = text('the path of a file in the workspace')
const certificateMessage = 'must be a name: "server" is certificates/server.crt with certificates/server.key'

const tls = v.pipe(
  v.strictObject(
    {
      /** The broker's own. */
      certificate: v.optional(v.pipe(v.string(certificateMessage), v.regex(/^[\w.-]+$/, certificateMessage)), 'server'),
      minVersion: v.optional(oneOf('1.2', '1.3'), '1.2'),
      maxVersion: v.optional(oneOf('1.2', '1.3'), '1.3'),
      /** Mutual TLS. `wanted`: a client may show none, but one that is shown has to be good. */
      clientCertificate: v.optional(oneOf('off', 'wanted', 'required'), 'off'),
      /** Who has to have signed client certificates, as PEM. */
      clientAuthority: v.optional(file, 'certificates/ca.crt'),
      /** Lists of client certificates that were taken back, as PEM; false looks at none. */
      revoked: v.optional(
        v.union([v.literal(false), file], 'must be the path of a file in the workspace, or false'),
        'certificates/ca.crl',
      ),
    },
    'must be an object such as { "clientCertificate": "required" }',
  ),
  v.check(({ minVersion, maxVersion }) => minVersion <= maxVersion, 'must not have a "minVersion" above "maxVersion"'),
)

const webSocket = v.strictObject(
  {
    /** Everywhere, where it is absent. */
    path: v.optional(v.pipe(text('a path such as "/mqtt"'), v.regex(/^\/[^?#\s]*$/, 'must be a path such as "/mqtt"'))),
    /** Web pages that may connect besides those of this machine; `*` is all. */
    origins: v.optional(
      v.array(
        v.pipe(
          text('an origin such as "https://dashboard.example", or "*"'),
          v.regex(
            /^(\*|null|https?:\/\/[^/\s]+)$/,
            'must be an origin such as "https://dashboard.example" without a path, or "*"',
          ),
        ),
        'must be a list such as ["https://dashboard.example"]',
      ),
      [],
    ),
  },
  'must be an object such as { "path": "/mqtt" }',
)

const rule = v.pipe(
  v.strictObject(
    {
      allow: v.optional(oneOf(...aclActions)),
      deny: v.optional(oneOf(...aclActions)),
      /** Topic Filters with `{clientid}` and `{username}`. */
      topics: v.optional(
        v.array(
          v.pipe(
            v.string('must be a Topic Filter such as "plant/{clientid}/#"'),
            v.rawCheck(({ dataset, addIssue }) => {
              const mistake = dataset.typed ? ruleFilterMistake(dataset.value) : undefined
              if (mistake !== undefined) addIssue({ message: mistake })
            }),
          ),
          'must be a list of Topic Filters such as ["plant/{clientid}/#"]',
        ),
        [],
      ),
      /** Whom it is about; `*` is any text. */
      user: v.optional(text('a user name, with * for any text')),
      client: v.optional(text('a Client Identifier, with * for any text')),
    },
    'must be an object such as { "allow": "publish", "topics": ["plant/{clientid}/#"] }',
  ),
  v.check(
    ({ allow, deny }) => (allow === undefined) !== (deny === undefined),
    'must have either an "allow" or a "deny": "publish", "subscribe" or "all"',
  ),
  v.check(({ topics }) => topics.length > 0, 'must have "topics"; ["#"] is all but those that begin with $'),
  v.transform(
    ({ allow, deny, ...rest }): AclRule => ({
      ...rest,
      effect: allow === undefined ? 'deny' : 'allow',
      action: allow ?? deny ?? 'all',
    }),
  ),
)

const acl = v.strictObject(
  {
    /** The first that is about a client, what it does and its topic decides. */
    rules: v.optional(v.array(rule, 'must be a list of rules'), []),
    /** What holds where no rule is about it. */
    otherwise: v.optional(oneOf('allow', 'deny'), 'allow'),
  },
  'must be an object such as { "rules": [], "otherwise": "deny" }',
)

const jwt = v.pipe(
  v.strictObject(
    {
      /** A file with the secret of HS256, HS384 and HS512. */
      secret: v.optional(file),
      /** A file with the public key of RS, PS, ES or EdDSA: PEM, JWK or JWKS. */
      publicKey: v.optional(file),
      issuer: v.optional(text('text')),
      audience: v.optional(text('text')),
      /** The claim that is the user name. */
      userName: v.optional(text('the name of a claim'), 'sub'),
      /** How much clocks may differ. */
      tolerance: v.optional(duration, 0),
    },
    'must be an object such as { "secret": "broker/jwt.secret" }',
  ),
  v.check(
    ({ secret, publicKey }) => (secret === undefined) !== (publicKey === undefined),
    'must have either a "secret" or a "publicKey", each the path of a file in the workspace',
  ),
  v.transform(({ secret, publicKey, tolerance, ...rest }) => ({
    ...rest,
    /** In seconds, as tokens have it. */
    tolerance: tolerance / 1000,
    ...(secret === undefined ? { publicKey: publicKey ?? '' } : { secret }),
  })),
)

const access = v.strictObject(
  {
    /** Whether clients without a user name may connect; where it is absent, only if there are no users and no tokens. */
    anonymous: v.optional(truth),
    /** What the Common Name of a client certificate is. */
    certificateIdentity: v.optional(oneOf('off', 'user name', 'client id'), 'off'),
    jwt: v.optional(jwt),
    acl: v.optional(acl),
    banned: v.optional(
      v.strictObject(
        { clients: v.optional(names, []), users: v.optional(names, []), addresses: v.optional(addresses, []) },
        'must be an object such as { "clients": ["pump-7"] }',
      ),
    ),
  },
  'must be an object such as { "anonymous": false }',
)

const limits = v.strictObject(
  {
    /** Time in which CONNECT has to come. */
    connectTimeout: v.optional(duration),
    maxConnections: whole(0, 1_000_000),
    /** Of a whole Control Packet. */
    maxPacketSize: whole(16, 268_435_460, ' of octets'),
    maxInflight: whole(1, 65_535),
    receiveMaximum: whole(1, 65_535),
    topicAliasMaximum: whole(0, 65_535),
    /** Of one Session. */
    maxQueued: whole(0, 10_000_000),
    maxQueuedOctets: whole(0, 4_294_967_295, ' of octets'),
    /** Of all Sessions together. */
    maxAllQueuedOctets: whole(0, 1_099_511_627_776, ' of octets'),
    queuePolicy: v.optional(oneOf('drop oldest', 'drop newest', 'disconnect')),
    maxSessionExpiry: v.optional(seconds(4_294_967_294)),
    maxKeepAlive: v.optional(seconds(65_535)),
    maxQoS: v.optional(v.picklist([0, 1, 2], 'must be 0, 1 or 2')),
    retainAvailable: v.optional(truth),
    maxRetained: whole(0, 100_000_000),
    maxRetainedOctets: whole(0, 1_099_511_627_776, ' of octets'),
    /** Of a Topic Name or Topic Filter. */
    maxTopicLevels: whole(1, 65_536),
    /** Of one Session. */
    maxSubscriptions: whole(0, 10_000_000),
  },
  'must be an object such as { "maxQueued": 1000 }',
)

const interval = v.pipe(
  duration,
  v.check((ms) => ms === 0 || ms >= shortestInterval, 'must be 0, which is never, or 100ms and more'),
)

/** Of the workbench's own broker. */
export const brokerSettings = v.strictObject(
  {
    /** The address of all its listeners. */
    host: v.optional(text('an address of this machine such as "127.0.0.1"')),
    /** Ports; 0 is any. Where there is none, nobody listens. */
    mqtts: port,
    ws: port,
    wss: port,
    tls: v.optional(tls),
    webSocket: v.optional(webSocket),
    access: v.optional(access),
    limits: v.optional(limits),
    /** Who of a group gets a message. */
    sharedSubscriptions: v.optional(oneOf('round robin', 'random', 'sticky', 'hash of client id', 'hash of topic')),
    /** How often the topics under `$SYS/` are published; 0 is never. */
    sysInterval: v.optional(interval),
  },
  'must be an object such as { "mqtts": 8883 }',
)

export type BrokerSettings = v.InferOutput<typeof brokerSettings>

function isNetwork(given: string): boolean {
  const [, address = '', bits] = /^([^/]+)(?:\/(\d{1,3}))?$/.exec(given) ?? []
  const version = isIP(address)
  return version !== 0 && Number(bits ?? 0) <= (version === 4 ? 32 : 128)
}

const keys: Readonly<Record<string, readonly string[]>> = {
  '': Object.keys(brokerSettings.entries),
  tls: Object.keys(tls.entries),
  webSocket: Object.keys(webSocket.entries),
  access: Object.keys(access.entries),
  limits: Object.keys(limits.entries),
  'access.jwt': Object.keys(jwt.entries),
  'access.acl': Object.keys(acl.entries),
  'access.banned': ['clients', 'users', 'addresses'],
  'access.acl.rules': Object.keys(rule.entries),
}

/** Which keys there are at a path inside of `broker`. */
export function brokerKeysAt(path: readonly string[]): readonly string[] {
  // A number is a place in a list.
  return keys[path.filter((key) => !/^\d+$/.test(key)).join('.')] ?? []
}

const lists = new Set([
  'webSocket.origins',
  'access.acl.rules',
  'access.acl.rules.topics',
  'access.banned.clients',
  'access.banned.users',
  'access.banned.addresses',
])

/** Whether there is a list at a path inside of `broker`. */
export function isBrokerList(path: readonly string[]): boolean {
  return lists.has(path.filter((key) => !/^\d+$/.test(key)).join('.'))
}
