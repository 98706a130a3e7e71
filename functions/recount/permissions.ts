export { recountingPermissions as permissions } from "../configuration/recounting.permissions.ts";
