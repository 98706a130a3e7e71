/** How many images a repository has: counting 100,000 rows at every push would take longer than the push. */
export const IMAGE_COUNTS = `
ALTER TABLE repositories ADD COLUMN imageCount INTEGER NOT NULL DEFAULT 0;
UPDATE repositories SET imageCount = (SELECT count(*) FROM images WHERE repositoryId = repositories.id);
CREATE TRIGGER imageCounted AFTER INSERT ON images BEGIN
  UPDATE repositories SET imageCount = imageCount + 1 WHERE id = NEW.repositoryId;
END;
CREATE TRIGGER imageDiscounted AFTER DELETE ON images BEGIN
  UPDATE repositories SET imageCount = imageCount - 1 WHERE id = OLD.repositoryId;
END;
`;
