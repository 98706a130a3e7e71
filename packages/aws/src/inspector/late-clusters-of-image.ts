import type { ClustersOfImage } from "@tallyman/domain/usage/clusters-of-image";
import type { StsLocation } from "../sts/assume-role.ts";
import type { RoleToAssume } from "../sts/role-credentials.ts";

/** Inspector, whose client is loaded when an image that it saw is asked for: few are. */
export function lateClustersOfImage(sts: StsLocation, role: RoleToAssume): ClustersOfImage {
  let opened: Promise<ClustersOfImage> | undefined;
  return async (image) => {
    opened ??= import("./open-clusters-of-image.ts").then((it) => it.openClustersOfImage(sts, role));
    return (await opened)(image);
  };
}
