// The version of Redis whose behaviour is followed. Clients and tools decide by it which commands
// and options they may use, so INFO, HELLO and configuration errors show it beside the project's
// own version.

export const redisVersion = "7.4.0";
