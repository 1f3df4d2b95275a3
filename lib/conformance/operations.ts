/**
 * The list of all operations on a mapping, so that a clause can test each of them.
 */
import type { Mapping } from '../mapping/mapping.ts';
import { bytesOf } from './contents.ts';

/** One operation, at an offset. */
export interface Operation {
  readonly title: string;
  /** The number of bytes that it accesses. */
  readonly width: number;
  readonly run: (mapping: Mapping, offset: number) => void;
}

/** The accessors. */
export const OPERATIONS: readonly Operation[] = [
  { title: 'load8', width: 1, run: (m, at) => m.load8(at) },
  { title: 'load16', width: 2, run: (m, at) => m.load16(at) },
  { title: 'load32', width: 4, run: (m, at) => m.load32(at) },
  { title: 'load64', width: 8, run: (m, at) => m.load64(at) },
  {
    title: 'store8',
    width: 1,
    run: (m, at) => {
      m.store8(at, 1);
    },
  },
  {
    title: 'store16',
    width: 2,
    run: (m, at) => {
      m.store16(at, 1);
    },
  },
  {
    title: 'store32',
    width: 4,
    run: (m, at) => {
      m.store32(at, 1);
    },
  },
  {
    title: 'store64',
    width: 8,
    run: (m, at) => {
      m.store64(at, 1n);
    },
  },
  {
    title: 'copyTo',
    width: 8,
    run: (m, at) => {
      m.copyTo(new Uint8Array(8), at);
    },
  },
  {
    title: 'copyFrom',
    width: 8,
    run: (m, at) => {
      m.copyFrom(new Uint8Array(8).fill(1), at);
    },
  },
  {
    title: 'fill',
    width: 8,
    run: (m, at) => {
      m.fill(1, at, 8);
    },
  },
];

/** Reading `bytes`; an operation only if the contract says that mappings are direct. */
export const ASK_BYTES: Operation = { title: 'bytes', width: 0, run: (m) => bytesOf(m) };
