import { iomemBounce } from 'scatterlist/backends/iomem-bounce';
import { conformance } from 'scatterlist/conformance';

conformance({ describe, it }, { backend: (context) => iomemBounce(context) });
