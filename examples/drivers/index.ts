/** Every port, in the order in which the matrix and the audit show them. */
import type { Port } from 'scatterlist/ports';
import ttmMove from './gpu/ttm-move.ts';
import vmciNotify from './misc/vmci-notify.ts';
import xilinxSdfec from './misc/xilinx-sdfec.ts';
import mvsasSmp from './scsi/mvsas-smp.ts';
import kvmVcpuMap from './virt/kvm-vcpu-map.ts';

export const PORTS: readonly Port[] = [ttmMove, vmciNotify, xilinxSdfec, mvsasSmp, kvmVcpuMap];
