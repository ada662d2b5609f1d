// What a server that is not a node of a cluster says to commands that are about one.
import { Failure } from "../../keyspace/failure.ts";

export const noCluster = new Failure("ERR This instance has cluster support disabled");
