import { describe, expect, it } from 'vitest'
import type { ProtocolVersion } from '../../../../../app/mqtt/control-packet.ts'
import { connectOf, errorOf, packetOfParts as packet, prefixed } from '../../../../helpers/client-packets.ts'

const a = prefixed('a')
const id = [0, 7]

function connect(level: number, flags: number, ...payload: readonly (number | readonly number[])[]): Uint8Array {
  return connectOf(level, flags, [], ...payload)
}

function withProperties(...properties: readonly number[]): Uint8Array {
  return connectOf(5, 2, properties, a)
}

function willOf(...properties: readonly number[]): Uint8Array {
  return connectOf(5, 6, [], a, [properties.length, ...properties], a, a)
}

function publish5(properties: readonly number[], topic = 't', payload: readonly number[] = []): Uint8Array {
  return packet(0x30, prefixed(topic), properties.length, properties, payload)
}

function subscribe(version: ProtocolVersion, filter: string, options = 0): Uint8Array {
  return packet(0x82, id, version === 5 ? [0] : [], prefixed(filter), options)
}

type Case = readonly [what: string, version: ProtocolVersion, octets: Uint8Array, code: number, message: string]

/** What a Client must not send, with the Reason Code and the start of the message. */
const refused: readonly Case[] = [
  // Fixed Header
  [
    'flags of CONNECT',
    4,
    Uint8Array.of(0x11, ...connect(4, 2, a).subarray(1)),
    0x81,
    '[MQTT-2.2.2-1] flags of CONNECT',
  ],
  ['flags of CONNECT, 5', 5, Uint8Array.of(0x11, ...connect(5, 2, a).subarray(1)), 0x81, '[MQTT-2.1.3-1]'],
  ['flags of PUBACK', 4, packet(0x48, id), 0x81, '[MQTT-2.2.2-1] flags of PUBACK are 1000'],
  ['flags of PUBREC, 5', 5, packet(0x51, id), 0x81, '[MQTT-2.1.3-1] flags of PUBREC'],
  ['flags of PUBREL', 4, packet(0x60, id), 0x81, '[MQTT-3.6.1-1] flags of PUBREL are 0000; 0010 is required'],
  ['flags of PUBREL, 5', 5, packet(0x6a, id), 0x81, '[MQTT-3.6.1-1]'],
  ['QoS of PUBREL, 3.1', 3, packet(0x64, id), 0x81, '[MQTT 3.1] PUBREL has QoS 2'],
  ['flags of PUBCOMP', 5, packet(0x72, id), 0x81, '[MQTT-2.1.3-1]'],
  ['flags of SUBSCRIBE', 4, packet(0x80, id, a, 0), 0x81, '[MQTT-3.8.1-1]'],
  ['flags of UNSUBSCRIBE', 5, packet(0xa0, id, 0, a), 0x81, '[MQTT-3.10.1-1]'],
  ['flags of PINGREQ', 4, packet(0xc1), 0x81, '[MQTT-2.2.2-1] flags of PINGREQ'],
  ['flags of PINGREQ, 5', 5, packet(0xc4), 0x81, '[MQTT-2.1.3-1]'],
  ['flags of DISCONNECT', 4, packet(0xe1), 0x81, '[MQTT-3.14.1-1]'],
  ['flags of AUTH', 5, packet(0xf1, 0x18, 4, 0x15, a), 0x81, '[MQTT-3.15.1-1]'],
  ['only one octet', 4, Uint8Array.of(0xc0), 0x81, '[MQTT 3.1.1 §2.2.3] Remaining Length'],
  ['Remaining Length too small', 4, Uint8Array.of(0x40, 1, 0, 7), 0x81, '[MQTT 3.1.1 §2.2.3] the packet has 4 octets'],
  ['Remaining Length too large', 5, Uint8Array.of(0x30, 9, 0), 0x81, '[MQTT 5 §2.1.4] the packet has 3 octets'],
  ['Remaining Length of five octets', 4, Uint8Array.of(0x30, 255, 255, 255, 255, 1), 0x81, '[MQTT 3.1.1 §2.2.3]'],
  ['Remaining Length not minimal', 5, Uint8Array.of(0xc0, 0x80, 0), 0x81, '[MQTT-1.5.5-1] Remaining Length'],
  [
    'Remaining Length of CONNECT not minimal',
    5,
    Uint8Array.of(0x10, 0x8e, 0, ...connect(5, 2, a).subarray(2)),
    0x81,
    '[MQTT-1.5.5-1]',
  ],
  ['PINGREQ with octets', 4, packet(0xc0, 1), 0x81, '[MQTT 3.1.1 §2.2.3] PINGREQ has more octets'],

  // CONNECT
  ['protocol name', 4, packet(0x10, prefixed('MQTX'), 4, 2, 0, 0, a), 0x84, '[MQTT-3.1.2-1] Protocol Name is "MQTX"'],
  ['protocol name of 3.1 in 3.1.1', 4, packet(0x10, prefixed('MQIsdp'), 4, 2, 0, 0, a), 0x84, '[MQTT-3.1.2-1]'],
  ['protocol name of 3.1.1 in 3.1', 4, packet(0x10, prefixed('MQTT'), 3, 2, 0, 0, a), 0x84, '[MQTT 3.1] Protocol Name'],
  ['protocol level 6', 4, connect(6, 2, a), 0x84, '[MQTT-3.1.2-2] Protocol Level 6'],
  // Mosquitto's bridges ask this way first; refused, they ask again without the highest bit.
  ['protocol level of a bridge', 4, connect(0x84, 2, a), 0x84, '[MQTT-3.1.2-2] Protocol Level 132'],
  ['reserved Connect Flag', 4, connect(4, 3, a), 0x81, '[MQTT-3.1.2-3]'],
  ['reserved Connect Flag, 5', 5, connect(5, 3, a), 0x81, '[MQTT-3.1.2-3]'],
  ['Will QoS without will', 4, connect(4, 0x0a, a), 0x81, '[MQTT-3.1.2-13] Will QoS is 1'],
  ['Will QoS without will, 5', 5, connect(5, 0x12, a), 0x81, '[MQTT-3.1.2-11] Will QoS is 2'],
  ['Will Retain without will', 4, connect(4, 0x22, a), 0x81, '[MQTT-3.1.2-15]'],
  ['Will Retain without will, 5', 5, connect(5, 0x22, a), 0x81, '[MQTT-3.1.2-13]'],
  ['Will QoS 3', 4, connect(4, 0x1e, a, a, a), 0x81, '[MQTT-3.1.2-14]'],
  ['Will QoS 3, 5', 5, connect(5, 0x1e, a, 0, a, a), 0x81, '[MQTT-3.1.2-12]'],
  ['no Will Topic', 4, connect(4, 6, a), 0x81, '[MQTT-3.1.2-9] Will Topic is missing'],
  ['no Will Payload, 5', 5, connect(5, 6, a, 0, a), 0x81, '[MQTT-3.1.2-9] Will Payload is missing'],
  ['wildcard in Will Topic', 4, connect(4, 6, a, prefixed('a/#'), a), 0x81, '[MQTT-4.7.1-1]'],
  ['wildcard in Will Topic, 5', 5, connect(5, 6, a, 0, prefixed('+'), a), 0x81, '[MQTT-4.7.0-1]'],
  ['empty Will Topic', 4, connect(4, 6, a, 0, 0, a), 0x81, '[MQTT-4.7.3-1] Will Topic is empty'],
  ['no User Name', 4, connect(4, 0x82, a), 0x81, '[MQTT-3.1.2-19]'],
  ['no User Name, 5', 5, connect(5, 0x82, a), 0x81, '[MQTT-3.1.2-17]'],
  ['no Password', 4, connect(4, 0xc2, a, a), 0x81, '[MQTT-3.1.2-21]'],
  ['no Password, 5', 5, connect(5, 0xc2, a, a), 0x81, '[MQTT-3.1.2-19]'],
  ['a User Name without its flag', 4, connect(4, 2, a, a), 0x81, '[MQTT 3.1.1 §2.2.3] CONNECT has more octets'],
  ['Password without User Name', 4, connect(4, 0x42, a, a), 0x81, '[MQTT-3.1.2-22]'],
  ['Password without User Name, 3.1', 3, connect(3, 0x42, a, a), 0x81, '[MQTT 3.1] Password Flag'],
  ['no Client Identifier', 4, connect(4, 2), 0x81, '[MQTT-3.1.3-3]'],
  ['Client Identifier past the end', 4, connect(4, 2, 0, 5, 0x61), 0x81, '[MQTT 3.1.1 §1.5.3] Client Identifier goes'],
  ['octets after the last field', 5, connect(5, 2, a, 1), 0x81, '[MQTT 5 §2.1.4] CONNECT has more octets'],

  // UTF-8
  ['surrogate', 4, connect(4, 2, prefixed([0xed, 0xa0, 0x80])), 0x81, '[MQTT-1.5.3-1] Client Identifier'],
  ['surrogate, 5', 5, connect(5, 2, prefixed([0xed, 0xbf, 0xbf])), 0x81, '[MQTT-1.5.4-1] Client Identifier'],
  ['overlong', 4, packet(0x30, prefixed([0xc0, 0x80])), 0x81, '[MQTT-1.5.3-1] Topic Name'],
  ['overlong of three octets', 5, packet(0x30, prefixed([0xe0, 0x80, 0xaf]), 0), 0x81, '[MQTT-1.5.4-1] Topic Name'],
  ['past U+10FFFF', 4, packet(0x30, prefixed([0xf4, 0x90, 0x80, 0x80])), 0x81, '[MQTT-1.5.3-1]'],
  ['cut short', 4, packet(0x82, id, prefixed([0x61, 0xe2, 0x82]), 0), 0x81, '[MQTT-1.5.3-1] Topic Filter'],
  ['U+0000', 4, packet(0x30, prefixed('a\0b')), 0x81, '[MQTT-1.5.3-2] Topic Name contains U+0000'],
  ['U+0000, 5', 5, connect(5, 0x82, a, prefixed('\0')), 0x81, '[MQTT-1.5.4-2] User Name'],
  ['User Property', 5, publish5([0x26, ...prefixed([0xff]), ...a]), 0x81, '[MQTT-1.5.4-1] User Property'],
  ['U+0000 in a long text', 5, packet(0x30, prefixed(`${'x'.repeat(60)}\0`), 0), 0x81, '[MQTT-1.5.4-2] Topic Name'],

  // PUBLISH
  ['QoS 3', 4, packet(0x36, a, id), 0x81, '[MQTT-3.3.1-4]'],
  ['QoS 3, 5', 5, packet(0x36, a, id, 0), 0x81, '[MQTT-3.3.1-4]'],
  ['DUP at QoS 0', 4, packet(0x38, a), 0x81, '[MQTT-3.3.1-2]'],
  ['DUP at QoS 0, 5', 5, packet(0x39, a, 0), 0x81, '[MQTT-3.3.1-2]'],
  ['no Topic Name', 4, packet(0x30), 0x81, '[MQTT-3.3.2-1]'],
  ['Topic Name past the end', 5, packet(0x30, 0, 9, 0x61), 0x81, '[MQTT 5 §1.5.4] Topic Name goes past'],
  ['wildcard in Topic Name', 4, packet(0x30, prefixed('a/+')), 0x81, '[MQTT-3.3.2-2]'],
  ['wildcard in Topic Name, 5', 5, packet(0x30, prefixed('#'), 0), 0x81, '[MQTT-3.3.2-2]'],
  ['empty Topic Name', 4, packet(0x30, 0, 0), 0x81, '[MQTT-4.7.3-1] Topic Name is empty'],
  ['empty Topic Name without alias', 5, publish5([], ''), 0x82, '[MQTT-4.7.3-1] Topic Name is empty and'],
  ['empty Topic Name, other properties', 5, publish5([1, 0], ''), 0x82, '[MQTT-4.7.3-1]'],
  ['Packet Identifier 0', 4, packet(0x32, a, 0, 0), 0x82, '[MQTT-2.3.1-1] Packet Identifier is 0'],
  ['Packet Identifier 0, 5', 5, packet(0x34, a, 0, 0, 0), 0x82, '[MQTT-2.2.1-3]'],
  ['no Packet Identifier', 4, packet(0x32, a, 1), 0x81, '[MQTT-2.3.1-1] Packet Identifier is missing'],
  ['no Property Length', 5, packet(0x30, a), 0x81, '[MQTT-2.2.2-1] Property Length is missing'],
  ['Topic Alias 0', 5, publish5([0x23, 0, 0]), 0x94, '[MQTT-3.3.2-8] Topic Alias is 0'],
  ['Subscription Identifier', 5, publish5([11, 1]), 0x82, '[MQTT-3.3.4-6]'],
  ['wildcard in Response Topic', 5, publish5([8, ...prefixed('a/#')]), 0x82, '[MQTT-3.3.2-14]'],
  ['empty Response Topic', 5, publish5([8, 0, 0]), 0x82, '[MQTT-4.7.3-1] Response Topic is empty'],

  // Properties
  ['no such property', 5, publish5([0x7f, 1]), 0x81, '[MQTT 5 §2.2.2.2] 0x7f is not a property of PUBLISH'],
  ['property of another packet', 5, publish5([0x13, 0, 1]), 0x81, '[MQTT 5 §2.2.2.2] 0x13 is not'],
  ['property of the will in CONNECT', 5, withProperties(0x18, 0, 0, 0, 1), 0x81, '[MQTT 5 §2.2.2.2] 0x18'],
  ['property of CONNECT in the will', 5, willOf(0x21, 0, 1), 0x81, '[MQTT 5 §2.2.2.2] 0x21 is not a property of Will'],
  ['property twice', 5, publish5([2, 0, 0, 0, 1, 2, 0, 0, 0, 1]), 0x82, '[MQTT 5 §2.2.2.2] property 0x02'],
  ['property above 31 twice', 5, withProperties(0x22, 0, 1, 0x22, 0, 1), 0x82, '[MQTT 5 §2.2.2.2] property 0x22'],
  ['will property twice', 5, willOf(1, 0, 1, 0), 0x82, '[MQTT 5 §2.2.2.2] property 0x01'],
  ['property past the Property Length', 5, packet(0x30, a, 3, 2, 0, 0, 0, 1), 0x81, '[MQTT 5 §1.5.2] Message Expiry'],
  ['Property Length past the end', 5, packet(0x30, a, 9, 1, 0), 0x81, '[MQTT 5 §2.2.2.1] Property Length promises 9'],
  ['Property Length not minimal', 5, packet(0x30, a, 0x80, 0), 0x81, '[MQTT-1.5.5-1] Property Length'],
  ['Payload Format Indicator 2', 5, publish5([1, 2]), 0x82, '[MQTT 5 §3.3.2.3.2]'],
  ['Receive Maximum 0', 5, withProperties(0x21, 0, 0), 0x82, '[MQTT 5 §3.1.2.11.3]'],
  ['Maximum Packet Size 0', 5, withProperties(0x27, 0, 0, 0, 0), 0x82, '[MQTT 5 §3.1.2.11.4]'],
  ['Request Response Information 2', 5, withProperties(0x19, 2), 0x82, '[MQTT 5 §3.1.2.11.6]'],
  ['Request Problem Information 2', 5, withProperties(0x17, 2), 0x82, '[MQTT 5 §3.1.2.11.7]'],
  ['Authentication Data alone', 5, withProperties(0x16, ...a), 0x82, '[MQTT 5 §3.1.2.11.10]'],

  // Acknowledgements
  ['PUBACK with id 0', 4, packet(0x40, 0, 0), 0x82, '[MQTT-2.3.1-6]'],
  ['PUBREL with id 0, 5', 5, packet(0x62, 0, 0), 0x82, '[MQTT-2.2.1-5]'],
  ['PUBACK cut short', 4, packet(0x40, 0), 0x81, '[MQTT-2.3.1-6] Packet Identifier is cut short'],
  ['PUBACK of 3.1.1 with a code', 4, packet(0x40, id, 0), 0x81, '[MQTT 3.1.1 §2.2.3] PUBACK has more octets'],
  ['PUBACK with 0x92', 5, packet(0x40, id, 0x92), 0x82, '[MQTT-3.4.2-1]'],
  ['PUBACK with 0x10', 5, packet(0x40, id, 0x10), 0x82, '[MQTT-3.4.2-1]'],
  ['PUBREC with 0x01', 5, packet(0x50, id, 1), 0x82, '[MQTT-3.5.2-1]'],
  ['PUBREL with 0x87', 5, packet(0x62, id, 0x87), 0x82, '[MQTT-3.6.2-1]'],
  ['PUBCOMP with 0x80', 5, packet(0x70, id, 0x80), 0x82, '[MQTT-3.7.2-1]'],
  ['PUBACK with octets after its properties', 5, packet(0x40, id, 0, 0, 0), 0x81, '[MQTT 5 §2.1.4] PUBACK'],
  ['PUBACK with Server Reference', 5, packet(0x40, id, 0, 4, 0x1c, a), 0x81, '[MQTT 5 §2.2.2.2] 0x1c'],

  // SUBSCRIBE and UNSUBSCRIBE
  ['SUBSCRIBE with id 0', 4, packet(0x82, 0, 0, a, 0), 0x82, '[MQTT-2.3.1-1]'],
  ['SUBSCRIBE with id 0, 5', 5, packet(0x82, 0, 0, 0, a, 0), 0x82, '[MQTT-2.2.1-3]'],
  ['empty SUBSCRIBE', 4, packet(0x82, id), 0x82, '[MQTT-3.8.3-3]'],
  ['empty SUBSCRIBE, 5', 5, packet(0x82, id, 0), 0x82, '[MQTT-3.8.3-2]'],
  ['Requested QoS 3', 4, subscribe(4, 'a', 3), 0x81, '[MQTT-3.8.3-4] Requested QoS is 3'],
  ['Requested QoS 3, 3.1', 3, subscribe(3, 'a', 3), 0x81, '[MQTT 3.1] Requested QoS is 3'],
  ['reserved bits of Requested QoS', 4, subscribe(4, 'a', 4), 0x81, '[MQTT-3.8.3-4] a reserved bit'],
  ['no Requested QoS', 4, packet(0x82, id, a), 0x81, '[MQTT-3.8.3-4] Requested QoS is missing'],
  ['reserved bits of Subscription Options', 5, subscribe(5, 'a', 0x80), 0x81, '[MQTT-3.8.3-5]'],
  ['Retain Handling 3', 5, subscribe(5, 'a', 0x30), 0x82, '[MQTT 5 §3.8.3.1] Retain Handling'],
  ['Maximum QoS 3', 5, subscribe(5, 'a', 3), 0x82, '[MQTT 5 §3.8.3.1] Maximum QoS'],
  ['no Subscription Options', 5, packet(0x82, id, 0, a), 0x81, '[MQTT 5 §3.8.3.1] Subscription Options is missing'],
  ['No Local on a Shared Subscription', 5, subscribe(5, '$share/g/a', 4), 0x82, '[MQTT-3.8.3-4] No Local'],
  ['Subscription Identifier 0', 5, packet(0x82, id, 2, 11, 0, a, 0), 0x82, '[MQTT 5 §3.8.2.1.2]'],
  ['Subscription Identifier not minimal', 5, packet(0x82, id, 3, 11, 0x81, 0, a, 0), 0x81, '[MQTT-1.5.5-1]'],
  [
    'Subscription Identifier too long',
    5,
    packet(0x82, id, 6, 11, 255, 255, 255, 255, 1, a, 0),
    0x81,
    '[MQTT 5 §1.5.5]',
  ],
  ['two Subscription Identifiers', 5, packet(0x82, id, 4, 11, 1, 11, 2, a, 0), 0x82, '[MQTT 5 §2.2.2.2] property 0x0b'],
  ['empty filter', 4, subscribe(4, ''), 0x81, '[MQTT-4.7.3-1]'],
  ['# not last', 4, subscribe(4, 'a/#/b'), 0x81, '[MQTT-4.7.1-2]'],
  ['# not alone, 5', 5, subscribe(5, 'a#'), 0x81, '[MQTT-4.7.1-1]'],
  ['+ not alone', 4, subscribe(4, 'a+'), 0x81, '[MQTT-4.7.1-3]'],
  ['+ not alone, 5', 5, subscribe(5, '+a'), 0x81, '[MQTT-4.7.1-2]'],
  ['empty ShareName', 5, subscribe(5, '$share//a'), 0x81, '[MQTT-4.8.2-1]'],
  ['wildcard as ShareName', 5, subscribe(5, '$share/+/a'), 0x81, '[MQTT-4.8.2-2]'],
  ['no filter after the ShareName, 3.1.1', 4, subscribe(4, '$share/g'), 0x81, '[MQTT-4.8.2-2]'],
  ['UNSUBSCRIBE with id 0', 4, packet(0xa2, 0, 0, a), 0x82, '[MQTT-2.3.1-1]'],
  ['empty UNSUBSCRIBE', 4, packet(0xa2, id), 0x82, '[MQTT-3.10.3-2]'],
  ['empty UNSUBSCRIBE, 5', 5, packet(0xa2, id, 0), 0x82, '[MQTT-3.10.3-2]'],
  ['bad filter in UNSUBSCRIBE', 4, packet(0xa2, id, prefixed('#/a')), 0x81, '[MQTT-4.7.1-2]'],
  ['Subscription Identifier in UNSUBSCRIBE', 5, packet(0xa2, id, 2, 11, 1, a), 0x81, '[MQTT 5 §2.2.2.2] 0x0b'],

  // DISCONNECT and AUTH
  ['DISCONNECT of 3.1.1 with a code', 4, packet(0xe0, 0), 0x81, '[MQTT 3.1.1 §2.2.3] DISCONNECT has more octets'],
  ['DISCONNECT with a code that is none', 5, packet(0xe0, 1), 0x82, '[MQTT-3.14.2-1]'],
  ['DISCONNECT with a code of a Server', 5, packet(0xe0, 0x8e), 0x82, '[MQTT-3.14.2-1] 0x8e'],
  ['DISCONNECT with octets after its end', 5, packet(0xe0, 0, 0, 0), 0x81, '[MQTT 5 §2.1.4] DISCONNECT'],
  ['AUTH with Success', 5, packet(0xf0, 0, 4, 0x15, a), 0x82, '[MQTT-3.15.2-1]'],
  ['AUTH that leaves all out', 5, packet(0xf0), 0x82, '[MQTT-3.15.2-1]'],
  ['AUTH without properties', 5, packet(0xf0, 0x18), 0x81, '[MQTT-2.2.2-1]'],
  ['AUTH without a method', 5, packet(0xf0, 0x19, 0), 0x82, '[MQTT 5 §3.15.2.2.2]'],
]

