// Prints docs/rules.md from the rules' own data: node --conditions=source --import tsx tools/rules-doc.js
import { rulesDocument } from '../lib/explore/rules/document.ts';

process.stdout.write(rulesDocument());
