/** Every port, in the order in which the matrix and the audit show them. */
import type { Port } from 'scatterlist/ports';
import btrfsCheckIntegrity from './fs/btrfs-check-integrity.ts';
import cephDir from './fs/ceph-dir.ts';
import cephInode from './fs/ceph-inode.ts';
import i915Perf from './gpu/i915-perf.ts';
import i915PinMap from './gpu/i915-pin-map.ts';
import ttmBoKmap from './gpu/ttm-bo-kmap.ts';
import ttmMove from './gpu/ttm-move.ts';
import qibUserSdma from './infiniband/qib-user-sdma.ts';
import sgMiter from './lib/sg-miter.ts';
import vmciNotify from './misc/vmci-notify.ts';
import xilinxSdfec from './misc/xilinx-sdfec.ts';
import dumpPagetables from './mm/dump-pagetables.ts';
import sdhciAdma from './mmc/sdhci-adma.ts';
import sdhciBounce from './mmc/sdhci-bounce.ts';
import sdhciPio from './mmc/sdhci-pio.ts';
import usdhi6rol0 from './mmc/usdhi6rol0.ts';
import moduleDecompressGzip from './module/module-decompress-gzip.ts';
import moduleDecompressXz from './module/module-decompress-xz.ts';
import moduleDecompressZstd from './module/module-decompress-zstd.ts';
import cephPagelist from './net/ceph-pagelist.ts';
import firewireNet from './net/firewire-net.ts';
import nvmetTcp from './nvme/nvmet-tcp.ts';
import libiscsiTcp from './scsi/libiscsi-tcp.ts';
import mvsasSmp from './scsi/mvsas-smp.ts';
import iscsiTarget from './target/iscsi-target.ts';
import targetKmapDataSg from './target/kmap-data-sg.ts';
import targetZeroFirstSg from './target/zero-first-sg.ts';
import kvmVcpuMap from './virt/kvm-vcpu-map.ts';

export const PORTS: readonly Port[] = [
  btrfsCheckIntegrity,
  cephDir,
  cephInode,
  i915Perf,
  i915PinMap,
  ttmBoKmap,
  ttmMove,
  qibUserSdma,
  sgMiter,
  vmciNotify,
  xilinxSdfec,
  dumpPagetables,
  sdhciAdma,
  sdhciBounce,
  sdhciPio,
  usdhi6rol0,
  moduleDecompressGzip,
  moduleDecompressXz,
  moduleDecompressZstd,
  cephPagelist,
  firewireNet,
  nvmetTcp,
  libiscsiTcp,
  mvsasSmp,
  iscsiTarget,
  targetKmapDataSg,
  targetZeroFirstSg,
  kvmVcpuMap,
];
