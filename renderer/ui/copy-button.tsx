import { useEffect, useState } from 'react'
import { Button } from './button.tsx'

/** For how long it says what became of it, in milliseconds. */
const saidForMs = 1500

/** Puts a text where it can be pasted from. */
export function CopyButton({ text }: { readonly text: string }) {
  const [said, setSaid] = useState<'Copied' | 'Not allowed' | undefined>()
  useEffect(() => {
    if (said === undefined) return
    const timer = setTimeout(() => setSaid(undefined), saidForMs)
    return () => clearTimeout(timer)
  }, [said])
  const copy = () => {
    navigator.clipboard.writeText(text).then(
      () => setSaid('Copied'),
      // The browser has asked, and somebody has said no: the text can still be selected.
      () => setSaid('Not allowed'),
    )
  }
  return (
    <Button size="small" title={`Copy ${text}`} onClick={copy}>
      {said ?? 'Copy'}
    </Button>
  )
}
