// All commands of the bitmap group.
import type { CommandDeclaration } from "../../engine/command.ts";
import { bitcount, bitpos } from "./bitcount.ts";
import { bitfield, bitfieldRo } from "./bitfield.ts";
import { bitop } from "./bitop.ts";
import { getbit, setbit } from "./setbit.ts";

export const bitmapCommands: readonly CommandDeclaration[] = [
  bitcount,
  bitfield,
  bitfieldRo,
  bitop,
  bitpos,
  getbit,
  setbit,
];
