import { useMemo, useState } from 'react'
import type { DecodedPacket, Violation } from '../../../app/mqtt/decoded.ts'
import { formatPlural } from '../../ui/format.ts'
import type { Range } from './hex-rows.ts'
import { HexView } from './hex-view.tsx'
import { PacketTree } from './packet-tree.tsx'
import { PayloadView } from './payload-view.tsx'
import { paint } from './tones.ts'
import { buildTree, initialTree, reveal, type TreeNode } from './tree-model.ts'
import './packet-view.css'

export interface PacketViewProps {
  readonly octets: Uint8Array
  /** Octets on the wire; more than there are where only the first part was kept. */
  readonly length: number
  /** Undefined where the octets cannot be read as a packet. */
  readonly decoded: DecodedPacket | undefined
  /** Octets that were changed on the way. */
  readonly changed?: Range | undefined
}

type Hover = { readonly octet: number } | { readonly range: Range } | undefined

/** The octets of a packet and its fields, linked: what the pointer is on in one is lit in the other. */
export function PacketView({ octets, length, decoded, changed }: PacketViewProps) {
  const fields = decoded?.fields ?? none
  const violations = decoded?.violations ?? none
  const marked = useMemo(() => violations.slice(0, mostMarked), [violations])
  const colours = useMemo(() => paint(fields), [fields])
  const nodes = useMemo(() => buildTree(fields), [fields])
  const [tree, setTree] = useState(() => initialTree(nodes))
  const [hover, setHover] = useState<Hover>(undefined)
  const hoveredOctet = hover !== undefined && 'octet' in hover ? hover.octet : undefined
  const lit = hover === undefined ? undefined : 'range' in hover ? hover.range : colours.stretchAt(hover.octet)
  const selected = nodeOf(nodes, tree.active)?.field
  const isWrong = (node: TreeNode) => isBlamed(node, marked)
  return (
    <div className="packet-view">
      {violations.length > 0 && (
        <Violations violations={violations} onHover={(range) => setHover(range && { range })} />
      )}
      <div className="packet-octets">
        <HexView
          octets={octets}
          label="Octets of the packet"
          rows={12}
          toneAt={(at) => colours.stretchAt(at)?.tone}
          wrong={marked}
          changed={changed}
          lit={lit}
          selected={selected}
          onHover={(at) => setHover(at === undefined ? undefined : { octet: at })}
          onPick={(at) => setTree(reveal(nodes, tree, at))}
        />
        {length > octets.length && (
          <p className="packet-quiet">
            {formatPlural(length - octets.length, 'more byte')} went over the wire and{' '}
            {length - octets.length === 1 ? 'was' : 'were'} not kept
          </p>
        )}
      </div>
      {nodes.length > 0 && (
        <PacketTree
          nodes={nodes}
          paint={colours}
          state={tree}
          onState={setTree}
          hoveredOctet={hoveredOctet}
          onHover={(node) => setHover(node && { range: node.field })}
          isWrong={isWrong}
        />
      )}
      {payloads(nodes, octets).map(({ name, payload }) => (
        <PayloadView key={name} name={name} payload={payload} />
      ))}
    </div>
  )
}

const none: readonly never[] = []

interface ViolationsProps {
  readonly violations: readonly Violation[]
  readonly onHover: (range: Range | undefined) => void
}

function Violations({ violations, onHover }: ViolationsProps) {
  return (
    <ul className="violations" aria-label="What is wrong with it">
      {violations.slice(0, mostViolations).map((violation, i) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the same packet has the same violations
        <li key={i} onPointerEnter={() => onHover(violation)} onPointerLeave={() => onHover(undefined)}>
          {violation.statement !== undefined && <code className="violation-statement">[{violation.statement}]</code>}{' '}
          {violation.message}
        </li>
      ))}
      {violations.length > mostViolations && <li>and {violations.length - mostViolations} more</li>}
    </ul>
  )
}

/** A packet of a mebibyte can have thousands of violations: so many are told, and of so many the octets are marked. */
const mostViolations = 50
const mostMarked = 200

/** Whether a violation blames just this field: a leaf of the tree that overlaps it, or the whole octets of bits. */
function isBlamed({ field, children }: TreeNode, violations: readonly Violation[]): boolean {
  if (children.some((child) => child.field.bits === undefined)) return false
  return violations.some(({ start, end, bits }) => {
    const overlaps = start < field.end && field.start < end
    return overlaps && (bits === undefined || field.bits === undefined || (bits & field.bits) !== 0)
  })
}

function nodeOf(nodes: readonly TreeNode[], id: string | undefined): TreeNode | undefined {
  if (id === undefined) return undefined
  let found: TreeNode | undefined
  let within = nodes
  for (const step of id.split('.')) {
    found = within[Number(step)]
    within = found?.children ?? []
  }
  return found
}

/** The Application Message, and that of a will, without the length that stands before the latter. */
function payloads(nodes: readonly TreeNode[], octets: Uint8Array): { name: string; payload: Uint8Array }[] {
  return nodes.flatMap(({ field: { name, start, end } }) => {
    const from = name === 'Payload' ? start : name === 'Will Message' || name === 'Will Payload' ? start + 2 : end
    return from < end ? [{ name, payload: octets.subarray(from, end) }] : []
  })
}
