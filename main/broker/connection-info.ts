import type { TransportName } from '../../app/mqtt/network-connection.ts'

/** A client certificate that was checked and found good. */
export interface ClientCertificate {
  /** The Common Name of its subject; empty where it has none. */
  readonly commonName: string
  /** The whole subject, such as `CN=pump-01, O=Plant`. */
  readonly subject: string
  readonly issuer: string
  /** In hexadecimal, without colons. */
  readonly serialNumber: string
  /** SHA-256 of the certificate in hexadecimal, without colons. */
  readonly fingerprint: string
  /** In milliseconds since 1970. */
  readonly validFrom: number
  readonly validUntil: number
}

/** What is known of a Network Connection before its first Control Packet. */
export interface ConnectionInfo {
  readonly transport: TransportName
  /** Such as `127.0.0.1:51422` or `[::1]:51422`. */
  readonly remote: string
  /** Undefined where the client showed none, or the transport knows none. */
  readonly certificate: ClientCertificate | undefined
  /** Undefined where the transport is not encrypted. */
  readonly tls:
    | {
        /** `TLSv1.2` or `TLSv1.3`. */
        readonly protocol: string
        /** By its standard name, such as `TLS_AES_256_GCM_SHA384`. */
        readonly cipher: string
        /** What the client and the listener agreed on by ALPN; undefined where the client did not ask. */
        readonly alpn: string | undefined
      }
    | undefined
}
