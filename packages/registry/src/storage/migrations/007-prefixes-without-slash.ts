/** A prefix with a slash at its end is the one without. Where older data has both, the one without stays. */
export const PREFIXES_WITHOUT_SLASH = `
UPDATE OR IGNORE registryDocuments SET name = substr(name, 1, length(name) - 1) WHERE name LIKE '%/';
DELETE FROM registryDocuments WHERE name LIKE '%/';
`;
