import { Button } from '../../ui/button.tsx'
import './recordings.css'

/** Says, where breakpoints would stand, that a file is looked at and nothing can be done to its packets. */
export function RecordingNote({ name, onLive }: { readonly name: string; readonly onLive: () => void }) {
  return (
    <section className="recording-note" aria-label="Recording">
      <p>
        This is the recording <b>{name}</b>. What it shows is over: nothing can be held or made to fail.
      </p>
      <Button size="small" onClick={onLive}>
        Back to the running capture
      </Button>
    </section>
  )
}
