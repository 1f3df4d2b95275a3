export { fixed as default } from '../sdhci-merged-entries.ts';
