import type { ProtocolVersion } from '../../../app/mqtt/control-packet.ts'
import { strictTextOf } from '../../../app/mqtt/decode-values.ts'
import {
  type EditableFields,
  readEditable,
  withFlag,
  withPacketId,
  withPayload,
  withQos,
} from '../../../app/mqtt/edit.ts'
import { formatHex, parseHex } from '../../../app/mqtt/hex.ts'

/** Something that is being typed, and why it cannot be taken as it is. */
export interface Draft {
  readonly text: string
  readonly problem: string | undefined
}

/** A packet that is being edited: its octets are the truth, and what is typed follows them, or is not yet taken. */
export interface EditorState {
  readonly version: ProtocolVersion
  /** As they were in the beginning. */
  readonly before: Uint8Array
  readonly octets: Uint8Array
  readonly fields: EditableFields
  readonly raw: Draft
  /** Empty where the packet has none. */
  readonly packetId: Draft
  readonly payload: Draft
  readonly payloadForm: 'text' | 'hex'
  /** Whether the payload can be edited as text without changing what is not touched. */
  readonly canBeText: boolean
}

export type EditorAction =
  | { readonly type: 'raw'; readonly text: string }
  | { readonly type: 'flag'; readonly flag: 'DUP' | 'RETAIN'; readonly on: boolean }
  | { readonly type: 'qos'; readonly qos: 0 | 1 | 2 }
  | { readonly type: 'packetId'; readonly text: string }
  | { readonly type: 'payload'; readonly text: string }
  | { readonly type: 'payloadForm'; readonly form: 'text' | 'hex' }
  | { readonly type: 'undo' }

export function openEditor(octets: Uint8Array, version: ProtocolVersion): EditorState {
  const state: EditorState = {
    version,
    before: octets,
    octets,
    fields: readEditable(octets, version),
    raw: taken(''),
    packetId: taken(''),
    payload: taken(''),
    payloadForm: 'text',
    canBeText: false,
  }
  return follow(state, octets)
}

/** Why the packet cannot be delivered as it is typed; undefined where it can. A malformed packet can. */
export function problemOf(state: EditorState): string | undefined {
  return state.raw.problem ?? state.packetId.problem ?? state.payload.problem
}

export function edit(state: EditorState, action: EditorAction): EditorState {
  const { octets, version, fields } = state
  switch (action.type) {
    case 'raw': {
      const read = parseHex(action.text)
      if ('problem' in read) return { ...state, raw: { text: action.text, problem: read.problem } }
      return { ...follow(state, read.octets), raw: taken(action.text) }
    }
    case 'flag':
      return follow(state, withFlag(octets, action.flag, action.on))
    case 'qos':
      return follow(state, withQos(octets, version, action.qos, fields.packetId ?? 1))
    case 'packetId': {
      const problem = packetIdProblem(action.text)
      if (problem !== undefined) return { ...state, packetId: { text: action.text, problem } }
      return { ...follow(state, withPacketId(octets, version, Number(action.text))), packetId: taken(action.text) }
    }
    case 'payload': {
      const read = readPayload(action.text, state.payloadForm)
      if ('problem' in read) return { ...state, payload: { text: action.text, problem: read.problem } }
      const next = follow(state, withPayload(octets, version, read.octets))
      return { ...next, payload: taken(action.text), payloadForm: state.payloadForm }
    }
    case 'payloadForm':
      return { ...state, payloadForm: action.form, payload: taken(writePayload(fields.payload, action.form)) }
    case 'undo':
      return openEditor(state.before, version)
  }
}

/** All that is shown follows new octets. */
function follow(state: EditorState, octets: Uint8Array): EditorState {
  const fields = readEditable(octets, state.version)
  const canBeText = fields.payload !== undefined && isEditableText(fields.payload)
  const payloadForm = canBeText ? state.payloadForm : 'hex'
  return {
    ...state,
    octets,
    fields,
    raw: taken(formatRows(octets)),
    packetId: taken(String(fields.packetId ?? '')),
    payload: taken(writePayload(fields.payload, payloadForm)),
    payloadForm,
    canBeText,
  }
}

function taken(text: string): Draft {
  return { text, problem: undefined }
}

/** As many as fit beside one another in a side pane. */
const perRow = 8

function formatRows(octets: Uint8Array): string {
  const rows: string[] = []
  for (let at = 0; at < octets.length; at += perRow) rows.push(formatHex(octets.subarray(at, at + perRow), ' '))
  return rows.join('\n')
}

function writePayload(payload: Uint8Array | undefined, form: 'text' | 'hex'): string {
  if (payload === undefined) return ''
  return form === 'text' ? (strictTextOf(payload) ?? '') : formatRows(payload)
}

function readPayload(text: string, form: 'text' | 'hex'): ReturnType<typeof parseHex> {
  return form === 'hex' ? parseHex(text) : { octets: new TextEncoder().encode(text) }
}

/** A text field of a browser makes a line feed of every line end, and shows no control characters. */
function isEditableText(payload: Uint8Array): boolean {
  const text = strictTextOf(payload)
  if (text === undefined) return false
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if ((code < 32 && code !== 9 && code !== 10) || code === 127) return false
  }
  return true
}

function packetIdProblem(text: string): string | undefined {
  return /^\d{1,5}$/.test(text) && Number(text) <= 65535
    ? undefined
    : 'a Packet Identifier is a whole number from 0 to 65535'
}
