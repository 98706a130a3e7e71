import { putDocument } from "../storage/registry-documents.ts";
import { operation } from "./operation.ts";
import { requireFrequencies, ScanningInput } from "./registry-scanning.ts";

/** Replaces the whole configuration. Nothing scans here: it says what BatchGetRepositoryScanningConfiguration answers. */
export const putRegistryScanningConfigurationOperation = operation(
  "PutRegistryScanningConfiguration",
  ScanningInput,
  ({ caller, core, registry, permits, input }) => {
    permits.onRegistry({ caller, action: "ecr:PutRegistryScanningConfiguration" }, registry);
    requireFrequencies(input);
    core.change(({ sql }) => putDocument(sql, registry, { kind: "scanning", value: input }));
    return { registryScanningConfiguration: input };
  },
);
