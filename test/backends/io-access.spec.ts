import { ioAccess } from 'scatterlist/backends/io-access';
import { conformance } from 'scatterlist/conformance';

conformance({ describe, it }, { backend: (context) => ioAccess(context) });
