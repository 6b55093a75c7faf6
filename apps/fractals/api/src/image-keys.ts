/** The keys under which the pictures of a fractal are stored. */
export const pictureKey = (uuid: string) => uuid;
export const thumbnailKey = (uuid: string) => `${uuid}.thumb`;
export const imageKeysOf = (uuid: string) => [pictureKey(uuid), thumbnailKey(uuid)];
