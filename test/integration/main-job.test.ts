import { Embedded } from "../support/embedded.ts";
import { mainJob } from "../support/main-job.ts";

mainJob(() => Embedded.start());
