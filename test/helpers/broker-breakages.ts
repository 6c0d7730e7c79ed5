import type { IConnectPacket, IPublishPacket, Packet } from 'mqtt-packet'
import type { Breakage, Rewrite } from './broken-broker.ts'

/** Rules of a broker, each broken: what a broker does that breaks it, and how. `begin` is called once for each run. */
export const breakages: Readonly<Record<string, () => () => Breakage>> = {
  'no DUP when it sends again': always({ toClient: publish((packet) => [{ ...packet, dup: false }]) }),
  "a publisher's DUP reaches subscribers": () => {
    const repeated = new Set<string>()
    const nameOf = ({ payload, topic }: IPublishPacket) => `${topic} ${payload}`
    return () => ({
      toBroker: publish((packet) => {
        if (packet.dup) repeated.add(nameOf(packet))
        return [packet]
      }),
      toClient: publish((packet) => [{ ...packet, dup: packet.dup || repeated.has(nameOf(packet)) }]),
    })
  },
  'what was not acknowledged is not sent again': always({
    toClient: publish((packet) => (packet.dup ? [] : [packet])),
  }),
  'QoS lowered to 0': always({
    toClient: publish(({ messageId: _, ...packet }) => [{ ...packet, qos: 0, dup: false }]),
  }),
  'a will is never published': always({ toBroker: connect(({ will: _, ...packet }) => packet) }),
  'a will is published after DISCONNECT': always({
    toBroker: (packet) => (packet.cmd === 'disconnect' ? [] : [packet]),
  }),
  'a will loses its payload': always({ toBroker: will((given) => ({ ...given, payload: Buffer.alloc(0) })) }),
  'a will is published at QoS 0': always({ toBroker: will((given) => ({ ...given, qos: 0 })) }),
  'a will does not wait for its delay': always({
    toBroker: will((given) => ({ ...given, properties: { ...given.properties, willDelayInterval: 0 } })),
  }),
  'nothing is retained': always({ toBroker: publish((packet) => [{ ...packet, retain: false }]) }),
  'RETAIN is set on live messages': always({ toClient: publish((packet) => [{ ...packet, retain: true }]) }),
  'RETAIN is missing on retained messages': always({ toClient: publish((packet) => [{ ...packet, retain: false }]) }),
  'what is retained cannot be cleared': always({
    toBroker: publish((packet) => [{ ...packet, retain: packet.retain && packet.payload.length > 0 }]),
  }),
  'Session Present is always 0': always({
    toClient: (packet) => [packet.cmd === 'connack' ? { ...packet, sessionPresent: false } : packet],
  }),
  'sessions are forgotten': always({ toBroker: connect((packet) => ({ ...packet, clean: true })) }),
  'a clean session is kept': always({ toBroker: connect((packet) => ({ ...packet, clean: false })) }),
  'a session never expires': always({
    toBroker: connect((packet) => ({ ...packet, properties: { ...packet.properties, sessionExpiryInterval: 3600 } })),
  }),
  'the queue is lost when its client comes back': onResumed(() => ({ toClient: publish(() => []) })),
  'the queue comes in another order': onResumed(swappingFirst),
  'PUBREL is not answered': always({ toBroker: (packet) => (packet.cmd === 'pubrel' ? [] : [packet]) }),
  'PUBREL is not sent again': onResumed(() => ({ toClient: (packet) => (packet.cmd === 'pubrel' ? [] : [packet]) })),
  'QoS 2 is delivered twice': () => takingRepeatedForNew,
  'the keep alive is never enforced': always({ toBroker: connect((packet) => ({ ...packet, keepalive: 0 })) }),
  'two clients have one Client Identifier': () => {
    const connected = new Set<string>()
    return () => {
      let own = ''
      return {
        toBroker: connect((packet) => {
          own = connected.has(packet.clientId) ? `${packet.clientId}-too` : packet.clientId
          connected.add(own)
          return { ...packet, clientId: own }
        }),
        closed: () => connected.delete(own),
      }
    }
  },
  'a message never expires': always({
    toBroker: publish(({ properties: { messageExpiryInterval: _, ...properties } = {}, ...packet }) => {
      return [{ ...packet, properties }]
    }),
  }),
  'who shares a subscription gets everything': always({
    toBroker: (packet) => {
      if (packet.cmd !== 'subscribe') return [packet]
      const plain = (filter: string) => filter.replace(/^\$share\/[^/]+\//, '')
      const subscriptions = packet.subscriptions.map((each) => ({ ...each, topic: plain(each.topic) }))
      return [{ ...packet, subscriptions }]
    },
  }),
}

type Will = NonNullable<IConnectPacket['will']>

function always(breakage: Breakage): () => () => Breakage {
  return () => () => breakage
}

function publish(rewrite: (packet: IPublishPacket) => readonly Packet[]): Rewrite {
  return (packet) => (packet.cmd === 'publish' ? rewrite(packet) : [packet])
}

function connect(rewrite: (packet: IConnectPacket) => Packet): Rewrite {
  return (packet) => [packet.cmd === 'connect' ? rewrite(packet) : packet]
}

function will(rewrite: (given: Will) => Will): Rewrite {
  return connect((packet) => (packet.will === undefined ? packet : { ...packet, will: rewrite(packet.will) }))
}

/** On connections whose CONNACK says that there is a Session. */
function onResumed(begin: () => Breakage): () => () => Breakage {
  return () => () => {
    const { toClient = (packet: Packet) => [packet] } = begin()
    let isResumed = false
    return {
      toClient: (packet) => {
        if (packet.cmd !== 'connack') return isResumed ? toClient(packet) : [packet]
        isResumed = packet.sessionPresent
        return [packet]
      },
    }
  }
}

/** The first two messages change places. */
function swappingFirst(): Breakage {
  let first: Packet | undefined
  let isDone = false
  return {
    toClient: publish((packet) => {
      if (isDone) return [packet]
      if (first === undefined) {
        first = packet
        return []
      }
      isDone = true
      return [packet, first]
    }),
  }
}

/** A PUBLISH with DUP is a new message to the broker: its Packet Identifier is another one there. */
function takingRepeatedForNew(): Breakage {
  const away = 30_000
  const renamed = new Set<number>()
  return {
    toBroker: (packet) => {
      const { messageId = 0 } = packet
      if (packet.cmd === 'publish' && packet.qos === 2 && packet.dup) {
        renamed.add(messageId)
        return [{ ...packet, dup: false, messageId: messageId + away }]
      }
      return [packet.cmd === 'pubrel' && renamed.has(messageId) ? { ...packet, messageId: messageId + away } : packet]
    },
    toClient: (packet) => {
      const { messageId = 0 } = packet
      const isAnswer = packet.cmd === 'pubrec' || packet.cmd === 'pubcomp'
      return [isAnswer && messageId > away ? { ...packet, messageId: messageId - away } : packet]
    },
  }
}
