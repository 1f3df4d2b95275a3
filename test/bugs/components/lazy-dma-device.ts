import { DmaDevice } from 'scatterlist/machine';
import type { DmaMapping } from 'scatterlist/machine';

/** A device whose bounce buffers are left as they are where the device is expected to overwrite them. */
export class LazyDmaDevice extends DmaDevice {
  protected override initialise(mapping: DmaMapping): void {
    if (mapping.direction !== 'fromDevice') super.initialise(mapping);
  }
}
