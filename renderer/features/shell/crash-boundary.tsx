import { Component, type ReactNode } from 'react'
import { messageOf } from '../../../app/base/errors.ts'
import { Button } from '../../ui/button.tsx'
import './crash-boundary.css'

interface CrashBoundaryProps {
  readonly children: ReactNode
}

/** A fault of the screen's own is shown in its place, in words, instead of an empty window. */
export class CrashBoundary extends Component<CrashBoundaryProps, { readonly error: unknown }> {
  override state = { error: undefined }

  static getDerivedStateFromError(error: unknown) {
    return { error: error ?? new Error('something that is no error was thrown') }
  }

  override render(): ReactNode {
    const { error } = this.state
    if (error === undefined) return this.props.children
    return (
      <div className="crash" role="alert">
        <h2>This part of the screen has failed</h2>
        <p>{messageOf(error)}</p>
        <p>The workbench itself goes on. What was typed and not saved is still there when you show this part again.</p>
        <Button onClick={() => this.setState({ error: undefined })}>Show it again</Button>
      </div>
    )
  }
}
