/**
 * The designs with their call sites, in the order of the table. `scatterlist lab` measures all that are here.
 *
 * A new design adds its line here, with its file name: the command reads the text of its call sites there.
 */
import type { Candidate } from 'scatterlist/lab';
import busDma from './bus-dma.ts';
import copyOnly from './copy-only.ts';
import guestMemory from './guest-memory.ts';
import hellwigKmap from './hellwig-kmap.ts';
import illumosBind from './illumos-bind.ts';
import iosysMap from './iosys-map.ts';
import kmapThread from './kmap-thread.ts';
import localOnly from './local-only.ts';
import pksLocal from './pks-local.ts';
import qemuMap from './qemu-map.ts';
import rustClosure from './rust-closure.ts';
import sfBuf from './sf-buf.ts';
import sgMap2017 from './sg-map-2017.ts';
import ttmIterator from './ttm-iterator.ts';
import typedSgMap from './typed-sg-map.ts';
import windowsMdl from './windows-mdl.ts';

/** The designs. The call sites of each are in the file of its name, beside this one. */
export const CANDIDATES: readonly Candidate[] = [
  sgMap2017,
  hellwigKmap,
  localOnly,
  kmapThread,
  pksLocal,
  typedSgMap,
  iosysMap,
  ttmIterator,
  rustClosure,
  sfBuf,
  busDma,
  illumosBind,
  qemuMap,
  windowsMdl,
  guestMemory,
  copyOnly,
];
