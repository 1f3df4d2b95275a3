import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { MANIFEST, PACKAGE_FOLDER } from '../../lib/cli/package-root.ts';

describe('the folder of the package', () => {
  it('is the one whose package.json has the name and the version', () => {
    expect(PACKAGE_FOLDER).to.equal(join(import.meta.dirname, '..', '..'));
    const manifest: unknown = JSON.parse(readFileSync(join(PACKAGE_FOLDER, 'package.json'), 'utf8'));
    expect(MANIFEST).to.deep.equal(manifest);
    expect(MANIFEST.name).to.equal('scatterlist');
    expect(MANIFEST.version).to.match(/^\d+\.\d+\.\d+$/);
  });
});
