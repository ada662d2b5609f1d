// The version that INFO, HELLO and --version answer with. It stands here because a JSON import is
// not the same in every Node that the package runs on; a test holds it equal to package.json's.

export const version = "0.1.0";
