/**
 * The copies between a driver's memory and the bounce buffers of a mapping.
 */
import type { Machine } from '../core/machine.ts';
import { eachPageOf } from '../parts/dma-mapping.ts';
import type { DmaMapping, DmaPiece } from '../parts/dma-mapping.ts';

/** Copies the bounced bytes of a range from the driver's memory into the buffers. */
export function copyIntoBuffers(
  machine: Machine,
  mapping: DmaMapping,
  from: number,
  lengthBytes: number,
): void {
  mapping.filled(from, lengthBytes);
  eachBounced(mapping, from, lengthBytes, (memory, buffer) => {
    copy(machine, memory, buffer);
  });
}

/** Copies the bounced bytes of a range from the buffers back into the driver's memory. */
export function copyOutOfBuffers(
  machine: Machine,
  mapping: DmaMapping,
  from: number,
  lengthBytes: number,
): void {
  eachBounced(mapping, from, lengthBytes, (memory, buffer) => {
    copy(machine, buffer, memory);
  });
}

// Visits the bounced parts of a range piece by piece: the driver's memory, and the buffer for it.
function eachBounced(
  mapping: DmaMapping,
  from: number,
  lengthBytes: number,
  visit: (memory: DmaPiece, buffer: DmaPiece) => void,
): void {
  mapping.eachPiece(from, lengthBytes, (index, inPiece, _, length) => {
    const [piece, buffer] = [mapping.pieces[index], mapping.bounces?.[index]];
    if (piece === undefined || buffer === undefined) return;
    const part = ({ page, offset }: DmaPiece): DmaPiece => ({ page, offset: offset + inPiece, length });
    visit(part(piece), part(buffer));
  });
}

// An interrupt may find half of a piece copied.
function copy(machine: Machine, source: DmaPiece, target: DmaPiece): void {
  const { interruptPoint, ledger } = machine.hardware;
  if (interruptPoint === undefined) move(machine, source, target);
  else {
    const half = Math.floor(source.length / 2);
    move(machine, { ...source, length: half }, { ...target, length: half });
    interruptPoint(machine.executing.cpu, 'dma: half of a piece copied');
    const rest = ({ page, offset, length }: DmaPiece): DmaPiece => ({
      page,
      offset: offset + half,
      length: length - half,
    });
    move(machine, rest(source), rest(target));
  }
  ledger.bytesBounced += source.length;
}

function move(machine: Machine, source: DmaPiece, target: DmaPiece): void {
  const bytes = new Uint8Array(source.length);
  eachPageOf(source, 0, source.length, (page, offset, done, length) => {
    bytes.set(machine.physical(page).subarray(offset, offset + length), done);
  });
  eachPageOf(target, 0, target.length, (page, offset, done, length) => {
    machine.physical(page).set(bytes.subarray(done, done + length), offset);
  });
}