/** What looks odd and is allowed. */
const taken: readonly (readonly [what: string, version: ProtocolVersion, octets: Uint8Array])[] = [
  ['Remaining Length not minimal in 3.1.1', 4, Uint8Array.of(0xc0, 0x80, 0)],
  ['Password without User Name in 5', 5, connect(5, 0x42, a, a)],
  ['empty Client Identifier with Clean Session', 4, connect(4, 2, 0, 0)],
  // The broker answers it with a Return Code [MQTT-3.1.3-8].
  ['empty Client Identifier without Clean Session', 4, connect(4, 0, 0, 0)],
  ['empty Client Identifier without Clean Start in 5', 5, connect(5, 0, 0, 0)],
  ['the reserved Connect Flag in 3.1', 3, connect(3, 3, a)],
  ['Will QoS and Will Retain without will in 3.1', 3, connect(3, 0x3a, a)],
  ['User Name Flag without User Name in 3.1', 3, connect(3, 0xc2, a)],
  ['DUP of SUBSCRIBE in 3.1', 3, packet(0x8a, id, a, 0)],
  ['flags of PINGREQ in 3.1', 3, packet(0xc9)],
  ['control characters and non-characters', 4, packet(0x30, prefixed('\u0001\u007f\ufffe\uffff'))],
  ['a byte order mark', 5, packet(0x30, prefixed('\ufeffa'), 0)],
  ['empty Topic Name with alias', 5, publish5([0x23, 0, 1], '')],
  ['a payload that is not the text it claims', 5, publish5([1, 1], 't', [0xff])],
  ['User Properties of one name', 5, publish5([0x26, ...a, ...a, 0x26, ...a, ...a])],
  ['a Reason Code without a Property Length', 5, packet(0x40, id, 0x80)],
  ['DISCONNECT with Will Message', 5, packet(0xe0, 4)],
  ['a Session Expiry Interval in DISCONNECT', 5, packet(0xe0, 0, 5, 0x11, 0, 0, 0, 9)],
  ['good filters', 4, packet(0x82, id, prefixed('+/a/+/#'), 0, prefixed('#'), 1, prefixed('/'), 2)],
  ['$share alone', 5, subscribe(5, '$share', 4)],
]

describe('what a Client must not send is refused', () => {
  for (const [what, version, octets, code, message] of refused) {
    it(`${what} (${message.slice(1).replace(/\].*/, '')})`, () => {
      const error = errorOf(octets, version)
      expect(error?.message.slice(0, message.length)).toBe(message)
      expect(error?.code).toBe(code)
    })
  }
})

describe('what a Client may send is read', () => {
  for (const [what, version, octets] of taken) {
    it(what, () => {
      expect(errorOf(octets, version)).toBeUndefined()
    })
  }
})
