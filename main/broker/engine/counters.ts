/** What the engine has done since it began. */
export class Counters {
  octetsReceived = 0
  octetsSent = 0
  packetsReceived = 0
  packetsSent = 0
  /** PUBLISH from clients, and wills, that were taken; and copies that went out to clients. */
  messagesReceived = 0
  messagesSent = 0
  /** Octets of the payloads of messages received, and of copies sent. */
  payloadReceived = 0
  payloadSent = 0
  /** Copies that were never sent, by why. */
  queueFull = 0
  expired = 0
  tooLarge = 0
  cleared = 0
  /** Copies of QoS 1 and 2 alone that were never sent: those, and what waited in a Session when it ended. */
  readonly assured = { queueFull: 0, expired: 0, tooLarge: 0, cleared: 0, sessionEnded: 0 }
  /** PUBLISH and SUBSCRIBE that the rules do not allow. */
  denied = 0
  /** Network Connections, whatever came over them. */
  sockets = 0
  connectionsAccepted = 0
  connectionsRefused = 0
  /** The most clients there ever were at a time. */
  mostConnected = 0
  /** Sessions that have ended because their Session Expiry Interval passed. */
  sessionsExpired = 0
}
