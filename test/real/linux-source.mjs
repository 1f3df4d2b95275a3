/** The sources of Linux 6.1, from Debian's package. Nothing of them is in this repository. */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';

const ARCHIVE = '/usr/src/linux-source-6.1.tar.xz';
/** The folder that the archive has. */
export const TREE = 'linux-source-6.1';

/** Unpacks what some arguments of tar choose into a folder; returns why it cannot be done, if it cannot. */
export function unpackLinux(folder, ...chosen) {
  for (const tool of ['tar', 'xz'])
    if (spawnSync('sh', ['-c', `command -v ${tool}`]).status !== 0)
      return `${tool} not found (Debian; apt-get install tar xz-utils)`;
  if (!existsSync(ARCHIVE)) return `${ARCHIVE} not found (Debian 12; apt-get install linux-source-6.1)`;
  const done = spawnSync('tar', ['-xJf', ARCHIVE, '-C', folder, ...chosen], { encoding: 'utf8' });
  return done.status === 0
    ? undefined
    : `${ARCHIVE} cannot be unpacked: ${done.stderr.trim().split('\n')[0]}`;
}
