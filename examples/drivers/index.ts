/** Every port, in the order in which the matrix and the audit show them. */
import type { Port } from 'scatterlist/ports';
import mvsasSmp from './scsi/mvsas-smp.ts';

export const PORTS: readonly Port[] = [mvsasSmp];
