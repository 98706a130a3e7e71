/** Since when an image is being restored from the archive; without it, data of the first version has no such image. */
export const ACTIVATION = `
ALTER TABLE images ADD COLUMN activatingSince INTEGER;
CREATE INDEX imagesActivating ON images (activatingSince) WHERE status = 'ACTIVATING';
`;
