import { useMemo, useState } from 'react'
import { formatCount, formatPlural } from '../../ui/format.ts'
import { Segments } from '../../ui/segments.tsx'
import { HexView } from './hex-view.tsx'
import { mostCharacters, type PayloadForm, payloadForms } from './payload-forms.ts'

export interface PayloadViewProps {
  readonly name: string
  readonly payload: Uint8Array
}

/** A payload as text, as JSON, or as octets. */
export function PayloadView({ name, payload }: PayloadViewProps) {
  const forms = useMemo(() => payloadForms(payload), [payload])
  const [chosen, setChosen] = useState<PayloadForm | undefined>(undefined)
  const form = chosen ?? forms.best
  return (
    <section className="packet-section" aria-label={name}>
      <header className="packet-section-head">
        <h3>{name}</h3>
        <span className="packet-quiet">{formatPlural(payload.length, 'byte')}</span>
        <span className="packet-space" />
        <Segments
          label={`${name} as`}
          value={form}
          onChange={setChosen}
          segments={[
            { value: 'text', label: 'text', disabled: forms.text === undefined },
            { value: 'json', label: 'JSON', disabled: forms.json === undefined },
            { value: 'hex', label: 'hex' },
          ]}
        />
      </header>
      {form === 'hex' && <HexView octets={payload} label={`${name} in hexadecimal`} rows={12} />}
      {form !== 'hex' && <PayloadText text={(form === 'json' ? forms.json : forms.text) ?? ''} />}
    </section>
  )
}

function PayloadText({ text }: { readonly text: string }) {
  const [all, setAll] = useState(false)
  const shown = all ? text : text.slice(0, mostCharacters)
  return (
    <>
      <pre className="packet-payload">{shown}</pre>
      {shown.length < text.length && (
        <button type="button" className="packet-more" onClick={() => setAll(true)}>
          {formatCount(text.length - shown.length)} more characters: show all
        </button>
      )}
    </>
  )
}
