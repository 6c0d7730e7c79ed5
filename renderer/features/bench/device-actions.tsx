import { useState } from 'react'
import { messageOf } from '../../../app/base/errors.ts'
import type { ActionSettings, DeviceAction } from '../../../app/device/device-snapshot.ts'
import type { Device } from '../../state/clients.ts'
import { Button } from '../../ui/button.tsx'
import { Chip } from '../../ui/chip.tsx'
import { BoltIcon, PlugIcon, PowerIcon, UnplugIcon } from '../../ui/icons.tsx'
import { Popover } from '../../ui/popover.tsx'
import { FaultsMenu, type ListCertificates } from './faults-menu.tsx'
import { sentence, whyNot } from './why-not.ts'
import './device-actions.css'

export type Act = (id: string, action: DeviceAction, settings?: ActionSettings) => Promise<unknown>

export interface DeviceActionsProps {
  readonly device: Device
  readonly connected: boolean
  readonly act: Act
  readonly listCertificates: ListCertificates
}

/** What can be done to a device. It stays in sight, however much is known of the device. */
export function DeviceActions({ device, connected, act, listCertificates }: DeviceActionsProps) {
  const [problem, setProblem] = useState<string | undefined>(undefined)
  const button = (action: DeviceAction, what: string) => {
    const reason = whyNot(device, action, { connected })
    return {
      disabled: reason !== undefined,
      title: reason === undefined ? what : sentence(reason),
      onClick: () => {
        setProblem(undefined)
        act(device.id, action).catch((error: unknown) => setProblem(messageOf(error)))
      },
    }
  }
  return (
    <footer className="actions">
      {device.faults.length > 0 && (
        <div className="actions-faults">
          {device.faults.map((fault) => (
            <Chip key={fault} tone="red" title="Made wrong, and not healed">
              {fault}
            </Chip>
          ))}
          <span className="pane-space" />
          <Button size="small" {...button('heal', 'Makes right what was made wrong')}>
            Heal
          </Button>
        </div>
      )}
      <Button kind="danger" {...button('powerLoss', 'The socket dies without DISCONNECT, the RAM is lost')}>
        <BoltIcon />
        Power loss
      </Button>
      <Button {...button('powerOn', 'Boots: the script starts anew')}>
        <PowerIcon />
        Power on
      </Button>
      <Button {...button('disconnect', 'Sends DISCONNECT and stays offline')}>
        <UnplugIcon />
        Disconnect
      </Button>
      <Button {...button('connect', 'Connects at once')}>
        <PlugIcon />
        Connect
      </Button>
      <Button {...button('reboot', 'Power loss, and power on at once')}>Reboot</Button>
      <Popover label="Faults…" title={`Faults of ${device.id}`} disabled={!connected}>
        {(close) => (
          <FaultsMenu
            device={device}
            connected={connected}
            listCertificates={listCertificates}
            run={(action, settings) => act(device.id, action, settings)}
            close={close}
          />
        )}
      </Popover>
      {problem !== undefined && (
        <p className="actions-problem" role="alert">
          {problem}
        </p>
      )}
    </footer>
  )
}
