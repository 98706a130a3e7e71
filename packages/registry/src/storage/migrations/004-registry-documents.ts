/** What a registry has set as JSON, by kind; `name` is the prefix of what there are several of, else empty. */
export const REGISTRY_DOCUMENTS = `
CREATE TABLE registryDocuments (
  account TEXT NOT NULL, region TEXT NOT NULL, kind TEXT NOT NULL, name TEXT NOT NULL, value TEXT NOT NULL,
  PRIMARY KEY (account, region, kind, name)
) STRICT, WITHOUT ROWID;
`;
