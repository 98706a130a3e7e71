/**
 * Repositories, images, replication and lifecycle policies.
 *
 * `sequence` of a replication job orders the work: a tag that moved A -> B -> A must arrive as A, so a job that is
 * asked for again goes behind the others.
 */
export const IMAGES = `
CREATE TABLE IF NOT EXISTS repositories (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  account TEXT NOT NULL, region TEXT NOT NULL, name TEXT NOT NULL,
  createdAt INTEGER NOT NULL,
  settings TEXT NOT NULL,
  policy TEXT,
  UNIQUE (account, region, name)
) STRICT;

CREATE TABLE IF NOT EXISTS images (
  repositoryId INTEGER NOT NULL REFERENCES repositories (id) ON DELETE CASCADE,
  digest TEXT NOT NULL,
  manifest BLOB NOT NULL,
  mediaType TEXT NOT NULL,
  artifactMediaType TEXT, artifactType TEXT, annotations TEXT,
  size INTEGER NOT NULL,
  subject TEXT,
  status TEXT NOT NULL CHECK (status IN ('ACTIVE', 'ARCHIVED', 'ACTIVATING')),
  pushedAt INTEGER NOT NULL,
  lastPulledAt INTEGER, lastArchivedAt INTEGER, lastActivatedAt INTEGER,
  PRIMARY KEY (repositoryId, digest)
) STRICT;
CREATE INDEX IF NOT EXISTS imagesBySubject ON images (repositoryId, subject) WHERE subject IS NOT NULL;

CREATE TABLE IF NOT EXISTS tags (
  repositoryId INTEGER NOT NULL, tag TEXT NOT NULL, digest TEXT NOT NULL,
  PRIMARY KEY (repositoryId, tag),
  FOREIGN KEY (repositoryId, digest) REFERENCES images (repositoryId, digest) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS tagsByDigest ON tags (repositoryId, digest, tag);

CREATE TABLE IF NOT EXISTS children (
  repositoryId INTEGER NOT NULL, parent TEXT NOT NULL, child TEXT NOT NULL,
  PRIMARY KEY (repositoryId, parent, child),
  FOREIGN KEY (repositoryId, parent) REFERENCES images (repositoryId, digest) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS childrenByChild ON children (repositoryId, child);

CREATE TABLE IF NOT EXISTS layers (
  repositoryId INTEGER NOT NULL REFERENCES repositories (id) ON DELETE CASCADE,
  digest TEXT NOT NULL, size INTEGER NOT NULL, uploadedAt INTEGER NOT NULL,
  PRIMARY KEY (repositoryId, digest)
) STRICT, WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS imageLayers (
  repositoryId INTEGER NOT NULL, imageDigest TEXT NOT NULL, layerDigest TEXT NOT NULL,
  PRIMARY KEY (repositoryId, imageDigest, layerDigest),
  FOREIGN KEY (repositoryId, imageDigest) REFERENCES images (repositoryId, digest) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS imageLayersByLayer ON imageLayers (repositoryId, layerDigest);

CREATE TABLE IF NOT EXISTS registries (
  account TEXT NOT NULL, region TEXT NOT NULL,
  policy TEXT, replication TEXT,
  PRIMARY KEY (account, region)
) STRICT, WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS pullTimeExclusions (
  account TEXT NOT NULL, region TEXT NOT NULL, principal TEXT NOT NULL, createdAt INTEGER NOT NULL,
  PRIMARY KEY (account, region, principal)
) STRICT, WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS replicationJobs (
  sequence INTEGER PRIMARY KEY AUTOINCREMENT,
  repositoryId INTEGER NOT NULL, digest TEXT NOT NULL, tag TEXT NOT NULL,
  account TEXT NOT NULL, region TEXT NOT NULL,
  status TEXT NOT NULL CHECK (status IN ('IN_PROGRESS', 'COMPLETE', 'FAILED')),
  failureCode TEXT,
  UNIQUE (repositoryId, digest, tag, account, region),
  FOREIGN KEY (repositoryId, digest) REFERENCES images (repositoryId, digest) ON DELETE CASCADE
) STRICT;
CREATE INDEX IF NOT EXISTS openReplicationJobs ON replicationJobs (sequence) WHERE status = 'IN_PROGRESS';

CREATE TABLE IF NOT EXISTS lifecyclePolicies (
  repositoryId INTEGER PRIMARY KEY REFERENCES repositories (id) ON DELETE CASCADE,
  id TEXT NOT NULL, version INTEGER NOT NULL, text TEXT NOT NULL,
  setAt INTEGER NOT NULL, evaluatedAt INTEGER
) STRICT;

CREATE TABLE IF NOT EXISTS lifecyclePreviews (
  repositoryId INTEGER PRIMARY KEY REFERENCES repositories (id) ON DELETE CASCADE,
  text TEXT NOT NULL, startedAt INTEGER NOT NULL,
  expiring INTEGER NOT NULL, transitioning INTEGER NOT NULL
) STRICT;

CREATE TABLE IF NOT EXISTS lifecyclePreviewResults (
  repositoryId INTEGER NOT NULL REFERENCES lifecyclePreviews (repositoryId) ON DELETE CASCADE,
  digest TEXT NOT NULL, tags TEXT NOT NULL, pushedAt INTEGER NOT NULL,
  action TEXT NOT NULL CHECK (action IN ('expire', 'transition')), rulePriority INTEGER NOT NULL,
  storageClass TEXT NOT NULL CHECK (storageClass IN ('STANDARD', 'ARCHIVE')),
  PRIMARY KEY (repositoryId, digest)
) STRICT, WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS secrets (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
`;
