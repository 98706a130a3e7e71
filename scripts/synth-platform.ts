// Unpacks SST's components to .sst where they are missing, for `npm run check:stacks`. Does nothing when they are there.
import { ensurePlatform } from "../test/infra/synth/platform.ts";
import { ROOT } from "../test/infra/synth/synthesize.ts";

ensurePlatform(ROOT);
