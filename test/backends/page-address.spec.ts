import { pageAddress } from 'scatterlist/backends/page-address';
import { conformance } from 'scatterlist/conformance';

conformance({ describe, it }, { backend: (context) => pageAddress(context) });
