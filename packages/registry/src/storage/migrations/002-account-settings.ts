/** What PutAccountSetting stores, per account and Region; a setting without a row has ECR's default. */
export const ACCOUNT_SETTINGS = `
CREATE TABLE accountSettings (
  account TEXT NOT NULL, region TEXT NOT NULL, name TEXT NOT NULL, value TEXT NOT NULL,
  PRIMARY KEY (account, region, name)
) STRICT, WITHOUT ROWID;
`;
